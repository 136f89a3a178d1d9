// SQL literals that bring back exactly the value they were written for: type, bytes and all.
import type { Part } from './gathering';
import { exactText } from './lossless';

/** A column of a row as better-sqlite3 hands it out with safe integers: integers are bigint, reals are number. */
export type SqlValue = bigint | number | string | Buffer | null;

/** Values longer than this are written piece by piece. */
export const LONG_VALUE = 64 * 1024;

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Whether a text may have lost something on its way into a JavaScript string, or cannot stand in a literal as it is. SQLite
 * takes any unit after half a surrogate for the other half, so that in UTF-16 every character outside the plane is in doubt.
 */
export function needsBytes(text: string, encoding: string): boolean {
  return text.includes('\0') || text.includes('\ufffd') || (encoding !== 'UTF-8' && /[\ud800-\udfff]/.test(text));
}

function realLiteral(value: number): string {
  if (value === Infinity) {
    return '9e999';
  }
  if (value === -Infinity) {
    return '-9e999';
  }
  if (Object.is(value, -0)) {
    return '-0.0';
  }
  const digits = String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}

function textLiteral(text: string): string {
  if (!text.includes('\r')) {
    return quoteText(text);
  }
  // The sqlite3 shell drops a carriage return at the end of a line of its input, even inside a string.
  let mark = '\\r';
  while (text.includes(mark)) {
    mark = `\\${mark}`;
  }
  return `replace(${quoteText(text.replaceAll('\r', mark))},'${mark}',char(13))`;
}

function quoteText(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", "''")}'` : `'${text}'`;
}

/** The literal of a short value. */
export function literal(value: SqlValue): string {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (typeof value === 'string') {
    return textLiteral(value);
  }
  if (typeof value === 'number') {
    return realLiteral(value);
  }
  return value === null ? 'NULL' : `X'${value.toString('hex')}'`;
}

/** The pieces of the literal of a value of any length. */
export function* literalPieces(value: SqlValue): Generator<Part> {
  if (!(value instanceof Buffer) || value.length <= LONG_VALUE) {
    yield literal(value);
    return;
  }
  yield "X'";
  for (let start = 0; start < value.length; start += LONG_VALUE) {
    yield value.subarray(start, start + LONG_VALUE);
  }
  yield "'";
}

/** The pieces of the literal of a text known by its bytes in the database's encoding. */
export function* textOfBytes(bytes: Buffer, encoding: string): Generator<Part> {
  const text = exactText(bytes, encoding);
  if (text !== undefined) {
    yield textLiteral(text);
    return;
  }
  yield 'CAST(';
  yield* literalPieces(bytes);
  yield ' AS TEXT)';
}
