#!/usr/bin/env node
// Stands where VS Code's desktop executable would: takes its flags, runs the tests in the served VS Code, exits with their code.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { format, parseArgs } from 'node:util';
import { openChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/served-vscode.mjs';

/** In front of what mocha prints, so that it can be told from what the workbench prints. */
const MARK = 'mocha> ';
const LONGEST_MS = 20 * 60_000;

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: { extensionDevelopmentPath: { type: 'string', multiple: true }, extensionTestsPath: { type: 'string' } },
});
const { extensionDevelopmentPath: extensions, extensionTestsPath: tests } = values;
if (!Array.isArray(extensions) || typeof tests !== 'string') {
  console.error('usage: launcher.mjs [WORKSPACE] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE');
  process.exit(2);
}

const [extension, ...others] = extensions.map(String);
const home = await mkdtemp(join(tmpdir(), 'vscode-host-'));
try {
  process.exitCode = await runTests();
} finally {
  await rm(home, { recursive: true, force: true });
}

async function runTests() {
  // The page takes one extension from its address; others are there as if they had been installed.
  for (const other of others) {
    await cp(other, join(home, 'extensions', basename(other)), { recursive: true });
  }
  const server = await serve({
    data: join(home, 'data'),
    extensions: join(home, 'extensions'),
    inTest: true,
    env: { PATS_TEST_MARK: MARK },
  });
  const browser = await openChromium();
  const listener = listenToTests();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    /** @type {Promise<number | string>} */
    const ended = new Promise((end) => {
      page.once('crash', () => end('The page crashed.'));
      server.child.once('exit', () => end('The server ended.'));
      setTimeout(() => end(`The tests took longer than ${LONGEST_MS / 60_000} minutes.`), LONGEST_MS).unref();
      void page.exposeFunction('codeAutomationExit', end);
    });
    await page.exposeFunction('codeAutomationLog', listener.hear);
    await page.goto(address(server.port));
    const code = await ended;
    if (code !== 0) {
      listener.explain(code);
    }
    return code === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Prints what mocha says; what the workbench says matters only when mocha never came to speak. */
function listenToTests() {
  /** @type {string[]} */
  let rest = [];
  let hasSpoken = false;
  return {
    /**
     * @param {string} _kind
     * @param {unknown[]} args
     */
    hear(_kind, args) {
      const text = format(...args);
      if (text.startsWith(MARK)) {
        hasSpoken = true;
        console.log(text.slice(MARK.length));
      } else {
        rest = [...rest.slice(-100), text];
      }
    },
    /** @param {number | string} code */
    explain(code) {
      if (!hasSpoken) {
        console.error(rest.join('\n'));
      }
      console.error(typeof code === 'string' ? code : `The extension host's tests ended with exit code ${code}.`);
    },
  };
}

/** @param {number} port */
function address(port) {
  const authority = `localhost:${port}`;
  const remote = (/** @type {unknown} */ path) => `vscode-remote://${authority}${encodeURI(resolve(String(path)))}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(tests)],
    ['skipWelcome', 'true'],
  ];
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  if (positionals[0] !== undefined) {
    query.set('folder', resolve(positionals[0]));
  }
  return `http://${authority}/?${query}`;
}
