// Reads a table's rows in the order of its own b-tree, however many columns it has.
import type { Connection } from '../connection';
import { quoteName, type SqlValue } from './literal';

/** SQLite returns at most 2,000 columns (https://www.sqlite.org/limits.html#max_column). */
const MOST_COLUMNS = 1900;

/** An index that covers all columns would be taken otherwise. */
function selection(table: string, expressions: readonly string[]): string {
  return `SELECT ${expressions.join(', ')} FROM main.${quoteName(table)} NOT INDEXED`;
}

function inGroups(expressions: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (let start = 0; start === 0 || start < expressions.length; start += MOST_COLUMNS) {
    groups.push(expressions.slice(start, start + MOST_COLUMNS));
  }
  return groups;
}

/** Every row; a table that is too wide for one query is read by several at once, on a connection in unsafe mode. */
export function* scanRows(db: Connection, table: string, expressions: readonly string[]): Generator<SqlValue[]> {
  const [first = [], ...others] = inGroups(expressions).map((group) => iterate(db, selection(table, group)));
  if (others.length === 0) {
    yield* first;
    return;
  }
  try {
    for (const row of first) {
      yield [...row, ...others.flatMap((other) => (other.next() as IteratorYieldResult<SqlValue[]>).value)];
    }
  } finally {
    others.forEach((other) => other.return?.());
  }
}

function iterate(db: Connection, sql: string): IterableIterator<SqlValue[]> {
  return db.prepare<[], SqlValue[]>(sql).raw().safeIntegers().iterate();
}

/** Fetches single rows by a name of their rowid. */
export function rowFetcher(db: Connection, table: string, expressions: readonly string[], key: string): (rowid: bigint) => SqlValue[] {
  const statements = inGroups(expressions).map((group) =>
    db
      .prepare<[bigint], SqlValue[]>(`${selection(table, group)} WHERE ${key} = ?`)
      .raw()
      .safeIntegers(),
  );
  return (rowid) => statements.flatMap((statement) => statement.get(rowid) ?? []);
}
