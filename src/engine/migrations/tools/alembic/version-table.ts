// What Alembic has written into a database: its version tables.
import type { Connection } from '../../../sqlite/connection';

/** By the name of each version table, its rows; a table with a column version_num and no other is one. */
export function versionTables(db: Connection): ReadonlyMap<string, readonly string[]> {
  // SQLite cannot describe a virtual table whose extension is not loaded here.
  const names = db
    .prepare<[], string>(
      `SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%' GROUP BY t.name HAVING count(*) = 1 AND lower(max(c.name)) = 'version_num' ORDER BY t.name`,
    )
    .pluck()
    .all();
  return new Map(names.map((name) => [name, rowsOf(db, name)]));
}

function rowsOf(db: Connection, table: string): string[] {
  const values = db
    .prepare(`SELECT version_num FROM ${quotedName(table)}`)
    .pluck()
    .all();
  return values
    .filter((value) => value !== null && value !== '')
    .map((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : String(value)));
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
