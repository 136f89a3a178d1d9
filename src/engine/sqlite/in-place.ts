// Replaces a live database's content through SQLite itself, so that programs that have it open see the new content.
import { statSync } from 'node:fs';
import { BackupError } from '../errors';
import { explainSqlite, openDatabase, readDatabase, type Connection } from './connection';
import type { LastLook } from './last-look';
import { numberOf } from './snapshot';

export interface ReplaceOptions {
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Milliseconds to wait for other programs to let go of the database. */
  readonly patience?: number | undefined;
}

const PATIENCE = 10_000;
const PAGES_PER_STEP = 1000;

/** Somebody committed between the last look's mark and the replacement, which was not made. */
export class ChangedMeanwhile extends Error {}

/** The number that a replacement raises in its own transaction. Rolls a hot journal back. Fails with DATABASE_LOCKED. */
export function schemaVersion(database: string): number {
  const db = openDatabase(database);
  try {
    return numberOf(db, 'schema_version');
  } catch (error) {
    throw explainSqlite(error, database);
  } finally {
    db.close();
  }
}

/** Fails with DATABASE_LOCKED when nobody could write to the live database within `patience` ms. Rolls a hot journal back. */
export function requireWritable(database: string, patience?: number): void {
  const db = openDatabase(database, patience === undefined ? {} : { timeout: patience });
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
 * Copies `source` (at rest, at least one page) over the live database `target` in one transaction, if nobody has written
 * to it since `look` was marked; else it fails with ChangedMeanwhile. Open connections see the new content with their next
 * statement. Fails with DATABASE_LOCKED, and then, as with any failure, nothing was changed.
 *
 * better-sqlite3 may report a copy that never began or never committed as done. SQLite raises the destination's schema
 * version in the transaction of the copy, so that number tells (https://www.sqlite.org/c3ref/backup_finish.html).
 */
export async function replaceInPlace(source: string, target: string, look: LastLook, options: ReplaceOptions = {}): Promise<void> {
  const deadline = Date.now() + (options.patience ?? PATIENCE);
  const from = openDatabase(source, { readonly: true });
  try {
    const before = schemaVersion(target);
    if (look.isWal && readDatabase(target, (db) => numberOf(db, 'page_size')) !== numberOf(from, 'page_size') && !look.leaveWal()) {
      throw new ChangedMeanwhile();
    }
    while (!((await copyOver(from, target, look, deadline, options)) && isRaised(target, before))) {
      if (Date.now() >= deadline) {
        throw locked(target);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch (error) {
    throw explainSqlite(error, target);
  } finally {
    from.close();
  }
}

/** SQLite has reported all pages as copied: only a number that it can read speaks against that. */
function isRaised(target: string, before: number): boolean {
  try {
    return schemaVersion(target) !== before;
  } catch {
    return true;
  }
}

/** One attempt; false: the destination was locked. */
async function copyOver(from: Connection, target: string, look: LastLook, deadline: number, options: ReplaceOptions): Promise<boolean> {
  const pages = numberOf(from, 'page_count');
  const pageSize = numberOf(from, 'page_size');
  let left: number | null = null;
  let stalled = 0;
  try {
    const result = await from.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        if (left === null) {
          // The first step has taken the write lock and copied nothing yet: from here on nobody else can commit.
          if (look.hasChanged()) {
            throw new ChangedMeanwhile();
          }
        } else {
          stalled = remainingPages === left ? stalled + 1 : 0;
        }
        left = remainingPages;
        if (stalled > 1 && Date.now() >= deadline) {
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

function locked(target: string): BackupError {
  return new BackupError(
    'DATABASE_LOCKED',
    `Another program keeps ${target} (${statSync(target).size} bytes) locked.`,
    'Stop the program that writes to it, then restore again. Nothing was changed.',
  );
}
