#!/usr/bin/env node
// Stands where VS Code's desktop executable would: takes its flags, runs the tests in the served VS Code, exits with their code.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/served-vscode.mjs';

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
});
const { extensionDevelopmentPath: extension, extensionTestsPath: tests } = values;
if (typeof extension !== 'string' || typeof tests !== 'string') {
  console.error('usage: launcher.mjs [WORKSPACE] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE');
  process.exit(2);
}

const home = await mkdtemp(join(tmpdir(), 'vscode-host-'));
try {
  process.exitCode = await runTests();
} finally {
  await rm(home, { recursive: true, force: true });
}

async function runTests() {
  const server = await serve({ data: join(home, 'data'), extensions: join(home, 'extensions'), inTest: true });
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    /** @type {Promise<number>} */
    const ended = new Promise((finish) => {
      void page.exposeFunction('codeAutomationExit', finish);
      page.once('crash', () => finish(1));
      server.child.once('exit', () => finish(1));
    });
    await page.exposeFunction('codeAutomationLog', (/** @type {string} */ _kind, /** @type {unknown[]} */ args) => {
      console.log(...args);
    });
    await page.goto(address(server.port));
    return (await ended) === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await server.stop();
  }
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
