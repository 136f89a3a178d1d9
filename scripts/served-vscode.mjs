// The served VS Code: the real workbench and extension host out of the npm package code-server, where no desktop build is.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cache } from './paths.mjs';
import { must, startBeside, stop } from './processes.mjs';

const VERSION = '4.139.1';
const NATIVE = ['node-pty', '@vscode/spdlog', '@vscode/native-watchdog', '@parcel/watcher'];
const START_MS = 60_000;

/** Where the served VS Code is, or will be. */
export const servedVscode = join(cache, `code-server-${VERSION}`);

/** @param {string} folder */
const serverMain = (folder) => join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js');

/** Installs the served VS Code once; an install that was interrupted leaves nothing that counts. */
export async function installServedVscode(folder = servedVscode) {
  if (existsSync(serverMain(folder))) {
    return folder;
  }
  console.log('Installing the served VS Code, about a minute ...');
  await mkdir(dirname(folder), { recursive: true });
  const stage = await mkdtemp(`${folder}.tmp-`);
  try {
    await installInto(stage);
    await rename(stage, folder);
  } catch (error) {
    // Somebody else may have been faster.
    if (!existsSync(serverMain(folder))) {
      throw error;
    }
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return folder;
}

/** @param {string} stage */
async function installInto(stage) {
  await writeFile(join(stage, 'package.json'), JSON.stringify({ private: true }));
  // node-gyp needs the headers of the Node that runs it: this package has them.
  const headers = `node-${process.platform}-${process.arch}`;
  const [major] = process.versions.node.split('.');
  await npm(stage, ['install', '--ignore-scripts', `code-server@${VERSION}`, `${headers}@${major}`]);
  const vscode = join(stage, 'node_modules/code-server/lib/vscode');
  await npm(vscode, ['install', '--omit=dev', '--ignore-scripts']);
  await npm(vscode, ['rebuild', ...NATIVE], { npm_config_nodedir: join(stage, 'node_modules', headers) });
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [more]
 */
async function npm(folder, args, more = {}) {
  await must('npm', [...args, '--prefix', folder, '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...outsideEnvironment(), ...more },
    shell: process.platform === 'win32',
  });
}

/** The environment without what npm tells its scripts about this package. */
export function outsideEnvironment() {
  const isInside = (/** @type {string} */ name) => /^npm_(package_|lifecycle_|config_local_prefix|command|execpath)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isInside(name) && name !== 'NODE_OPTIONS'));
}

/**
 * @typedef {object} ServerOptions
 * @property {string} extensions folder of installed extensions
 * @property {string} data folder of settings and state
 * @property {number} [port] a free one by default
 * @property {boolean} [inTest] the page obeys extensionTestsPath
 * @property {boolean} [trusted] every folder is trusted without a question
 * @property {NodeJS.ProcessEnv} [env]
 * @property {readonly string[]} [prefix] a command that runs it
 */

/**
 * Starts the server and waits until it answers.
 * @param {ServerOptions} options
 */
export async function serve({ extensions, data, port, inTest = false, trusted = true, env = {}, prefix = [] }) {
  const at = port ?? (await freePort());
  const [command = process.execPath, ...before] = [...prefix, process.execPath];
  const child = startBeside(
    command,
    [
      ...before,
      serverMain(servedVscode),
      ...['--accept-server-license-terms', '--without-connection-token', '--telemetry-level', 'off'],
      ...['--host', '127.0.0.1', '--port', String(at), '--server-data-dir', data, '--extensions-dir', extensions],
      ...(inTest ? ['--enable-smoke-test-driver'] : []),
      ...(trusted ? ['--disable-workspace-trust'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...outsideEnvironment(), ...env } },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      printed = (printed + text).slice(-4000);
    });
  }
  const deadline = Date.now() + START_MS;
  while (!(await answers(at))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child);
      throw new Error(`The served VS Code did not start:\n${printed}`);
    }
    await sleep(100);
  }
  return { port: at, child, stop: () => stop(child) };
}

/** @param {number} port */
async function answers(port) {
  return fetch(`http://127.0.0.1:${port}/version`).then(
    (response) => response.ok,
    () => false,
  );
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

/**
 * Installs a VSIX into a folder of extensions.
 * @param {{ vsix: string, extensions: string, data: string }} options
 */
export async function installVsix({ vsix, extensions, data }) {
  const folders = ['--extensions-dir', extensions, '--server-data-dir', data];
  await must(
    process.execPath,
    [serverMain(servedVscode), '--accept-server-license-terms', ...folders, '--install-extension', vsix, '--force'],
    {
      env: outsideEnvironment(),
    },
  );
}
