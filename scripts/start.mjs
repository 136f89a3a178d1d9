// Opens the extension as a user has it: packed, installed into a VS Code, on a working copy of the example.
// usage: node scripts/start.mjs [--port PORT] [--served]   the desktop VS Code if there is one, otherwise (or with --served) the served one
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension } from './package.mjs';
import { cache, root } from './paths.mjs';
import { must } from './processes.mjs';
import { installServedVscode, installVsix, outsideEnvironment, serve } from './served-vscode.mjs';
import { ensureSystemPackages, onPath } from './system-packages.mjs';

const { values } = parseArgs({ options: { port: { type: 'string' }, served: { type: 'boolean', default: false } } });
const port = values.port === undefined ? undefined : Number(values.port);
if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
  console.error(`${values.port} is no port. Give a number from 1 to 65535.`);
  process.exit(2);
}

try {
  const code = values.served || port !== undefined ? undefined : desktopCode();
  await (code === undefined ? startServed() : startDesktop(code));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** The desktop VS Code's command, where it can show a window. */
function desktopCode() {
  const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  return hasDisplay ? onPath('code') : undefined;
}

/** @param {string} code */
async function startDesktop(code) {
  const vsix = await packed();
  const folder = await workingCopy();
  const options = { env: outsideEnvironment(), shell: process.platform === 'win32' };
  await must(code, ['--install-extension', vsix, '--force'], options);
  await must(code, ['--new-window', folder], options);
  console.log(`PATS Backup is open in VS Code on ${folder}`);
}

async function startServed() {
  await ensureSystemPackages('start');
  await installServedVscode();
  const vsix = await packed();
  const folder = await workingCopy();
  const folders = { data: join(cache, 'start/data'), extensions: join(cache, 'start/extensions') };
  await installVsix({ vsix, ...folders });
  const server = await serve({ ...folders, ...(port === undefined ? {} : { port }) });
  console.log('Ctrl-C ends it.');
  console.log(`PATS Backup is open at http://127.0.0.1:${server.port}/?${new URLSearchParams({ folder })}`);
  await new Promise((resolve) => {
    server.child.once('exit', resolve);
  });
  throw new Error('The served VS Code has ended.');
}

async function packed() {
  console.log('Building and packing the extension ...');
  return packageExtension();
}

/** The copy of the last time is kept, with the backups in it. */
async function workingCopy() {
  const folder = join(cache, 'pats');
  if (!existsSync(join(folder, 'backend'))) {
    await mkdir(cache, { recursive: true });
    await must(process.execPath, [join(root, 'examples/pats/build.mjs'), folder]);
  }
  return folder;
}
