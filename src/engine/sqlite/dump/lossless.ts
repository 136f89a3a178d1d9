// Refuses to dump what SQL text cannot say: names and definitions that are no Unicode text.
import { isUtf8 } from 'node:buffer';
import { BackupError } from '../../errors';
import type { Connection } from '../connection';
import { said } from '../../said';

/** The text of bytes in a database's encoding; undefined: they are not valid in it, or hold a NUL, where SQLite stops reading. */
export function exactText(bytes: Buffer, encoding: string): string | undefined {
  if (encoding === 'UTF-8') {
    return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
  }
  if (bytes.length % 2 !== 0) {
    return undefined;
  }
  const text = (encoding === 'UTF-16be' ? Buffer.from(bytes).swap16() : bytes).toString('utf16le');
  return isWellFormed(text) && !text.includes('\0') ? text : undefined;
}

/** A surrogate that is not half of a pair stands for no character. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** Fails with DUMP_REFUSED and the name of what a dump would change. */
export function requireTextSchema(db: Connection, encoding: string): void {
  const rows = db
    .prepare<[], [string, Buffer | null, Buffer | null]>('SELECT type, CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema')
    .raw()
    .all();
  for (const [type, name, sql] of rows) {
    if ([name, sql].some((bytes) => bytes !== null && exactText(bytes, encoding) === undefined)) {
      const shown = name === null ? '' : encoding === 'UTF-8' ? name.toString('utf8') : name.toString('utf16le');
      throw new BackupError(
        'DUMP_REFUSED',
        said`The definition of the ${type} ${shown} is not ${encoding} text, so that an SQL dump cannot hold it.`,
        'Make a backup instead: it copies the database byte by byte.',
      );
    }
  }
}
