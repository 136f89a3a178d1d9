// SQL literals that come back as exactly the value they were made from.

export type SqlValue = null | bigint | number | string | Uint8Array;

export type Encoding = 'UTF-8' | 'UTF-16le' | 'UTF-16be';

/** The literal of one value (https://www.sqlite.org/lang_expr.html#literal_values_constants_). `encoding` is the database's. */
export function literalOf(value: SqlValue, encoding: Encoding): string {
  if (value === null) {
    return 'NULL';
  }
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (typeof value === 'number') {
    return realLiteral(value);
  }
  if (typeof value === 'string') {
    // A literal ends at NUL for some readers, so that such a text travels as its bytes.
    return value.includes('\0') ? textOfBytes(encode(value, encoding)) : `'${value.replaceAll("'", "''")}'`;
  }
  return blobLiteral(value);
}

/** The literal of a text whose bytes are no valid text in the database's encoding. */
export function textOfBytes(bytes: Uint8Array): string {
  return `CAST(${blobLiteral(bytes)} AS TEXT)`;
}

/** A name in double quotes (https://www.sqlite.org/lang_keywords.html). */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function blobLiteral(bytes: Uint8Array): string {
  return `x'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}'`;
}

function realLiteral(value: number): string {
  if (Number.isNaN(value)) {
    return 'NULL';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '9e999' : '-9e999';
  }
  const text = Object.is(value, -0) ? '-0.0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'UTF-8') {
    return Buffer.from(text, 'utf8');
  }
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'UTF-16le' ? bytes : bytes.swap16();
}
