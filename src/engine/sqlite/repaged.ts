// The same database in pages of another size: for a live one whose pages cannot change while a program has it open.
import { openDatabase, readDatabase, type Connection } from './connection';
import { checkConnection } from './checks';
import { slowTables } from './slow-expressions';

/**
 * Writes what `source` (at rest, not in WAL mode) holds to the new file `target`, with pages of so many bytes; rowids stay as
 * they are. false: SQLite cannot do that here, e.g. because a table needs its application, and `target` may be there in part.
 * A disk that fails is thrown as SQLite says it.
 */
export function writeRepaged(source: string, target: string, pageSize: number): boolean {
  const isWritten = readDatabase(source, (db) => {
    if (slowTables(db).size > 0) {
      return false;
    }
    db.pragma(`page_size = ${pageSize}`);
    // Unlike VACUUM alone it keeps the rowids of all tables (https://www.sqlite.org/lang_vacuum.html).
    return unlessUnable(() => db.prepare('VACUUM INTO ?').run(target));
  });
  return isWritten && isAsSound(target);
}

function isAsSound(file: string): boolean {
  const db: Connection = openDatabase(file, { readonly: true });
  try {
    return checkConnection(db, 'quick').problems.length === 0;
  } finally {
    db.close();
  }
}

/** Whether it could be done: what keeps SQLite from it are rules of the schema, not the disk. */
function unlessUnable(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^SQLITE_(ERROR|CONSTRAINT|CORRUPT|MISMATCH|TOOBIG)/.test(String(error.code))) {
      return false;
    }
    throw error;
  }
}
