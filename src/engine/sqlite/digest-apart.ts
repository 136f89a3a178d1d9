// Hash and table digests of a file in a thread of its own, while SQLite checks it in this one and lets nobody else have a turn.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { tableRoots } from './digest';
import type { Roots, TableDigest } from './digest-rows';

/** What the other thread is to read. */
export interface ReadingTask extends Roots {
  readonly file: string;
}

/** What it answers, one after the other. */
export type FromReading = { readonly sha256: string } | { readonly tables: readonly TableDigest[] };

export interface ReadingApart {
  /** In hex. Fails with the system's own error, or when it is stopped. */
  readonly sha256: Promise<string>;
  /** As `digestTables`; none when it failed or was stopped: nothing depends on them. */
  readonly tables: Promise<readonly TableDigest[]>;
  /** Ends the thread, finished or not. */
  stop(): Promise<unknown>;
}

/** Beside the other programs; not there where the engine is bundled by itself. */
const PROGRAM = join(__dirname, 'table-digests.js');

/** Begins at once; null where this cannot be done. Never of a live database: it is opened and closed in this process. */
export function readApart(file: string, signal?: AbortSignal): ReadingApart | null {
  const roots = existsSync(PROGRAM) ? tableRoots(file) : null;
  if (roots === null) {
    return null;
  }
  const worker = new Worker(PROGRAM, { workerData: { file, ...roots } satisfies ReadingTask });
  const sha256 = new Promise<string>((resolve, reject) => {
    worker.on('message', (answer: FromReading) => {
      if ('sha256' in answer) {
        resolve(answer.sha256);
      }
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      reject(new Error('The thread that reads a copy ended before it had read it.'));
    });
  });
  // Whoever waits for it hears of it; nobody does where the caller failed before, and that would end the process.
  sha256.catch(() => undefined);
  const tables = new Promise<readonly TableDigest[]>((resolve) => {
    worker.on('message', (answer: FromReading) => {
      if ('tables' in answer) {
        resolve(answer.tables);
      }
    });
    worker.once('exit', () => {
      resolve([]);
    });
  });
  const stop = (): Promise<unknown> => worker.terminate();
  signal?.addEventListener('abort', () => void stop(), { once: true });
  return { sha256, tables, stop };
}
