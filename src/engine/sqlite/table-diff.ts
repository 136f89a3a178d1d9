// What changed in one table between two databases at rest: rows paired by key, in one pass over both, in bounded memory.
import type { Connection } from './connection';
import { quoteName, type SqlValue } from './dump/literal';
import { readColumns } from './dump/tables';
import { isSameName } from './same-name';

export interface TableCounts {
  /** Rows in the first and in the second database. */
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/**
 * One row that differs: the columns that both databases have, in `columns`' order, texts as their bytes, and at the end a
 * text with a letter for the type of each.
 */
export interface RowChange {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: readonly SqlValue[] | null;
  readonly after: readonly SqlValue[] | null;
  /** Each value of the key behind its rank in SQLite's order of types; where it holds NULL, those of all columns follow. */
  readonly key: readonly SqlValue[];
}

/** How rows of a table are paired. */
export interface TablePairing {
  /** Columns that both have, unless both work them out of the others; the values of a RowChange stand in this order. */
  readonly columns: readonly string[];
  /** Columns by which rows are paired, or a name of the rowid; empty: by whole rows. */
  readonly key: readonly string[];
  /** The key is one integer, the rowid of both: rows can be read by ranges of it. */
  readonly isByRowid: boolean;
  /** Columns that only one of them has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** Rows whose rowid is above `above`, and at most `upTo`; null: without a bound. */
export interface RowRange {
  readonly above: bigint | null;
  readonly upTo: bigint | null;
}

interface Row {
  readonly key: readonly SqlValue[];
  readonly values: readonly SqlValue[];
}

/** Rows between two moments at which others get a turn. */
const ROWS_A_TURN = 5000;

/**
 * How the rows of a table that both databases have are paired: by the primary key, else by the rowid, else (no name of
 * the rowid is free, or keys that differ) by whole rows. A virtual table is paired by its rowid if `hasRowid`, else by
 * whole rows.
 */
export function pairingOf(first: Connection, second: Connection, table: string, isVirtual: boolean, hasRowid = false): TablePairing {
  const [before, after] = [first, second].map((db) => readColumns(db, table)) as [Columns, Columns];
  const [left, right] = [before, after].map(({ names, generated }) => [...names, ...generated]) as [string[], string[]];
  const has = (names: readonly string[], name: string): boolean => names.some((each) => isSameName(each, name));
  // What both generate follows from the rest, and may be made to take any time and memory.
  const columns = left.filter((name) => has(right, name) && !(has(before.generated, name) && has(after.generated, name)));
  const rest = { columns, onlyBefore: left.filter((name) => !has(right, name)), onlyAfter: right.filter((name) => !has(left, name)) };
  if (isVirtual && !hasRowid) {
    return { ...rest, key: [], isByRowid: false };
  }
  const [declared, other] = [first, second].map((db) => primaryKey(db, table)) as [string[], string[]];
  if (declared.length > 0 && isSameName(declared.join('\0'), other.join('\0'))) {
    const isByRowid = [before, after].every(({ key }) => key !== undefined && key === declared[0]);
    return { ...rest, key: declared, isByRowid };
  }
  const isByRowid = declared.length === 0 && other.length === 0 && before.rowid !== undefined && before.rowid === after.rowid;
  return { ...rest, key: isByRowid ? [before.rowid] : [], isByRowid };
}

type Columns = ReturnType<typeof readColumns>;

function primaryKey(db: Connection, table: string): string[] {
  return db.prepare<[string]>('SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk').pluck().all(table) as string[];
}

/**
 * Counts what differs, and tells each difference to `onChange` in the order of the keys. Values differ when their type
 * or their bytes do; an integer and a real of the same size are different values. Where columns differ, those that both
 * have are compared. `turn` is awaited every few thousand rows and may throw to stop.
 */
export async function diffTable(
  first: Connection,
  second: Connection,
  table: string,
  pairing: TablePairing,
  turn: (rows: number) => Promise<void>,
  onChange: (change: RowChange) => void = () => undefined,
  range?: RowRange,
): Promise<TableCounts> {
  const [left, right] = [rowsOf(first, table, pairing, range), rowsOf(second, table, pairing, range)] as const;
  const counts = { before: 0, after: 0, added: 0, removed: 0, changed: 0 };
  try {
    let [one, other] = [next(left), next(right)];
    for (let seen = 1; one !== null || other !== null; seen++) {
      const order = one === null ? 1 : other === null ? -1 : compareKeys(one.key, other.key);
      if (order <= 0 && one !== null) {
        counts.before++;
      }
      if (order >= 0 && other !== null) {
        counts.after++;
      }
      if (order < 0) {
        counts.removed++;
        onChange({ kind: 'removed', before: one?.values ?? null, after: null, key: one?.key ?? [] });
      } else if (order > 0) {
        counts.added++;
        onChange({ kind: 'added', before: null, after: other?.values ?? null, key: other?.key ?? [] });
      } else if (one !== null && other !== null && !sameValues(one.values, other.values)) {
        counts.changed++;
        onChange({ kind: 'changed', before: one.values, after: other.values, key: one.key });
      }
      one = order <= 0 ? next(left) : one;
      other = order >= 0 ? next(right) : other;
      if (seen % ROWS_A_TURN === 0) {
        await turn(ROWS_A_TURN);
      }
    }
  } finally {
    left.return(undefined);
    right.return(undefined);
  }
  return counts;
}

/** The number of rows of a table. */
export function countRows(db: Connection, table: string): number {
  return Number(
    db
      .prepare(`SELECT count(*) FROM main.${quoteName(table)}`)
      .pluck()
      .get(),
  );
}

/**
 * The rows in an order that JavaScript can follow: numbers before texts before blobs, texts by their bytes. Sorting by
 * the key's own collation would pair "A" with "a" in one database and not in the other. Keys that hold NULL need not be
 * unique (https://www.sqlite.org/lang_createtable.html#primkeyconst), so such rows are paired by all they hold.
 */
function* rowsOf(db: Connection, table: string, { columns, key, isByRowid }: TablePairing, range?: RowRange): Generator<Row> {
  const names = columns.map((name) => quoteName(name));
  const keys = key.map((name) => quoteName(name));
  const [keyTypes, types] = [keys, names].map((list) => list.map(typeOf).join(' || ') || "''") as [string, string];
  const selected = [...names.map(bytesOf), types, ...keys.map(bytesOf), keyTypes];
  // Numbers of different types may be equal: then the types decide.
  const order = isByRowid ? keys : [...[...keys, ...names].map((name) => `${name} COLLATE BINARY`), types];
  const query = `SELECT ${selected.join(', ')} FROM main.${quoteName(table)}${rangeOf(keys[0] ?? '', range)} ORDER BY ${order.join(', ')}`;
  const width = names.length;
  for (const row of db.prepare<[], SqlValue[]>(query).raw().safeIntegers().iterate()) {
    const values = row.slice(0, width + 1);
    const ofKey = String(row.at(-1));
    const found = row.slice(width + 1, -1);
    const whole = ofKey === '' || ofKey.includes('n') ? [...ranked(row.slice(0, width), String(row[width])), row[width] ?? null] : [];
    yield { key: [...ranked(found, ofKey), ...whole], values };
  }
}

/** The condition that a rowid is in a range; empty: any. */
export function rangeOf(rowid: string, { above, upTo }: RowRange = { above: null, upTo: null }): string {
  const bounds = [...(above === null ? [] : [`${rowid} > ${above}`]), ...(upTo === null ? [] : [`${rowid} <= ${upTo}`])];
  return bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
}

/** Of a quoted name: a text by its bytes, so that nothing is lost on the way; anything else as it is. */
export function bytesOf(name: string): string {
  return `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`;
}

/** One letter: n(ull), i(nteger), r(eal), t(ext), b(lob). */
function typeOf(name: string): string {
  return `substr(typeof(${name}), 1, 1)`;
}

/** Each value behind its rank in SQLite's order of types. */
function ranked(values: readonly SqlValue[], types: string): SqlValue[] {
  return values.flatMap((value, index) => [rankOf(types.charAt(index)), value]);
}

/** NULL, numbers, text, blob: https://www.sqlite.org/datatype3.html#sort_order. */
function rankOf(type: string): bigint {
  return type === 'n' ? 0n : type === 'i' || type === 'r' ? 1n : type === 't' ? 2n : 3n;
}

function next(rows: Generator<Row>): Row | null {
  const step = rows.next();
  return step.done === true ? null : step.value;
}

function compareKeys(one: readonly SqlValue[], other: readonly SqlValue[]): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const order = compareValues(one[index] ?? null, other[index] ?? null);
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function compareValues(one: SqlValue, other: SqlValue): number {
  if (one instanceof Buffer && other instanceof Buffer) {
    return Buffer.compare(one, other);
  }
  if (one === null || other === null) {
    return one === other ? 0 : one === null ? -1 : 1;
  }
  // A bigint and a number are compared by their mathematical values, as SQLite does.
  return one < other ? -1 : one > other ? 1 : 0;
}

function sameValues(one: readonly SqlValue[], other: readonly SqlValue[]): boolean {
  return one.every((value, index) => {
    const second = other[index] ?? null;
    return value instanceof Buffer && second instanceof Buffer ? value.equals(second) : Object.is(value, second);
  });
}
