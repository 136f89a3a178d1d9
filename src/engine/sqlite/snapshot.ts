// The consistent snapshot: a copy of a live database that holds exactly one committed state of it.
import { once } from 'node:events';
import { chmodSync, constants, copyFileSync, createWriteStream, rmSync, statSync } from 'node:fs';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { explainSqlite, openDatabase, type Connection } from './connection';

export interface SnapshotFacts {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly userVersion: number;
  readonly applicationId: number;
  /** Of the live database: "wal", "delete", ... */
  readonly journalMode: string;
}

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

const PAGES_PER_STEP = 1000;

/**
 * Copies the live database `source` to the new file `target`, whatever else reads or writes it meanwhile.
 * The read transaction is pinned on the connection that copies: the copy never has to start again, and a locked
 * source fails with DATABASE_LOCKED instead of an empty success (https://www.sqlite.org/backup.html).
 */
export async function takeSnapshot(source: string, target: string, options: SnapshotOptions = {}): Promise<SnapshotFacts> {
  try {
    return await takeLiveSnapshot(source, target, options);
  } catch (error) {
    if (error instanceof BackupError && error.code === 'NO_PERMISSION' && isAtRest(source)) {
      return copyAtRest(source, target, error);
    }
    throw error;
  }
}

/**
 * A database in WAL mode that this user may read but not write, e.g. one that belongs to a container: SQLite cannot open
 * it without making its log. Without a log nobody has it open, and the file alone is the whole database.
 */
function copyAtRest(source: string, target: string, refusal: BackupError): SnapshotFacts {
  const identity = (): string => {
    const { size, mtimeNs, ctimeNs } = statSync(source, { bigint: true });
    return `${size} ${mtimeNs} ${ctimeNs}`;
  };
  const before = identity();
  rmSync(target, { force: true });
  try {
    copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  } catch (error) {
    throw explainSqlite(error, source);
  }
  if (!isAtRest(source) || identity() !== before) {
    throw refusal;
  }
  try {
    chmodSync(target, 0o600);
  } catch {
    // Some file systems keep no permissions.
  }
  const copy = openDatabase(target);
  try {
    const facts = readFacts(copy);
    copy.pragma('journal_mode = DELETE');
    return facts;
  } catch (error) {
    throw explainSqlite(error, source);
  } finally {
    copy.close();
  }
}

function isAtRest(source: string): boolean {
  return ['-wal', '-journal'].every((suffix) => (statSync(source + suffix, { throwIfNoEntry: false })?.size ?? 0) === 0);
}

async function takeLiveSnapshot(source: string, target: string, options: SnapshotOptions): Promise<SnapshotFacts> {
  const db = openDatabase(source);
  try {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    const facts = readFacts(db);
    if (facts.pageCount === 0) {
      await writeEmptyFile(target);
    } else {
      await copyPages(db, target, facts, options);
    }
    db.exec('COMMIT');
    return facts;
  } catch (error) {
    throw explainSqlite(error, source);
  } finally {
    db.close();
  }
}

async function copyPages(db: Connection, target: string, facts: SnapshotFacts, options: SnapshotOptions): Promise<void> {
  const total = facts.pageCount * facts.pageSize;
  const result = await db.backup(target, {
    progress: ({ totalPages, remainingPages }) => {
      throwIfCancelled(options.signal);
      options.onBytes?.((totalPages - remainingPages) * facts.pageSize, total);
      return PAGES_PER_STEP;
    },
  });
  throwIfCancelled(options.signal);
  // The copy is reported as done even when it could not begin.
  if (result.totalPages !== facts.pageCount || statSync(target).size !== total) {
    throw new BackupError('DATABASE_LOCKED', 'SQLite could not copy the database.', 'Stop the program that holds it, and try again.');
  }
  withoutWal(target);
  options.onBytes?.(total, total);
}

/** Takes a copy out of WAL mode, so that opening it later leaves no side files beside it. */
export function withoutWal(file: string): void {
  const copy = openDatabase(file);
  try {
    copy.pragma('journal_mode = DELETE');
  } catch (error) {
    throw explainSqlite(error, file);
  } finally {
    copy.close();
  }
}

/** What the header of an open database says about it. */
export function readFacts(db: Connection): SnapshotFacts {
  return {
    pageSize: numberOf(db, 'page_size'),
    pageCount: numberOf(db, 'page_count'),
    userVersion: numberOf(db, 'user_version'),
    applicationId: numberOf(db, 'application_id'),
    journalMode: String(db.pragma('journal_mode', { simple: true })),
  };
}

export function numberOf(db: Connection, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}

/** A database without a single page is a file of zero bytes, and still valid. */
async function writeEmptyFile(target: string): Promise<void> {
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  file.end();
  await once(file, 'close');
}
