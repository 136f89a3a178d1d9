// A value of a row as a person reads it: an SQL literal, cut where it is long.
import { literal, type SqlValue } from './dump/literal';
import { exactText } from './dump/lossless';

/** Characters of a text, bytes of a blob. */
const LONGEST = 200;

/** `isText`: the value is the bytes of a text in `encoding`. What was cut ends in "...". */
export function shownValue(value: SqlValue, isText: boolean, encoding: string): string {
  if (!(value instanceof Buffer)) {
    return literal(typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  }
  const text = isText ? exactText(value, encoding) : undefined;
  if (text !== undefined) {
    return `'${(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text).replaceAll("'", "''")}'`;
  }
  const bytes = `X'${value.toString('hex', 0, LONGEST)}${value.length > LONGEST ? '...' : ''}'`;
  return isText ? `CAST(${bytes} AS TEXT)` : bytes;
}
