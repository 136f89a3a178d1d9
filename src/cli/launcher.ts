// Starts the command line on a Node that is new enough: this one, the editor's own or the package's. Must run on Node 14.
import { spawn } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import { createRequire } from 'module';
import { constants } from 'os';
import { dirname, join } from 'path';
import { keepCompiledCode } from '../code-cache';
import { signalsToHandOn } from '../engine/platform/console';
import { here } from '../engine/platform/platform';

const OLDEST_NODE = 22;
/** Copying many files waits for the disk more than for the processor. */
process.env['UV_THREADPOOL_SIZE'] = process.env['UV_THREADPOOL_SIZE'] || '16';
const MAIN = join(__dirname, 'cli-main.js');

launch();

function launch(): void {
  const [only, more] = process.argv.slice(2);
  if ((only === '--version' || only === '-V') && more === undefined) {
    const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };
    process.stdout.write(`${version}\n`);
    return;
  }
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) {
    keepCompiledCode();
    createRequire(__filename)(MAIN);
    return;
  }
  const node = findNode();
  if (node === null) {
    fail(
      `pats-backup needs Node ${OLDEST_NODE} or later; this is Node ${process.versions.node}.`,
      'Install a newer Node, or name one in the environment variable PATS_BACKUP_NODE.',
    );
  } else {
    run(node);
  }
}

/** The Node that the environment names, or the one that npm installed beside this package. */
function findNode(): string | null {
  const named = process.env['PATS_BACKUP_NODE'];
  if (named) {
    return named;
  }
  try {
    const folder = dirname(createRequire(__filename).resolve('node/package.json'));
    const files = [join(folder, 'bin', 'node'), join(folder, 'bin', 'node.exe')];
    return files.filter((file) => existsSync(file))[0] ?? null;
  } catch {
    return null;
  }
}

/** The channel between the two tells the child when this process is gone, however it ended. */
function run(node: string): void {
  // The editor's executable is a Node only with this variable.
  const env = Object.assign({}, process.env, { ELECTRON_RUN_AS_NODE: '1' });
  if (here.isWindows) {
    // Ctrl-C is for the child, which ends in order; this process waits for it.
    process.on('SIGINT', () => undefined);
  }
  const child = spawn(node, [MAIN].concat(process.argv.slice(2)), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  signalsToHandOn(here).forEach((signal) => {
    process.on(signal, () => child.kill(signal));
  });
  child.on('error', (error) => {
    fail(`Node cannot be started from ${node}: ${error.message}.`, 'Check the environment variable PATS_BACKUP_NODE.');
  });
  child.on('exit', (code, signal) => {
    // SIGINT is how it ends itself, with an answer of its own.
    if (signal && signal !== 'SIGINT') {
      fail(
        `pats-backup was ended by ${signal}, without an answer.`,
        'Run "pats-backup recover": it finishes or takes back what was begun, and says which.',
      );
    }
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
    if (child.connected) {
      child.disconnect();
    }
  });
}

function fail(message: string, remedy: string): void {
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: 'ENGINE_STOPPED', message, remedy } }, null, 2)}\n`);
  } else {
    process.stderr.write(`${message}\n${remedy}\n`);
  }
  process.exitCode = 1;
}
