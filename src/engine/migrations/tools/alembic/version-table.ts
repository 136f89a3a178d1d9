// What Alembic has written into a database: its version tables.
import type { Connection } from '../../../sqlite/connection';
import { columnOf, ORDINARY } from '../../reading/rows';

/** Nobody has more programs with version tables of their own in one database. */
const MOST_TABLES = 100;

/** By the name of each version table, its rows; a table with a column version_num and no other is one. */
export function versionTables(db: Connection): ReadonlyMap<string, readonly string[]> {
  const names = db
    .prepare<[], string>(
      `SELECT t.name FROM (SELECT name FROM sqlite_schema WHERE ${ORDINARY}) t, pragma_table_info(t.name) c GROUP BY t.name HAVING count(*) = 1 AND lower(max(c.name)) = 'version_num' ORDER BY t.name LIMIT ${MOST_TABLES}`,
    )
    .pluck()
    .all();
  return new Map(names.map((name) => [name, rowsIn(db, name)]));
}

function rowsIn(db: Connection, table: string): string[] {
  return columnOf(db, table, 'version_num')
    .filter((value) => value !== null && value !== '')
    .map((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : String(value)));
}
