// Replaces a live database's content through SQLite itself, so that programs that have it open see the new content.
import { statSync } from 'node:fs';
import { BackupError } from '../errors';
import { explainSqlite, openDatabase, type Connection } from './connection';
import { numberOf } from './snapshot';

export interface ReplaceOptions {
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Milliseconds to wait for other programs to let go of the database. */
  readonly patience?: number;
}

const PATIENCE = 10_000;
const PAGES_PER_STEP = 1000;

/** Fails with DATABASE_LOCKED when nobody could write to the live database now. Rolls a hot journal back. */
export function requireWritable(database: string): void {
  const db = openDatabase(database);
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec('ROLLBACK');
  } catch (error) {
    throw explainSqlite(error, database);
  } finally {
    db.close();
  }
}

/**
 * Copies `source` (at rest, at least one page) over the live database `target` in one transaction. Open connections see
 * the new content with their next statement. Fails with DATABASE_LOCKED, and then nothing was changed.
 *
 * better-sqlite3 may report a copy that never began or never committed as done. SQLite raises the destination's schema
 * version in the transaction of the copy, so that number tells (https://www.sqlite.org/c3ref/backup_finish.html).
 */
export async function replaceInPlace(source: string, target: string, options: ReplaceOptions = {}): Promise<void> {
  const live = openDatabase(target);
  const from = openDatabase(source, { readonly: true });
  const deadline = Date.now() + (options.patience ?? PATIENCE);
  const modeBefore = String(live.pragma('journal_mode', { simple: true }));
  try {
    const sizesDiffer = numberOf(live, 'page_size') !== numberOf(from, 'page_size');
    if (sizesDiffer && modeBefore === 'wal') {
      leaveWal(live, target);
    }
    for (;;) {
      const before = numberOf(live, 'schema_version');
      if ((await copyOver(from, target, deadline, options)) && numberOf(live, 'schema_version') !== before) {
        break;
      }
      if (Date.now() >= deadline) {
        throw locked(target);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (sizesDiffer && modeBefore === 'wal') {
      live.pragma('journal_mode = WAL');
    }
  } catch (error) {
    throw explainSqlite(error, target);
  } finally {
    from.close();
    live.close();
  }
}

/** One attempt; false: the destination was locked. */
async function copyOver(from: Connection, target: string, deadline: number, options: ReplaceOptions): Promise<boolean> {
  const pages = numberOf(from, 'page_count');
  const pageSize = numberOf(from, 'page_size');
  let left = pages;
  let stalled = 0;
  try {
    const result = await from.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        stalled = remainingPages === left ? stalled + 1 : 0;
        left = remainingPages;
        if (stalled > 0 && Date.now() >= deadline) {
          throw locked(target);
        }
        options.onBytes?.((totalPages - remainingPages) * pageSize, pages * pageSize);
        return PAGES_PER_STEP;
      },
    });
    return result.totalPages === pages;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) {
      return false;
    }
    throw error;
  }
}

/** A database in WAL mode keeps its page size; only a program that has it for itself can take it out. */
function leaveWal(live: Connection, target: string): void {
  try {
    live.pragma('wal_checkpoint(TRUNCATE)');
    live.pragma('journal_mode = DELETE');
  } catch (error) {
    const explained = explainSqlite(error, target);
    if (!(explained instanceof BackupError) || explained.code !== 'DATABASE_LOCKED') {
      throw explained;
    }
    throw new BackupError(
      'DATABASE_LOCKED',
      `The backup's page size differs from the live database's, and another program has ${target} open.`,
      'Stop the application, then restore again. Nothing was changed.',
      { cause: error },
    );
  }
}

function locked(target: string): BackupError {
  return new BackupError(
    'DATABASE_LOCKED',
    `Another program keeps ${target} (${statSync(target).size} bytes) locked.`,
    'Stop the program that writes to it, then restore again. Nothing was changed.',
  );
}
