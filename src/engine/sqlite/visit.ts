// Reads a database that others may be using, leaves no file beside it and copies it only where it cannot be opened.
import { constants, copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { explainSqlite, openDatabase, type Connection } from './connection';
import { makeScratch } from './scratch';

/** Milliseconds to wait for a lock: who only looks gives up soon. */
const PATIENCE = 1000;

const CANNOT_OPEN = ['SQLITE_CANTOPEN', 'SQLITE_READONLY'];

/**
 * Runs `use` in one read transaction on the live database; failures are BackupErrors.
 *
 * A read-only connection to a WAL database without side files would make them and leave them; one that may write
 * removes them again when it closes. Where side files are, somebody uses the database or died, and only a read-only
 * connection neither checkpoints the log nor rolls a journal back.
 */
export function visitDatabase<T>(file: string, use: (db: Connection) => T): T {
  if (existsSync(`${file}-wal`) && !existsSync(`${file}-shm`)) {
    return onCopy(file, use);
  }
  const readonly = existsSync(`${file}-wal`) || existsSync(`${file}-journal`);
  try {
    return inTransaction(openDatabase(file, { readonly, timeout: PATIENCE }), use);
  } catch (error) {
    if (isRefusal(error)) {
      return onCopy(file, use);
    }
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
    for (const suffix of ['', '-wal', '-journal']) {
      if (existsSync(file + suffix)) {
        copyFileSync(file + suffix, copy + suffix, constants.COPYFILE_FICLONE);
      }
    }
    return inTransaction(openDatabase(copy), use);
  } catch (error) {
    throw explainSqlite(error, file);
  } finally {
    scratch.remove();
  }
}

/** SQLite's own code, which openDatabase hides in the cause of its error. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return CANNOT_OPEN.some((refused) => code.startsWith(refused));
}
