// What Alembic has written into a database: its version tables, and the tables that a failed batch migration leaves.
import type { Connection } from '../../sqlite/connection';

const PREFIX = '_alembic_tmp_';

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

/** A sentence for each leftover of a batch migration that failed half way. */
export function leftovers(db: Connection): string[] {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
  return tables.filter((name) => name.startsWith(PREFIX)).map((name) => sentenceAbout(name, tables, db));
}

function sentenceAbout(leftover: string, tables: readonly string[], db: Connection): string {
  const original = leftover.slice(PREFIX.length);
  // Alembic cuts the name of its temporary table at 50 characters.
  const table = tables.find(
    (name) => name === original || (leftover.length === 50 && !name.startsWith(PREFIX) && name.startsWith(original)),
  );
  if (table !== undefined) {
    return `A migration of the table "${table}" stopped half way and left "${leftover}". Go back to the backup from before it; running it again fails on what is left.`;
  }
  const hasRows = db.prepare(`SELECT 1 FROM ${quotedName(leftover)} LIMIT 1`).get() !== undefined;
  return hasRows
    ? `A migration stopped after it had removed the table "${original}": "${leftover}" may be the only copy of its rows. Do not drop it. Go back to the backup from before the migration, or rename it to "${original}".`
    : `A migration stopped half way: the table "${original}" is missing, and "${leftover}" is empty. Go back to the backup from before it.`;
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
