// Reads the small tables in which migration tools write down what they have applied.
import { BackupError } from '../../errors';
import type { Connection } from '../../sqlite/connection';
import { counted, said } from '../../said';

/** No history of migrations is longer; an unlimited one would keep everybody waiting. */
const MOST_ROWS = 50_000;

/**
 * The names of the ordinary tables. Views and virtual tables compute what they hold, and may never end; computed columns
 * are not among the columns of a table (https://www.sqlite.org/pragma.html#pragma_table_info).
 */
export const ORDINARY = "type = 'table' AND rootpage > 0 AND sql LIKE 'CREATE TABLE%'";

/** The rows of a table with all of these columns; null when there is none. Other columns are left out. */
export function rowsOf<Column extends string>(
  db: Connection,
  table: string,
  columns: readonly Column[],
  order: string,
): Record<Column, unknown>[] | null {
  const name = db
    .prepare<[string], string>(`SELECT name FROM sqlite_schema WHERE ${ORDINARY} AND name = ? COLLATE NOCASE LIMIT 1`)
    .pluck()
    .get(table);
  if (name === undefined) {
    return null;
  }
  const there = new Set(db.prepare('SELECT name FROM pragma_table_info(?) LIMIT 2000').pluck().all(name).map(String));
  if (!columns.every((column) => there.has(column))) {
    return null;
  }
  const names = columns.map(quoted).join(', ');
  return limited(name, db.prepare(`SELECT ${names} FROM ${quoted(name)} ORDER BY ${quoted(order)} LIMIT ?`).all(MOST_ROWS + 1)) as Record<
    Column,
    unknown
  >[];
}

/** The values of one column of an ordinary table. */
export function columnOf(db: Connection, table: string, column: string): unknown[] {
  const values = db
    .prepare(`SELECT ${quoted(column)} FROM ${quoted(table)} LIMIT ?`)
    .pluck()
    .all(MOST_ROWS + 1);
  return limited(table, values);
}

function limited(table: string, rows: unknown[]): unknown[] {
  if (rows.length > MOST_ROWS) {
    throw new BackupError(
      'READ_FAILED',
      said`The table ${table} has more than ${counted(MOST_ROWS)} rows, which is no history of migrations.`,
      'Look at it with another program.',
    );
  }
  return rows;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
