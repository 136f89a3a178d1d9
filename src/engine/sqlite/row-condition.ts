// The SQL expression that names one row of a table: by its key, or by all it holds where the key is NULL.
import { literal, quoteName, type SqlValue } from './dump/literal';
import type { RowChange, TablePairing } from './table-diff';

const TEXT = 2n;

/** Exact in every value, so that it also tells "A" from "a" and a text that is no UTF-8 from another one. */
export function rowCondition({ key, columns }: TablePairing, change: RowChange): string {
  const named = change.key.length > 2 * key.length ? [...key, ...columns] : key;
  const terms = named.map((name, index) => {
    const [rank, value] = [change.key[2 * index], change.key[2 * index + 1] ?? null];
    return `${quoteName(name)} COLLATE BINARY IS ${exact(value, rank === TEXT)}`;
  });
  return terms.join(' AND ');
}

/** Plain words are given as such. */
function exact(value: SqlValue, isText: boolean): string {
  if (!isText || !(value instanceof Buffer)) {
    return literal(value);
  }
  const text = value.toString('latin1');
  return /^[ -~]*$/.test(text) ? `'${text.replaceAll("'", "''")}'` : `CAST(${literal(value)} AS TEXT)`;
}
