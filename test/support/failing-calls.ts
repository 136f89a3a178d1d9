// The command line with a fault below SQLite and Node: one system call fails, is cut short, or ends the process.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './cli-project';

export interface CallFault {
  readonly call: 'write' | 'sync' | 'rename' | 'remove' | 'any';
  /** Text that the path contains. */
  readonly path: string;
  /** Which call, counted from 1; 0: none, to count them. */
  readonly at: number;
  readonly mode: 'fail' | 'short' | 'kill';
  readonly code?: keyof typeof ERRNO;
  readonly stays?: boolean;
}

export interface FaultyRun {
  readonly code: number | null;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** How many calls of the kind were made; 0 after a kill. */
  readonly calls: number;
}

/** Without the launcher, which would start another process for the work. */
const MAIN = join(REPOSITORY, 'dist/cli-main.js');
const ERRNO = { EIO: 5, ENOMEM: 12, ENODEV: 19, EMFILE: 24, ENOSPC: 28, EROFS: 30, ESTALE: 116, EDQUOT: 122 } as const;
let library: string | undefined;

/** Compiles the preloaded library once for the process. */
function compiled(): string {
  if (library === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'pats-calls-'));
    library = join(folder, 'failing-calls.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(REPOSITORY, 'test/support/failing-calls.c'), '-ldl']);
    process.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
    });
  }
  return library;
}

/** Runs one verb of the command line on a project, with the fault. */
export function runWithFault(root: string, args: readonly string[], fault: CallFault): FaultyRun {
  const counted = join(mkdtempSync(join(tmpdir(), 'pats-counted-')), 'calls');
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATS_BACKUP_LOG: '',
      LD_PRELOAD: compiled(),
      FAULT_CALL: fault.call,
      FAULT_PATH: fault.path,
      FAULT_AT: String(fault.at),
      FAULT_MODE: fault.mode,
      FAULT_ERRNO: String(ERRNO[fault.code ?? 'EIO']),
      FAULT_STAYS: fault.stays === true ? '1' : '',
      FAULT_COUNTED: counted,
    },
  });
  // Programs that the work starts (git) count too: the process that did the work made the most calls.
  const calls = existsSync(counted) ? Math.max(...readFileSync(counted, 'utf8').trim().split('\n').map(Number)) : 0;
  rmSync(join(counted, '..'), { recursive: true, force: true });
  return { code: status, killed: signal === 'SIGKILL', stdout, stderr, calls };
}
