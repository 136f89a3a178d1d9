// The SQL that tells whether two rows hold the same: types and bytes, as strictly as a comparison in memory.
import { quoteName } from './dump/literal';

/**
 * An expression that is true when a column of the rows `one` and `other` (aliases) differs in type or value. Texts are
 * compared by their bytes, whatever the column's collation; atan2 tells the sign of a zero, which `=` does not.
 */
function columnDiffers(column: string, one: string, other: string): string {
  const [left, right] = [one, other].map((alias) => `${alias}.${quoteName(column)}`) as [string, string];
  const isOtherZero = `(${left} = 0 AND typeof(${left}) = 'real' AND atan2(${left}, -1) <> atan2(${right}, -1))`;
  return `(${left} COLLATE BINARY IS NOT ${right} OR typeof(${left}) <> typeof(${right}) OR ${isOtherZero})`;
}

/** True when any of the columns differs; false for none. */
export function rowDiffers(columns: readonly string[], one: string, other: string): string {
  return columns.length === 0 ? '0' : inTree(columns.map((column) => columnDiffers(column, one, other)));
}

/** SQLite bounds the depth of an expression, and "a OR b OR c ..." is as deep as it is long (https://www.sqlite.org/limits.html#max_expr_depth). */
function inTree(terms: readonly string[]): string {
  const [first = '0', ...rest] = terms;
  if (rest.length === 0) {
    return first;
  }
  const half = Math.ceil(terms.length / 2);
  return `(${inTree(terms.slice(0, half))} OR ${inTree(terms.slice(half))})`;
}
