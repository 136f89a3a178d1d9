// A lock between processes that the kernel releases when its holder dies: an exclusive transaction on a small database.
import Database from 'better-sqlite3';
import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, unlinkSync, type BigIntStats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { said } from '../said';

export interface Lock {
  release(): void;
}

/** A file that serves as a lock. */
export interface LockFile {
  readonly path: string;
  /** Makes it when it is missing; fails with EEXIST when it is not. */
  readonly make: (path: string) => void;
  /** It is removed when it is released. */
  readonly isTemporary: boolean;
}

const POLL = 100;

/** A lock file for this user alone, which stays. */
export function privateLockFile(path: string): LockFile {
  return {
    path,
    make: (file) => {
      closeSync(openSync(file, 'wx', 0o600));
    },
    isTemporary: false,
  };
}

/**
 * Takes the lock on `file` (made when missing), waiting at most `patience` milliseconds; null: somebody else has it.
 * Works over processes and over several holders in one (https://www.sqlite.org/lockingv3.html). A link in the file's place
 * is removed, garbage in it is no obstacle, and a file that was deleted or replaced meanwhile does not count as taken.
 */
export async function takeLock(file: LockFile, patience: number, signal?: AbortSignal): Promise<Lock | null> {
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
function attempt(file: LockFile): Lock | null {
  const { path, isTemporary } = file;
  const before = prepared(file);
  if (before === null) {
    return null;
  }
  let db: Database.Database;
  try {
    db = new Database(path, { fileMustExist: true, timeout: 0 });
  } catch (error) {
    // Its last holder has removed it in this very moment.
    if (identityOf(path) !== before) {
      return null;
    }
    throw error;
  }
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
      empty(path, before);
      return attempt(file);
    }
    throw error;
  }
  if (identityOf(path) !== before) {
    db.close();
    return null;
  }
  return {
    release: () => {
      // While it is still held: whoever waits for it finds that it is another file by then.
      if (isTemporary && identityOf(path) === before) {
        removeQuietly(path);
      }
      db.close();
    },
  };
}

/** Makes sure that there is an ordinary file of that one name, and returns which one; null: it has just gone. Never follows a link. */
function prepared({ path, make }: LockFile): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  const isAlias = stats?.isSymbolicLink() === true || (stats?.isFile() === true && stats.nlink > 1);
  if (isAlias) {
    unlinkSync(path);
  } else if (stats !== undefined && !stats.isFile()) {
    throw new BackupError('WRITE_FAILED', said`${path} is not a file, so that it cannot serve as a lock.`, 'Move it away, then try again.');
  }
  if (isAlias || stats === undefined) {
    try {
      make(path);
    } catch (error) {
      if (!isCode(error, /^EEXIST$/)) {
        throw error;
      }
    }
  }
  return identityOf(path);
}

/** Takes the content away, if it is still that very file and has no other name. */
function empty(path: string, identity: string): void {
  const handle = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(handle, { bigint: true });
    if (identityIn(stats) === identity && stats.nlink === 1n) {
      ftruncateSync(handle);
    }
  } finally {
    closeSync(handle);
  }
}

function identityOf(file: string): string | null {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : identityIn(stats);
}

function identityIn(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The next holder finds it and uses it.
  }
}

function isCode(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && pattern.test(error.code);
}
