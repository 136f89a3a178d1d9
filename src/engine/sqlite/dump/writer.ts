// Writes a database as SQL text: one read transaction, bounded memory, and everything that plain dumps lose.
import { once } from 'node:events';
import { throwIfCancelled } from '../../operation';
import { explainSqlite, openDatabase, type Connection } from '../connection';
import { numberOf } from '../snapshot';
import { dumpSink, type Compression, type DumpSink } from './compression';
import { headerLine, trailerLine } from './format';
import { literalOf, quotedName, textOfBytes, type Encoding, type SqlValue } from './literal';

export interface WriteDumpOptions {
  readonly compression?: Compression;
  readonly signal?: AbortSignal | undefined;
  /** Hears bytes of SQL written, and the size of the database as the best guess of the total. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

export interface DumpFacts {
  readonly tables: number;
  readonly rows: number;
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

const BUFFERED = 256 * 1024;
const REPLACEMENT = '\u{fffd}';

/** Dumps the live `database` into the new `file`. A failed dump is not removed here. */
export async function writeDump(database: string, file: string, options: WriteDumpOptions = {}): Promise<DumpFacts> {
  const db = openDatabase(database);
  const sink = dumpSink(file, options.compression ?? 'none');
  // A failure of the disk is also seen by the next write; nobody may wait for this promise by then.
  sink.done.catch(() => undefined);
  try {
    db.exec('BEGIN');
    const schema = db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").all() as SchemaRow[];
    const output = new Output(sink, options, numberOf(db, 'page_count') * numberOf(db, 'page_size'));
    const facts = await dump(db, schema, output);
    await output.end();
    db.exec('COMMIT');
    return facts;
  } catch (error) {
    sink.stream.destroy();
    throw explainSqlite(error, database);
  } finally {
    db.close();
  }
}

async function dump(db: Connection, schema: readonly SchemaRow[], output: Output): Promise<DumpFacts> {
  const encoding = String(db.pragma('encoding', { simple: true })) as Encoding;
  const isOwn = (row: SchemaRow): boolean => !row.name.startsWith('sqlite_');
  const tables = schema.filter((row) => row.type === 'table' && isOwn(row));
  const virtual = tables.filter((row) => /^CREATE\s+VIRTUAL\s/i.test(row.sql));
  await output.comment(headerLine());
  for (const statement of openingOf(db, encoding)) {
    await output.statement(statement);
  }
  let rows = 0;
  for (const table of tables.filter((row) => !virtual.includes(row))) {
    await output.statement(table.sql);
    rows += await dumpRows(db, table.name, encoding, output);
  }
  await dumpVirtual(virtual, output);
  if (schema.some((row) => row.name === 'sqlite_sequence')) {
    await output.statement('DELETE FROM sqlite_sequence');
    rows += await dumpRows(db, 'sqlite_sequence', encoding, output);
  }
  for (const row of schema.filter((each) => each.type !== 'table' && isOwn(each))) {
    await output.statement(row.sql);
  }
  await output.statement(`PRAGMA user_version=${numberOf(db, 'user_version')}`);
  await output.statement(`PRAGMA application_id=${numberOf(db, 'application_id')}`);
  await output.statement('COMMIT');
  if (schema.some((row) => row.name.startsWith('sqlite_stat'))) {
    // Statistics are made anew: their rows may not fit another build of SQLite.
    await output.statement('ANALYZE');
  }
  await output.comment(trailerLine(output.statements));
  return { tables: tables.length, rows };
}

function openingOf(db: Connection, encoding: Encoding): string[] {
  return [
    'PRAGMA foreign_keys=OFF',
    ...(encoding === 'UTF-8' ? [] : [`PRAGMA encoding='${encoding}'`]),
    `PRAGMA page_size=${numberOf(db, 'page_size')}`,
    ...(numberOf(db, 'auto_vacuum') === 0 ? [] : [`PRAGMA auto_vacuum=${numberOf(db, 'auto_vacuum')}`]),
    'BEGIN TRANSACTION',
  ];
}

/** The content of virtual tables is in their shadow tables, which are dumped like any other; they themselves are only named. */
async function dumpVirtual(virtual: readonly SchemaRow[], output: Output): Promise<void> {
  if (virtual.length === 0) {
    return;
  }
  await output.statement('PRAGMA writable_schema=ON');
  for (const { name, sql } of virtual) {
    const texts = [name, name].map((text) => literalOf(text, 'UTF-8')).join(',');
    await output.statement(`INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table',${texts},0,${literalOf(sql, 'UTF-8')})`);
  }
  await output.statement('PRAGMA writable_schema=OFF');
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
  readonly hidden: number;
}

async function dumpRows(db: Connection, table: string, encoding: Encoding, output: Output): Promise<number> {
  const all = db.pragma(`table_xinfo(${quotedName(table)})`) as Column[];
  // Generated columns are computed again.
  const columns = all.filter((column) => column.hidden === 0).map((column) => quotedName(column.name));
  const rowid = rowidName(db, table, all);
  const names = [...(rowid === null ? [] : [rowid]), ...columns];
  if (names.length === 0) {
    return 0;
  }
  const select = db.prepare(`SELECT ${names.join(',')} FROM ${quotedName(table)}`).raw().safeIntegers();
  const head = `INSERT INTO ${quotedName(table)}(${names.join(',')})VALUES(`;
  let rows = 0;
  for (const row of select.iterate() as IterableIterator<SqlValue[]>) {
    const literals = row.map((value, index) => (isUnclear(value) ? exactText(db, table, row, names, index, value, encoding) : literalOf(value, encoding)));
    await output.statement(`${head}${literals.join(',')})`);
    rows++;
  }
  return rows;
}

/**
 * The name under which a rowid can be kept; null where a column is the rowid, or there is none. Rowids matter where
 * something outside the table refers to them, e.g. a full-text index with external content.
 */
function rowidName(db: Connection, table: string, columns: readonly Column[]): string | null {
  const [facts] = db.prepare('SELECT wr FROM pragma_table_list WHERE schema = ? AND name = ?').all('main', table) as { wr: number }[];
  if (facts?.wr === 1 || table === 'sqlite_sequence') {
    return null;
  }
  const key = columns.filter((column) => column.pk > 0);
  const hasOwnIndex = (db.pragma(`index_list(${quotedName(table)})`) as { origin: string }[]).some((index) => index.origin === 'pk');
  if (key.length === 1 && key[0]?.type.toUpperCase() === 'INTEGER' && !hasOwnIndex) {
    return null;
  }
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}

/** A text with the replacement character may be one whose bytes are no valid text. */
function isUnclear(value: SqlValue): value is string {
  return typeof value === 'string' && value.includes(REPLACEMENT);
}

function exactText(db: Connection, table: string, row: readonly SqlValue[], names: readonly string[], index: number, value: string, encoding: Encoding): string {
  const name = names[index] ?? '';
  const where = names.map((each, position) => (position === index ? 'true' : `${each} IS ${isUnclear(row[position] ?? null) ? each : '?'}`)).join(' AND ');
  const known = row.filter((each, position) => position !== index && !isUnclear(each));
  const bytes = db.prepare(`SELECT CAST(${name} AS BLOB) FROM ${quotedName(table)} WHERE ${where}`).pluck().all(...known) as Uint8Array[];
  const decoder = new TextDecoder(encoding.toLowerCase(), { ignoreBOM: true });
  const exact = bytes.find((each) => decoder.decode(each) === value);
  return exact === undefined ? literalOf(value, encoding) : textOfBytes(exact);
}

/** Counts statements, gathers small writes into large ones, and waits for the disk. */
class Output {
  statements = 0;
  private parts: string[] = [];
  private length = 0;
  private written = 0;

  constructor(
    private readonly sink: DumpSink,
    private readonly options: WriteDumpOptions,
    private readonly expected: number,
  ) {}

  async statement(sql: string): Promise<void> {
    this.statements++;
    await this.add(`${sql};\n`);
  }

  async comment(line: string): Promise<void> {
    await this.add(`${line}\n`);
  }

  async end(): Promise<void> {
    await this.flush();
    this.sink.stream.end();
    await this.sink.done;
  }

  private async add(text: string): Promise<void> {
    this.parts.push(text);
    this.length += text.length;
    if (this.length >= BUFFERED) {
      await this.flush();
    }
  }

  private async flush(): Promise<void> {
    throwIfCancelled(this.options.signal);
    const text = this.parts.join('');
    this.parts = [];
    this.length = 0;
    this.written += text.length;
    this.options.onBytes?.(this.written, Math.max(this.expected, this.written));
    if (text !== '' && !this.sink.stream.write(text)) {
      await Promise.race([once(this.sink.stream, 'drain'), this.sink.done]);
    }
  }
}
