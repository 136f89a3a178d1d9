// A lock between processes that the kernel releases when its holder dies: an exclusive transaction on a small database.
import Database from 'better-sqlite3';
import { closeSync, lstatSync, openSync, truncateSync, unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';

export interface Lock {
  release(): void;
}

const POLL = 100;

/**
 * Takes the lock on `file` (made when missing), waiting at most `patience` milliseconds; null: somebody else has it.
 * Works over processes and over several holders in one (https://www.sqlite.org/lockingv3.html). A link in the file's place
 * is removed, garbage in it is no obstacle, and a file that was deleted or replaced meanwhile does not count as taken.
 */
export async function takeLock(file: string, patience: number, signal?: AbortSignal): Promise<Lock | null> {
  const deadline = Date.now() + patience;
  for (;;) {
    throwIfCancelled(signal);
    const lock = attempt(file);
    if (lock !== null) {
      return lock;
    }
    if (Date.now() >= deadline) {
      return null;
    }
    await sleep(POLL);
  }
}

/** null: it is held, or was replaced while it was being taken. */
function attempt(file: string): Lock | null {
  const before = prepared(file);
  const db = new Database(file, { fileMustExist: true, timeout: 0 });
  try {
    // Nothing is ever written: a journal would only be left behind by a holder that dies.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isCode(error, /^SQLITE_(BUSY|LOCKED)/)) {
      return null;
    }
    if (isCode(error, /^SQLITE_(NOTADB|CORRUPT)/)) {
      // SQLite has had the file for itself to find that out: nobody holds it. Its content means nothing.
      truncateSync(file);
      return attempt(file);
    }
    throw error;
  }
  if (identityOf(file) !== before) {
    db.close();
    return null;
  }
  return {
    release: () => {
      db.close();
    },
  };
}

/** Makes sure that there is an ordinary file, and returns which one. Never follows a link. */
function prepared(file: string): string {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true) {
    unlinkSync(file);
  } else if (stats !== undefined && !stats.isFile()) {
    throw new BackupError('WRITE_FAILED', `${file} is not a file, so that it cannot serve as a lock.`, 'Move it away, then try again.');
  }
  if (stats?.isFile() !== true) {
    try {
      closeSync(openSync(file, 'wx', 0o600));
    } catch (error) {
      if (!isCode(error, /^EEXIST$/)) {
        throw error;
      }
    }
  }
  return identityOf(file);
}

function identityOf(file: string): string {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

function isCode(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && pattern.test(error.code);
}
