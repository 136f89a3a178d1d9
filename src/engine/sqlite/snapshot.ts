// The consistent snapshot: a copy of a live database that holds exactly one committed state of it.
import { once } from 'node:events';
import { chmodSync, createWriteStream, statSync } from 'node:fs';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { openDatabase, requireFile, type Connection } from './connection';
import { explainSqlite } from './explain';
import { numberOf, readFacts, type SnapshotFacts } from './facts';
import { leaveWalAtRest } from './header';
import { copyHeld, type Held } from './held-copy';
import { copyAsItIs, copyWhileLocked, removeCopy, wayToRead, type WayToRead } from './live-files';
import { isRefusal } from './visit';

export { numberOf, readFacts, type SnapshotFacts };

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** For the fast way, where the caller knows that locks hold between programs; see held-copy. */
  readonly held?: Omit<Held, 'signal'> | undefined;
  /** The caller keeps everybody from committing through another connection, and perhaps from reading, too. */
  readonly isLocked?: boolean | undefined;
}

const PAGES_PER_STEP = 1000;

/**
 * Copies the live database `source` to the new file `target`, whatever else reads or writes it meanwhile, and leaves the
 * live files as they are. The read transaction is pinned on the connection that copies: the copy never has to start again,
 * and a locked source fails with DATABASE_LOCKED instead of an empty success (https://www.sqlite.org/backup.html).
 */
export async function takeSnapshot(source: string, target: string, options: SnapshotOptions = {}): Promise<SnapshotFacts> {
  try {
    requireFile(source);
    if (options.isLocked === true) {
      return recoverCopy(source, target, copyWhileLocked);
    }
    const way = wayToRead(source);
    if (way === 'copy') {
      return recoverCopy(source, target);
    }
    const held = options.held === undefined ? null : await copyHeld(source, target, way, { ...options.held, signal: options.signal });
    if (held !== null) {
      leaveWalAtRest(target);
      options.onBytes?.(held.pageCount * held.pageSize, held.pageCount * held.pageSize);
      return held;
    }
    try {
      return await takeLiveSnapshot(source, target, way, options);
    } catch (error) {
      if (isRefusal(error)) {
        return recoverCopy(source, target);
      }
      throw error;
    }
  } catch (error) {
    throw explainSqlite(error, source);
  }
}

/**
 * The files as they are, and what SQLite makes of the copy: the application has crashed and left a journal or a log, or
 * this user may not write where they lie, e.g. in the folder of a container.
 */
function recoverCopy(source: string, target: string, copyFiles = copyAsItIs): SnapshotFacts {
  copyFiles(source, target);
  try {
    chmodSync(target, 0o600);
  } catch {
    // Some file systems keep no permissions.
  }
  try {
    const copy = openDatabase(target);
    try {
      // Who needs it on the disk brings it there; here everything would wait for it.
      copy.pragma('synchronous = OFF');
      copy.prepare('SELECT count(*) FROM sqlite_schema').get();
      const facts = readFacts(copy);
      copy.pragma('journal_mode = DELETE');
      return facts;
    } finally {
      copy.close();
    }
  } catch (error) {
    removeCopy(target);
    throw error;
  }
}

async function takeLiveSnapshot(source: string, target: string, way: WayToRead, options: SnapshotOptions): Promise<SnapshotFacts> {
  const db = openDatabase(source, { readonly: way === 'readonly' });
  try {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    const facts = readFacts(db);
    if (facts.pageCount === 0) {
      await writeEmptyFile(target);
    } else {
      await copyPages(db, target, facts, options);
    }
    db.exec('COMMIT');
    return facts;
  } finally {
    db.close();
  }
}

async function copyPages(db: Connection, target: string, facts: SnapshotFacts, options: SnapshotOptions): Promise<void> {
  const total = facts.pageCount * facts.pageSize;
  const result = await db.backup(target, {
    progress: ({ totalPages, remainingPages }) => {
      throwIfCancelled(options.signal);
      options.onBytes?.((totalPages - remainingPages) * facts.pageSize, total);
      return PAGES_PER_STEP;
    },
  });
  throwIfCancelled(options.signal);
  // The copy is reported as done even when it could not begin.
  if (result.totalPages !== facts.pageCount || statSync(target).size !== total) {
    throw new BackupError('DATABASE_LOCKED', 'SQLite could not copy the database.', 'Stop the program that holds it, and try again.');
  }
  withoutWal(target);
  options.onBytes?.(total, total);
}

/** Takes a copy out of WAL mode, so that opening it later leaves no side files beside it. */
export function withoutWal(file: string): void {
  const copy = openDatabase(file);
  try {
    copy.pragma('journal_mode = DELETE');
  } catch (error) {
    throw explainSqlite(error, file);
  } finally {
    copy.close();
  }
}

/** A database without a single page is a file of zero bytes, and still valid. */
async function writeEmptyFile(target: string): Promise<void> {
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  file.end();
  await once(file, 'close');
}
