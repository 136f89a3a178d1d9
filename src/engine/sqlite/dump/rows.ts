// The rows of one table as INSERT statements, in pieces of bounded length.
import { BackupError } from '../../errors';
import type { Connection } from '../connection';
import { LONGEST_STATEMENT } from './format';
import { lengthOf, textOf, type Part } from './gathering';
import { literal, literalPieces, LONG_VALUE, needsBytes, quoteName, textOfBytes, type SqlValue } from './literal';
import { rowFetcher, scanRows } from './scan';
import { exactly, type TableColumns } from './tables';
import { said } from '../../said';

/** Rows of one INSERT: enough for speed, few enough to read and to compare line by line. */
const ROWS_PER_STATEMENT = 100;
const STATEMENT_ROOM = 64 * 1024;
/** Bytes from which on a blob is not made part of a longer text first. */
const APART = 128;

export interface RowsDone {
  rows: number;
}

/** Yields the INSERT statements of a table; counts the rows in `done`. */
export function* insertStatements(db: Connection, table: string, columns: TableColumns, encoding: string, done: RowsDone): Generator<Part> {
  const start = insertHead(table, columns);
  const rows = columns.key === undefined ? exactRows(db, table, columns, encoding) : plainRows(db, table, columns, encoding);
  let waiting = '';
  let inStatement = 0;
  let length = 0;
  for (const row of rows) {
    done.rows++;
    const isLong = typeof row !== 'string' && 'next' in row;
    // A row with a long value gets a statement of its own.
    if (inStatement > 0 && (isLong || inStatement >= ROWS_PER_STATEMENT || length > STATEMENT_ROOM)) {
      yield `${waiting};\n`;
      waiting = '';
      inStatement = 0;
      length = 0;
    }
    waiting += inStatement === 0 ? start : ',\n';
    inStatement++;
    if (typeof row === 'string') {
      waiting += row;
      length += row.length;
      continue;
    }
    yield waiting;
    waiting = '';
    for (const part of isLong ? bounded(table, row) : row) {
      yield part;
      length += lengthOf(part);
    }
    length += isLong ? STATEMENT_ROOM : 0;
  }
  if (inStatement > 0) {
    yield `${waiting};\n`;
  }
}

function insertHead(table: string, columns: TableColumns): string {
  const named = columns.rowid !== undefined || columns.generated.length > 0;
  const names = columns.rowid === undefined ? columns.names.map(quoteName) : [columns.rowid, ...columns.names.map(quoteName)];
  return `INSERT INTO ${quoteName(table)}${named ? `(${names.join(',')})` : ''} VALUES\n`;
}

/** As text, in parts of a bounded length together, or in as many parts as it takes. */
type Row = string | readonly Part[] | Generator<Part>;

/** The fast way: values as they are; a text that JavaScript may have changed is fetched again by its rowid. */
function* plainRows(db: Connection, table: string, columns: TableColumns, encoding: string): Generator<Row> {
  const key = columns.rowid ?? quoteName(columns.key ?? 'rowid');
  const again = rowFetcher(db, table, columns.names.flatMap(exactly), key);
  for (const row of scanRows(db, table, [key, ...columns.names.map(quoteName)])) {
    const rowid = row[0];
    let text = '(';
    let parts: Part[] | null = null;
    let isSimple = true;
    let isFirst = true;
    for (let i = columns.rowid === undefined ? 1 : 0; i < row.length; i++) {
      const value = row[i] ?? null;
      const isText = typeof value === 'string';
      const isBlob = !isText && value instanceof Buffer;
      if ((isText && (value.length > LONG_VALUE || needsBytes(value, encoding))) || (isBlob && value.length > LONG_VALUE)) {
        isSimple = false;
        break;
      }
      text += isFirst ? '' : ',';
      isFirst = false;
      if (isBlob && value.length >= APART) {
        (parts ??= []).push(`${text}X'`, value);
        text = "'";
      } else {
        text += literal(value);
      }
    }
    if (isSimple) {
      yield parts === null ? `${text})` : [...parts, `${text})`];
    } else {
      row.length = 0;
      yield* rowOf(columns.rowid === undefined ? [] : [String(rowid)], again(rowid as bigint), encoding);
    }
  }
}

/** The slow way, for tables whose rows have no rowid to fetch them by. */
function* exactRows(db: Connection, table: string, columns: TableColumns, encoding: string): Generator<Row> {
  for (const row of scanRows(db, table, columns.names.flatMap(exactly))) {
    yield* rowOf([], row, encoding);
  }
}

function* rowOf(lead: readonly string[], pairs: readonly SqlValue[], encoding: string): Generator<Row> {
  const pieces = exactRow(lead, pairs, encoding);
  yield pairs.some((value) => value instanceof Buffer && value.length > LONG_VALUE) ? pieces : [...pieces].map(textOf).join('');
}

/** One row from pairs of type and value. */
function* exactRow(lead: readonly string[], pairs: readonly SqlValue[], encoding: string): Generator<Part> {
  yield `(${lead.join(',')}`;
  for (let i = 0; i < pairs.length; i += 2) {
    if (i > 0 || lead.length > 0) {
      yield ',';
    }
    const value = pairs[i + 1] ?? null;
    if (pairs[i] === 'text' && value instanceof Buffer) {
      yield* textOfBytes(value, encoding);
    } else {
      yield* literalPieces(value);
    }
  }
  yield ')';
}

/** Stops at a row that no reader could take in one statement: better no dump than one that cannot be restored. */
function* bounded(table: string, pieces: Iterable<Part>): Generator<Part> {
  let length = 0;
  for (const piece of pieces) {
    length += lengthOf(piece);
    if (length > LONGEST_STATEMENT - STATEMENT_ROOM) {
      throw new BackupError(
        'DUMP_REFUSED',
        said`A row of the table ${table} is too large for an SQL dump.`,
        'Make a backup instead: it has no such limit.',
      );
    }
    yield piece;
  }
}
