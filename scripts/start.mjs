// Builds the extension and opens it in a VS Code on a working copy of the example.
// usage: node scripts/start.mjs [--port PORT]
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension } from './package.mjs';
import { cache, root } from './paths.mjs';
import { must } from './processes.mjs';
import { installServedVscode, installVsix, serve } from './served-vscode.mjs';
import { ensureSystemPackages, onPath } from './system-packages.mjs';

const PORT = 8390;

const { values } = parseArgs({ options: { port: { type: 'string', default: String(PORT) } } });

const project = join(cache, 'pats');
console.log('Building ...');
const [vsix = ''] = await packageExtension();
if (!existsSync(project)) {
  await mkdir(cache, { recursive: true });
  await must(process.execPath, [join(root, 'examples/pats/build.mjs'), project]);
}
const desktop = onPath('code');
if (desktop === undefined) {
  await openServed();
} else {
  await openDesktop(desktop);
}

/** @param {string} code */
async function openDesktop(code) {
  const shell = process.platform === 'win32';
  await must(code, ['--install-extension', vsix, '--force'], { shell });
  await must(code, [project], { shell });
  console.log(`PATS Backup is open in VS Code on ${project}`);
}

async function openServed() {
  await ensureSystemPackages('start');
  await installServedVscode();
  // Kept, so that the next start finds the window as it was.
  const folders = { extensions: join(cache, 'start/extensions'), data: join(cache, 'start/data') };
  await installVsix({ vsix, ...folders });
  const server = await serve({ ...folders, port: Number(values.port) });
  console.log(`PATS Backup is open at http://127.0.0.1:${server.port}/?folder=${encodeURI(project)}`);
  console.log('Ctrl-C ends it.');
  server.child.once('exit', (code) => {
    console.error('VS Code ended.');
    process.exit(code ?? 1);
  });
}
