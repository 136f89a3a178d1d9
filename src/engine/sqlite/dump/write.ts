// Writes an SQL dump of one committed state of a live database, in bounded memory.
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream, rmSync, statSync } from 'node:fs';
import { Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { BackupError, cancelled } from '../../errors';
import { throwIfCancelled, type OperationOptions } from '../../operation';
import { errnoOf } from '../../platform/errno';
import { explainSqlite, openDatabase, type Connection } from '../connection';
import { appendAll } from './append';
import { HEADER, LONGEST_STATEMENT, trailerLine, type DumpCounts } from './format';
import { Gathering, type Part } from './gathering';
import { literal, type SqlValue } from './literal';
import { requireTextSchema } from './lossless';
import { insertStatements } from './rows';
import { StatementSplitter } from './statements';
import { isVirtual, readColumns, readSchema, type DumpSchema, type SchemaEntry } from './tables';
import { keepYoungGenerationSmall } from './young-generation';
import { zstd } from './zstd';
import { said } from '../../said';

export type Compression = 'gzip' | 'zstd';

export interface WriteDumpOptions extends OperationOptions {
  readonly compression?: Compression | undefined;
  /** Hears how many bytes the file has by now, as often as others can read more of it; not of a packed one. */
  readonly onWritten?: ((length: number) => void) | undefined;
}

export interface WrittenDump extends DumpCounts {
  /** Before compression. */
  readonly bytes: number;
}

/** Pages are read once, one after the other: a large cache would only hold memory. */
const CACHE = 'cache_size = -2000';

/**
 * Writes the database as SQL that SQLite's own shell reads too (https://www.sqlite.org/cli.html#converting_an_entire_database_to_a_text_file).
 * A target given by its path must not exist yet, and is removed when anything fails.
 */
export async function writeDump(databaseFile: string, target: string | Writable, options: WriteDumpOptions = {}): Promise<WrittenDump> {
  throwIfCancelled(options.signal);
  keepYoungGenerationSmall();
  const db = openDatabase(databaseFile, { readonly: true });
  const created = { file: '' };
  try {
    const dump = new DumpText(db, statSync(databaseFile).size, options);
    const packer = packerOf(options.compression);
    if (typeof target === 'string' && packer === undefined) {
      await appendAll(target, dump.pieces(), { onCreated: () => (created.file = target), onBytes: options.onWritten });
      throwIfCancelled(options.signal);
      return { ...dump.counts, bytes: dump.bytes };
    }
    const output = typeof target === 'string' ? createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }) : target;
    output.once('open', () => (created.file = typeof target === 'string' ? target : ''));
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const source = Readable.from(copied(dump.pieces()), { objectMode: false });
    await (packer === undefined ? pipeline(source, output, signal) : pipeline(source, packer, output, signal));
    return { ...dump.counts, bytes: dump.bytes };
  } catch (error) {
    if (created.file !== '') {
      rmSync(created.file, { force: true });
    }
    throw explainWriting(error, databaseFile, target, options.signal);
  } finally {
    db.close();
  }
}

/** For who keeps pieces: theirs are used again. */
function* copied(pieces: Iterable<Buffer>): Generator<Buffer> {
  for (const piece of pieces) {
    yield Buffer.from(piece);
  }
}

function packerOf(compression: Compression | undefined): Transform | undefined {
  switch (compression) {
    case undefined:
      return undefined;
    case 'gzip':
      return createGzip();
    case 'zstd':
      return zstd(createZstdCompress, () => createZstdCompress());
  }
}

function explainWriting(error: unknown, databaseFile: string, target: string | Writable, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) {
    return cancelled();
  }
  const code = errnoOf(error);
  if (typeof target === 'string' && code === 'EEXIST') {
    return new BackupError('BACKUP_EXISTS', said`${target} exists already.`, 'Choose another name, or remove the file.', { cause: error });
  }
  if (typeof target === 'string' && code === 'ENOENT') {
    return new BackupError('WRITE_FAILED', said`The folder of ${target} does not exist.`, 'Create the folder, or choose another one.', {
      cause: error,
    });
  }
  return explainSqlite(error, typeof target === 'string' && code.startsWith('E') ? target : databaseFile);
}

