// Reads a database that others may be using, and leaves it and every file beside it as they are.
import { basename, join } from 'node:path';
import { openDatabase, readDatabase, requireFile, type Connection } from './connection';
import { codeOf, explainSqlite } from './explain';
import { copyAsItIs, wayToRead } from './live-files';
import { makeScratch } from './scratch';

/** Milliseconds to wait for a lock: who only looks gives up soon. */
const PATIENCE = 1000;

const REFUSALS = ['SQLITE_CANTOPEN', 'SQLITE_READONLY'];

/**
 * Runs `use` in one read transaction on the live database; failures are BackupErrors. No journal is rolled back, no log
 * checkpointed, no side file made or removed; where a connection could not but do so, a temporary copy is read.
 */
export function visitDatabase<T>(file: string, use: (db: Connection) => T, patience = PATIENCE): T {
  try {
    requireFile(file);
    const way = wayToRead(file);
    if (way === 'copy') {
      return onCopy(file, use);
    }
    try {
      return inTransaction(openDatabase(file, { readonly: way === 'readonly', timeout: patience }), use);
    } catch (error) {
      if (isRefusal(error)) {
        return onCopy(file, use);
      }
      throw error;
    }
  } catch (error) {
    throw explainSqlite(error, file);
  }
}

function inTransaction<T>(db: Connection, use: (db: Connection) => T): T {
  try {
    db.exec('BEGIN');
    const result = use(db);
    db.exec('COMMIT');
    return result;
  } finally {
    db.close();
  }
}

/** Read-only folders and left-over journals: the copy has a folder in which SQLite may do as it likes. */
function onCopy<T>(file: string, use: (db: Connection) => T): T {
  const scratch = makeScratch();
  try {
    const copy = join(scratch.folder, basename(file));
    copyAsItIs(file, copy);
    return inTransaction(openDatabase(copy), use);
  } finally {
    scratch.remove();
  }
}

/** Whether a crashed application left a log or a journal from which SQLite would first put the database in order. */
export function isLeftBehind(file: string): boolean {
  try {
    const way = wayToRead(file);
    if (way === 'readonly') {
      readDatabase(file, (db) => db.prepare('SELECT count(*) FROM sqlite_schema').get());
    }
    return way === 'copy';
  } catch (error) {
    if (isRefusal(error)) {
      return true;
    }
    throw explainSqlite(error, file);
  }
}

/** Whether SQLite could not open the file where it lies, e.g. in a folder that may not be written, or with a hot journal. */
export function isRefusal(error: unknown): boolean {
  return REFUSALS.some((refused) => codeOf(error).startsWith(refused));
}
