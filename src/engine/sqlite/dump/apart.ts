// Loads a dump in a process of its own: one statement of a stranger's dump can keep SQLite busy for hours, or take all memory,
// and only a process can be ended at any moment.
import { fork } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError, cancelled, type ErrorReport } from '../../errors';
import { throwIfCancelled, type OperationOptions, type Progress } from '../../operation';
import { here } from '../../platform/platform';
import { loadDump, type LoadedDump } from './load';
import { said } from '../../said';

/** What the other process is to load. */
export interface LoadTask {
  readonly dump: string;
  readonly target: string;
  /** Milliseconds of processor time after which the process ends itself; null: it has all the time there is. */
  readonly budget: number | null;
}

export type FromLoader = { readonly progress: Progress } | { readonly loaded: LoadedDump } | { readonly report: ErrorReport };

/** By this signal the process ends itself when its time is over. */
export const OVER_BUDGET: NodeJS.Signals = here.isWindows ? 'SIGKILL' : 'SIGALRM';

/** Beside the other programs; not there where the engine is bundled by itself. */
const PROGRAM = join(__dirname, 'dump-loader.js');

const MB = 1024 * 1024;
/** Ten times what ordinary dumps take. */
const FOR_A_SMALL_DUMP = 1200;
const FOR_EACH_MB_MORE = 2000;
/** Bytes that a byte of a small compressed dump may stand for. */
const PACKED = 20;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/**
 * As `loadDump`. A small dump, up to 1 MB, that takes far longer than its size explains is refused (DUMP_REFUSED); a large one
 * may have many indexes with every right. Cancelling ends the process at once.
 */
export async function loadDumpApart(dump: string, target: string, options: OperationOptions = {}): Promise<LoadedDump> {
  throwIfCancelled(options.signal);
  if (!existsSync(PROGRAM) || existsSync(target)) {
    return loadDump(dump, target, options);
  }
  try {
    return await loadedBy({ dump, target, budget: budgetFor(dump) }, options);
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) {
      rmSync(target + suffix, { force: true });
    }
    throw error;
  }
}

function budgetFor(dump: string): number | null {
  const { size } = statSync(dump);
  if (size > MB) {
    return null;
  }
  const bytes = size * (isPacked(dump) ? PACKED : 1);
  return FOR_A_SMALL_DUMP + Math.max(0, bytes / MB - 1) * FOR_EACH_MB_MORE;
}

function isPacked(dump: string): boolean {
  const handle = openSync(dump, 'r');
  try {
    const bytes = Buffer.alloc(4);
    readSync(handle, bytes, 0, bytes.length, 0);
    return bytes.subarray(0, 2).equals(GZIP) || bytes.equals(ZSTD);
  } finally {
    closeSync(handle);
  }
}

async function loadedBy(task: LoadTask, { signal, onProgress }: OperationOptions): Promise<LoadedDump> {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const child = fork(PROGRAM, [], { env, execArgv: ['--max-semi-space-size=4'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const end = (): void => {
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<LoadedDump>((resolve, reject) => {
      child.on('message', (message: FromLoader) => {
        if ('progress' in message) {
          onProgress?.(message.progress);
        } else if ('loaded' in message) {
          resolve(message.loaded);
        } else {
          const { code, message: text, remedy } = message.report;
          reject(new BackupError(code, text, remedy));
        }
      });
      child.once('error', reject);
      child.once('exit', (code, by) => {
        reject(signal?.aborted === true ? cancelled() : endedEarly(by ?? said`exit code ${code ?? 'unknown'}`));
      });
      child.send(task);
    });
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

function endedEarly(by: string): BackupError {
  return by === OVER_BUDGET
    ? new BackupError(
        'DUMP_REFUSED',
        'Loading the dump takes far longer than its size explains: it has very many tables or indexes, or expressions that are made to be slow. Nothing was changed.',
        'Restore only dumps that you trust. One of your own can be loaded with the sqlite3 shell into a new file, which then can be put in the place of the database.',
      )
    : new BackupError(
        'DUMP_INVALID',
        said`SQLite ended while it loaded the dump (${by}), perhaps because it needed too much memory. Nothing was changed.`,
        'Restore only dumps that you trust. Try again when there is more memory.',
      );
}