class DumpText {
  readonly counts = { tables: 0, rows: 0 };
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  constructor(
    private readonly db: Connection,
    private readonly size: number,
    private readonly options: WriteDumpOptions,
  ) {}

  /** The whole dump as buffers, read under one transaction; each is used again two buffers later. */
  *pieces(): Generator<Buffer> {
    // A row is fetched again while its table is being read; the connection is read-only.
    this.db.unsafeMode(true);
    this.db.pragma('trusted_schema = OFF');
    this.db.pragma(CACHE);
    this.db.exec('BEGIN');
    const gathering = new Gathering();
    for (const part of this.statements()) {
      if (!gathering.fits(part)) {
        yield this.passing(gathering.take());
        if (!gathering.fits(part)) {
          yield this.passing(typeof part === 'string' ? Buffer.from(part) : Buffer.from(part.toString('hex'), 'latin1'));
          continue;
        }
      }
      gathering.add(part);
    }
    yield this.passing(gathering.take());
    this.db.exec('COMMIT');
    yield Buffer.from(trailerLine({ ...this.counts, sha256: this.hash.digest('hex') }));
    this.options.onProgress?.({ phase: 'database', doneBytes: this.size, totalBytes: this.size });
  }

  private passing(bytes: Buffer): Buffer {
    throwIfCancelled(this.options.signal);
    this.hash.update(bytes);
    this.bytes += bytes.length;
    // Text is about as long as the pages it comes from; a dump can be longer.
    this.options.onProgress?.({ phase: 'database', doneBytes: Math.min(this.bytes, this.size), totalBytes: this.size });
    return bytes;
  }

  private *statements(): Generator<Part> {
    // The snapshot begins with the first read.
    const schema = readSchema(this.db);
    const encoding = this.pragma('encoding');
    requireTextSchema(this.db, encoding);
    yield `${HEADER}\nPRAGMA foreign_keys=OFF;\nPRAGMA encoding='${encoding}';\n`;
    yield `PRAGMA page_size=${this.pragma('page_size')};\nPRAGMA auto_vacuum=${this.pragma('auto_vacuum')};\nBEGIN TRANSACTION;\n`;
    yield* this.tables(schema);
    yield* this.rows(schema, encoding);
    for (const entry of schema.later) {
      yield statement(entry.sql);
    }
    yield schema.hasStatistics ? 'ANALYZE;\n' : '';
    yield `PRAGMA user_version=${this.pragma('user_version')};\nPRAGMA application_id=${this.pragma('application_id')};\nCOMMIT;\n`;
  }

  private *tables(schema: DumpSchema): Generator<string> {
    for (const entry of schema.tables) {
      this.counts.tables++;
      yield isVirtual(entry) ? virtualTable(entry) : statement(entry.sql);
    }
  }

  private *rows(schema: DumpSchema, encoding: string): Generator<Part> {
    for (const { name } of schema.tables.filter((entry) => !isVirtual(entry))) {
      yield* insertStatements(this.db, name, readColumns(this.db, name), encoding, this.counts);
    }
    if (schema.hasSequence) {
      yield 'DELETE FROM sqlite_sequence;\n';
      for (const [name, seq] of this.db.prepare<[], SqlValue[]>('SELECT name, seq FROM sqlite_sequence').raw().safeIntegers().all()) {
        yield `INSERT INTO sqlite_sequence VALUES(${literal(name ?? null)},${literal(seq ?? null)});\n`;
      }
    }
  }

  private pragma(name: string): string {
    return String(this.db.pragma(name, { simple: true }));
  }
}

/** The semicolon goes on a line of its own only where it would end up in a comment. */
function statement(sql: string): string {
  const [whole] = new StatementSplitter(LONGEST_STATEMENT).push(`${sql};`, true);
  return whole === undefined ? `${sql}\n;\n` : `${sql};\n`;
}

/**
 * A virtual table comes back with its shadow tables as they are, so it is only entered in the schema:
 * creating it would create them too, empty.
 */
function virtualTable({ name, sql }: SchemaEntry): string {
  const values = ["'table'", literal(name), literal(name), '0', literal(sql)].join(',');
  return `PRAGMA writable_schema=ON;\nINSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql) VALUES(${values});\nPRAGMA writable_schema=OFF;\n`;
}
