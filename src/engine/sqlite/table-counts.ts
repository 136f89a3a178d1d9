// Counts what differs in a table that is paired by rowid: SQLite joins it range by range, so that anybody may stop in between.
import type { Connection } from './connection';
import { quoteName } from './dump/literal';
import { rowDiffers } from './differing';
import { rangeOf, type RowRange, type TableCounts, type TablePairing } from './table-diff';

/** Rows of one range: some 50 ms of work. */
const ROWS_A_RANGE = 20_000;
/** An aggregate takes no more than 2,000, and there are two rows (https://www.sqlite.org/limits.html#max_column). */
const MOST_COLUMNS = 900;
const LAST_ROWID = 2n ** 63n - 1n;

/** Lets `countByRanges` see both databases through the first one. False: SQLite cannot read them together, e.g. in two encodings. */
export function attachOther(db: Connection, file: string): boolean {
  try {
    db.prepare('ATTACH ? AS other').run(file);
    // What is attached is read only now.
    db.prepare('SELECT count(*) FROM other.sqlite_schema').get();
    return true;
  } catch {
    return false;
  }
}

/**
 * The counts of `diffTable` for a pairing by rowid, when the second database is attached. `turn` is awaited after each
 * range, `onDifferent` for each in which something differs.
 */
export async function countByRanges(
  db: Connection,
  table: string,
  pairing: TablePairing,
  turn: (rows: number) => Promise<void>,
  onDifferent: (range: RowRange) => Promise<void>,
  rowsARange = ROWS_A_RANGE,
): Promise<TableCounts> {
  const key = quoteName(pairing.key[0] ?? '');
  const name = quoteName(table);
  const counts = { before: 0, after: 0, added: 0, removed: 0, changed: 0 };
  const others = pairing.columns.filter((column) => column !== pairing.key[0]);
  // As wide as the rows are many: rowids lie side by side, or anywhere between -2^63 and 2^63.
  let width = BigInt(rowsARange);
  let above: bigint | null = null;
  for (;;) {
    const first = nextRowid(db, name, key, above);
    if (first === null) {
      return counts;
    }
    const upTo = LAST_ROWID - first < width ? LAST_ROWID : first + width - 1n;
    const range: RowRange = { above: first === -LAST_ROWID - 1n ? null : first - 1n, upTo };
    const differs = `b.${key} IS NOT NULL AND ${rowDiffers(others, 'a', 'b')}`;
    const pairs = `main.${name} AS a LEFT JOIN other.${name} AS b ON b.${key} = a.${key}${rangeOf(`a.${key}`, range)}`;
    const [before, both, changed] = numbers(
      db,
      others.length <= MOST_COLUMNS
        ? `SELECT count(*), count(b.${key}), coalesce(sum(${differs}), 0) FROM ${pairs}`
        : // The limit keeps SQLite from making one query of both.
          `SELECT count(*), count(pair), coalesce(sum(differs), 0) FROM (SELECT b.${key} AS pair, ${differs} AS differs FROM ${pairs} LIMIT -1)`,
    );
    const [after] = numbers(db, `SELECT count(*), 0, 0 FROM other.${name}${rangeOf(key, range)}`);
    counts.before += before;
    counts.after += after;
    counts.removed += before - both;
    counts.added += after - both;
    counts.changed += changed;
    if (before + after > 2 * both || changed > 0) {
      await onDifferent(range);
    }
    await turn(before + after);
    const rows = Math.max(before, after);
    width = rows < rowsARange / 2 ? width * 2n : rows > rowsARange * 2 ? width / 2n : width;
    above = upTo;
  }
}

function numbers(db: Connection, query: string): [number, number, number] {
  return db.prepare<[], [number, number, number]>(query).raw().get() ?? [0, 0, 0];
}

/** The least rowid of both that is above another one; null: there is none. */
function nextRowid(db: Connection, name: string, key: string, above: bigint | null): bigint | null {
  const found = ['main', 'other'].flatMap((schema) => {
    const least = `SELECT min(${key}) FROM ${schema}.${name}${rangeOf(key, { above, upTo: null })}`;
    return db.prepare<[], bigint | null>(least).pluck().safeIntegers().get() ?? [];
  });
  return found.length === 0 ? null : found.reduce((least, rowid) => (rowid < least ? rowid : least));
}
