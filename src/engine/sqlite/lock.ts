// A lock between processes that the kernel releases when its holder dies: an exclusive transaction on a small database.
import Database from 'better-sqlite3';
import { chmodSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfCancelled } from '../operation';

export interface Lock {
  release(): void;
}

const POLL = 100;

/**
 * Takes the lock on `file` (made when missing), waiting at most `patience` milliseconds; null: somebody else has it.
 * Works over processes and over several holders in one (https://www.sqlite.org/lockingv3.html).
 */
export async function takeLock(file: string, patience: number, signal?: AbortSignal): Promise<Lock | null> {
  const deadline = Date.now() + patience;
  const isNew = !existsSync(file);
  const db = new Database(file, { timeout: 0 });
  if (isNew && process.platform !== 'win32') {
    try {
      chmodSync(file, 0o600);
    } catch {
      // Some file systems keep no permissions; there is nothing in the file.
    }
  }
  for (;;) {
    try {
      throwIfCancelled(signal);
      // Nothing is ever written: a journal would only be left behind by a holder that dies.
      db.pragma('journal_mode = MEMORY');
      db.exec('BEGIN EXCLUSIVE');
      return {
        release: () => {
          db.close();
        },
      };
    } catch (error) {
      if (!isBusy(error) || Date.now() >= deadline) {
        db.close();
        if (isBusy(error)) {
          return null;
        }
        throw error;
      }
    }
    await sleep(POLL);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}
