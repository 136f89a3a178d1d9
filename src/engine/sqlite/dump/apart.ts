// Loads a dump in a process of its own: one statement of a stranger's dump can keep SQLite busy for hours, or take all memory,
// and only a process can be ended at any moment.
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError, cancelled, type ErrorReport } from '../../errors';
import { throwIfCancelled, type Progress } from '../../operation';
import { here } from '../../platform/platform';
import { loadDump, type LoadedDump, type LoadOptions } from './load';
import { said } from '../../said';

/** What the other process is to load. */
export interface LoadTask {
  readonly dump: string;
  readonly target: string;
  /** Milliseconds of processor time after which the process ends itself; null: it has all the time there is. */
  readonly budget: number | null;
  /** It is still being written, and the process hears how far (ToLoader). */
  readonly isGrowing?: boolean;
  readonly isForALook: boolean;
}

/** Bytes of a growing dump that are there, and whether that is all. */
export interface ToLoader {
  readonly length: number;
  readonly isWhole: boolean;
}

export type FromLoader =
  { readonly progress: Progress } | { readonly filled: true } | { readonly loaded: LoadedDump } | { readonly report: ErrorReport };

/** By this signal the process ends itself when its time is over. */
export const OVER_BUDGET: NodeJS.Signals = here.isWindows ? 'SIGKILL' : 'SIGALRM';

/** Beside the other programs; not there where the engine is bundled by itself. */
export const PROGRAM = join(__dirname, 'dump-loader.js');

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
export async function loadDumpApart(dump: string, target: string, options: LoadOptions = {}): Promise<LoadedDump> {
  throwIfCancelled(options.signal);
  if (!existsSync(PROGRAM) || existsSync(target)) {
    return loadDump(dump, target, options);
  }
  const loader = new Loader({ dump, target, budget: budgetFor(dump), isForALook: options.isForALook === true }, options);
  try {
    return await loader.loaded;
  } catch (error) {
    removeLoaded(target);
    throw error;
  } finally {
    loader.end();
  }
}

export function removeLoaded(target: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) {
    rmSync(target + suffix, { force: true });
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

/** The other process, at work on one task. Whoever started it ends it. */
export class Loader {
  /** What it loaded, with all checks made. Fails with what it reports, and with CANCELLED. */
  readonly loaded: Promise<LoadedDump>;
  /** Fulfilled when the process has ended, and with it has nothing open any more. */
  readonly gone: Promise<void>;
  private readonly child: ChildProcess;

  constructor(
    task: LoadTask,
    private readonly options: LoadOptions,
  ) {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    this.child = fork(PROGRAM, [], { env, execArgv: ['--max-semi-space-size=4'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    options.signal?.addEventListener('abort', this.end, { once: true });
    this.loaded = new Promise<LoadedDump>((resolve, reject) => {
      this.child.on('message', (message: FromLoader) => {
        this.hear(message, resolve, reject);
      });
      // More than once: a process that was not started also hears nothing.
      this.child.on('error', (error) => {
        reject(notStarted(error));
      });
      this.child.once('exit', (code, by) => {
        reject(options.signal?.aborted === true ? cancelled() : endedEarly(by ?? said`exit code ${code ?? 'unknown'}`));
      });
    });
    this.gone = new Promise((resolve) => {
      this.child.once('error', () => {
        resolve();
      });
      this.child.once('exit', () => {
        resolve();
      });
    });
    // What fails is told by whoever waits for it.
    this.loaded.catch(() => undefined);
    this.tell(task);
  }

  /** Of a growing dump. */
  reached(length: number, isWhole: boolean): void {
    this.tell({ length, isWhole });
  }

  /** A process that has ended, or never began, tells so itself. */
  private tell(message: LoadTask | ToLoader): void {
    if (this.child.connected) {
      this.child.send(message, () => undefined);
    }
  }

  readonly end = (): void => {
    this.options.signal?.removeEventListener('abort', this.end);
    this.child.kill('SIGKILL');
  };

  private hear(message: FromLoader, resolve: (loaded: LoadedDump) => void, reject: (error: unknown) => void): void {
    if ('progress' in message) {
      this.options.onProgress?.(message.progress);
    } else if ('filled' in message) {
      this.options.onFilled?.();
    } else if ('loaded' in message) {
      resolve(message.loaded);
    } else {
      const { code, message: text, remedy } = message.report;
      reject(new BackupError(code, text, remedy));
    }
  }
}

function notStarted(cause: Error): BackupError {
  return new BackupError(
    'READ_FAILED',
    said`No process can be started that reads the dump: ${cause.message}. Nothing was changed.`,
    'Close and open the window or the terminal, then try again: the program may have been updated meanwhile.',
    { cause },
  );
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
