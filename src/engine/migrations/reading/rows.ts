// Reads the small tables in which migration tools write down what they have applied.
import type { Connection } from '../../sqlite/connection';

/** The rows of a table with all of these columns; null when there is none. Other columns are left out. */
export function rowsOf<Column extends string>(
  db: Connection,
  table: string,
  columns: readonly Column[],
  order: string,
): Record<Column, unknown>[] | null {
  const there = new Set(db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table).map(String));
  if (!columns.every((column) => there.has(column))) {
    return null;
  }
  const names = columns.map((column) => `"${column}"`).join(', ');
  return db.prepare(`SELECT ${names} FROM "${table}" ORDER BY "${order}"`).all() as Record<Column, unknown>[];
}
