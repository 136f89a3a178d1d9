// Whether a table holds the same in two databases, found out by SQLite alone: no value comes into JavaScript.
import type { Connection } from './connection';
import { quoteName } from './dump/literal';
import type { TableColumns } from './dump/tables';

/** The name under which the second database is attached. */
const OTHER = 'other';
/** A longer condition would be too deep for SQLite (https://www.sqlite.org/limits.html#max_expr_depth). */
const MOST_COLUMNS = 100;

/** Attaches the second database to a connection of the first; both are at rest and have the same encoding. */
export function attachOther(db: Connection, file: string): void {
  db.prepare(`ATTACH ? AS ${OTHER}`).run(file);
  // Both are read from their beginning to their end, once.
  for (const schema of ['main', OTHER]) {
    db.pragma(`${schema}.cache_size = -1000`);
  }
}

/**
 * Whether two tables of the same columns hold the same rows, with types and bytes. false says only that it is not known:
 * rows differ, or the table has no rowid by which they could be found.
 */
export function isSameForSure(db: Connection, table: string, { names, kept, key }: TableColumns): boolean {
  const columns = [...names, ...kept];
  if (key === undefined || columns.length > MOST_COLUMNS) {
    return false;
  }
  const [here, there] = [`main.${quoteName(table)}`, `${OTHER}.${quoteName(table)}`];
  const condition = columns.map((column) => isSame(quoteName(column))).join(' AND ') || '1';
  const rowid = quoteKey(key);
  try {
    const [rows, others, same] = db
      .prepare<[], bigint[]>(
        `SELECT (SELECT count(*) FROM ${here} NOT INDEXED), (SELECT count(*) FROM ${there} NOT INDEXED),
         (SELECT count(*) FROM ${here} AS a NOT INDEXED CROSS JOIN ${there} AS b NOT INDEXED ON b.${rowid} = a.${rowid} WHERE ${condition})`,
      )
      .raw()
      .safeIntegers()
      .get() ?? [0n, 0n, -1n];
    return rows === others && rows === same;
  } catch {
    // Whatever it is, the look at every value finds out, and says it.
    return false;
  }
}

/** A declared column, or a bare name of the rowid, which quotes would make a text. */
function quoteKey(key: string): string {
  return ['rowid', '_rowid_', 'oid'].includes(key) ? key : quoteName(key);
}

/**
 * The plus takes the column's affinity away, which would make numbers of texts. Of the two zeros, which are equal, only
 * the arc tangent tells one from the other.
 */
function isSame(name: string): string {
  const [a, b] = [`+a.${name}`, `+b.${name}`];
  return `(${a} COLLATE BINARY IS ${b} AND typeof(${a}) = typeof(${b}) AND (${a} IS NOT 0.0 OR atan2(0.0, ${a}) IS atan2(0.0, ${b})))`;
}
