// Loads an SQL dump into a new, staged database file, and checks what came out.
import { closeSync, fsync, openSync, rmSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { BackupError, cancelled } from '../../errors';
import { throwIfCancelled, Turns, type OperationOptions } from '../../operation';
import { checkConnection, type CheckResult } from '../checks';
import { explainSqlite, openDatabase } from '../connection';
import { LONGEST_STATEMENT, type DumpCounts, type Seal } from './format';
import type { Growth } from './growing';
import { isOfStatement, LoadingDatabase } from './loading';
import { endsTooEarly } from './packing-errors';
import { DumpSource } from './source';
import { StatementFault } from './statement';
import { StatementSplitter } from './statements';
import { keepYoungGenerationSmall } from './young-generation';
import { said } from '../../said';

/** How it is known that the dump is whole: its own trailer, the COMMIT at its end, or not at all. */
export type Completeness = 'trailer' | 'commit' | 'unknown';

export interface LoadedDump extends DumpCounts {
  readonly completeness: Completeness;
  readonly warnings: readonly string[];
  readonly foreignKeyViolations: number;
}

export interface LoadOptions extends OperationOptions {
  /** The dump is still being written: how far it is there. */
  readonly growth?: Growth;
  /** The new database is looked at and thrown away: it need not outlast a power failure. */
  readonly isForALook?: boolean;
  /** Hears when everything is in the new database, and only the checks are left; nobody writes to it any more. */
  readonly onFilled?: () => void;
}

const CHOOSE_ANOTHER = 'Choose another dump, or make it again.';

/**
 * Reads a dump of ours, of the sqlite3 shell or of Python's iterdump, plain or compressed, into the new database
 * `newDatabaseFile`. Nothing in the dump can reach another file. The new file is removed when anything fails.
 */
export async function loadDump(dumpFile: string, newDatabaseFile: string, options: LoadOptions = {}): Promise<LoadedDump> {
  throwIfCancelled(options.signal);
  keepYoungGenerationSmall();
  await options.growth?.beyond(0);
  const source = new DumpSource(dumpFile, options.growth);
  claim(newDatabaseFile);
  try {
    const loading = new LoadingDatabase(newDatabaseFile);
    try {
      const turns = new Turns(options.signal);
      await run(source, loading, turns, dumpFile, options);
      const seal = source.finish();
      const completeness = completenessOf(seal, loading);
      await loading.finish(turns);
      const counts = compareCounts(seal, loading);
      options.onFilled?.();
      return { ...counts, completeness, ...(await verify(newDatabaseFile, options)) };
    } finally {
      loading.close();
    }
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) {
      rmSync(newDatabaseFile + suffix, { force: true });
    }
    throw explainLoading(error, newDatabaseFile, options.signal);
  }
}

/** Makes the file ours: an existing one is never written over. */
function claim(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'EEXIST'
      ? new BackupError('BACKUP_EXISTS', said`${file} exists already.`, 'A dump is loaded into a new file only.', { cause: error })
      : explainSqlite(error, file);
  }
}

async function run(source: DumpSource, loading: LoadingDatabase, turns: Turns, dumpFile: string, options: OperationOptions): Promise<void> {
  const totalBytes = statSync(dumpFile).size;
  const splitter = new StatementSplitter(LONGEST_STATEMENT);
  for await (const { text, position } of source.pieces(options.signal)) {
    throwIfCancelled(options.signal);
    for (const statement of splitter.push(text)) {
      loading.take(statement);
      await turns.next();
    }
    options.onProgress?.({ phase: 'stage', doneBytes: position, totalBytes });
  }
  for (const statement of splitter.push('', true)) {
    loading.take(statement);
    await turns.next();
  }
  splitter.finish();
}

function completenessOf(seal: Seal, loading: LoadingDatabase): Completeness {
  if (seal.kind === 'missing' || loading.transaction === 'open') {
    throw endsTooEarly();
  }
  if (seal.kind === 'broken') {
    throw new BackupError(
      'DUMP_INVALID',
      'The dump is not what was written: its checksum differs. Nothing was changed.',
      'Choose another dump. If you edited it on purpose, remove its first and its last line.',
    );
  }
  return seal.kind === 'whole' ? 'trailer' : loading.transaction === 'committed' ? 'commit' : 'unknown';
}

function compareCounts(seal: Seal, loading: LoadingDatabase): DumpCounts {
  const { tables, rows } = loading.counts();
  if (tables === 0) {
    const text = seal.kind === 'foreign' ? 'The dump holds no table.' : 'The dump was made of a database without tables.';
    throw new BackupError('DUMP_INVALID', said`${text} Nothing was changed.`, CHOOSE_ANOTHER);
  }
  if (seal.kind === 'whole' && (seal.counts.tables !== tables || seal.counts.rows !== rows)) {
    throw new BackupError(
      'DUMP_INVALID',
      said`The dump should bring ${seal.counts.rows} rows, but brought ${rows}. Nothing was changed.`,
      CHOOSE_ANOTHER,
    );
  }
  return { tables, rows };
}

/** The staged file, closed by its writer: on the disk, sound, and without files beside it. */
async function verify(file: string, options: LoadOptions): Promise<Pick<CheckResult, 'warnings' | 'foreignKeyViolations'>> {
  throwIfCancelled(options.signal);
  // The drive is at work while SQLite checks, and this thread can do nothing else.
  const synced = options.isForALook === true ? Promise.resolve() : synchronize(file);
  let result: Pick<CheckResult, 'warnings' | 'foreignKeyViolations'>;
  try {
    result = checked(file, options);
  } finally {
    await Promise.allSettled([synced]);
  }
  await synced;
  return result;
}

/** Has begun when it returns. */
function synchronize(file: string): Promise<void> {
  const handle = openSync(file, 'r+');
  return promisify(fsync)(handle).finally(() => {
    closeSync(handle);
  });
}

function checked(file: string, options: LoadOptions): Pick<CheckResult, 'warnings' | 'foreignKeyViolations'> {
  options.onProgress?.({ phase: 'check', doneBytes: 0, totalBytes: 0 });
  const db = openDatabase(file, { readonly: true });
  try {
    const { problems, warnings, foreignKeyViolations } = checkConnection(db, 'deep');
    if (problems[0] !== undefined) {
      throw new BackupError('DUMP_INVALID', said`The dump makes a damaged database: ${problems[0]}. Nothing was changed.`, CHOOSE_ANOTHER);
    }
    return { warnings, foreignKeyViolations };
  } finally {
    db.close();
  }
}

function explainLoading(error: unknown, file: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) {
    return cancelled();
  }
  if (error instanceof StatementFault) {
    const text = said`Line ${error.line} of the dump: ${error.message}. Nothing was changed.`;
    return new BackupError(error.truncated ? 'DUMP_TRUNCATED' : 'DUMP_INVALID', text, CHOOSE_ANOTHER, { cause: error });
  }
  if (error instanceof Error && !(error instanceof BackupError) && isOfStatement(error)) {
    return new BackupError('DUMP_INVALID', said`SQLite cannot use the dump: ${error.message}. Nothing was changed.`, CHOOSE_ANOTHER, {
      cause: error,
    });
  }
  return explainSqlite(error, file);
}
