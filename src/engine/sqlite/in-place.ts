// Replaces a live database's content through SQLite itself, so that programs that have it open see the new content.
import { statSync } from 'node:fs';
import { BackupError } from '../errors';
import { explainSqlite, openDatabase, readDatabase, type Connection } from './connection';
import { ChangedMeanwhile, NotKept, type LastLook } from './last-look';
import { numberOf } from './snapshot';
import { said } from '../said';

export interface ReplaceOptions {
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Milliseconds to wait for other programs to let go of the database. */
  readonly patience?: number | undefined;
  /**
   * Called when somebody has committed since the mark, and nobody can any more until the replacement is made: keeps what
   * they committed (see `takeSnapshot`, `isLocked`) and may change the source through SQLite. What it throws is the cause of NotKept.
   */
  readonly onChanged?: ((schemaVersion: number) => Promise<void>) | undefined;
  /**
   * Called when a program has a database in WAL mode open, whose pages can have no other size then: makes the source one
   * with pages of so many bytes. false: that cannot be done.
   */
  readonly onOtherPages?: ((pageSize: number) => Promise<boolean>) | undefined;
}

const PATIENCE = 10_000;
const PAGES_PER_STEP = 1000;
/** Milliseconds after which a lock is asked for again, from the first time on to all later ones. */
const [FIRST_WAIT, LAST_WAIT] = [1, 20];

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
 * Copies `source` (at rest, at least one page) over the live database `target` in one transaction. If somebody has written
 * to it since `look` was marked, `onChanged` is called first; without that it fails with ChangedMeanwhile. Open connections
 * see the new content with their next statement. Fails with DATABASE_LOCKED, and then, as with any failure, nothing was changed.
 *
 * better-sqlite3 may report a copy that never began or never committed as done. SQLite raises the destination's schema
 * version in the transaction of the copy, so that number tells (https://www.sqlite.org/c3ref/backup_finish.html).
 */
export async function replaceInPlace(source: string, target: string, look: LastLook, options: ReplaceOptions = {}): Promise<void> {
  await fitPages(source, target, look, options);
  const deadline = Date.now() + (options.patience ?? PATIENCE);
  // Asked again and again while `onChanged` changes it: to wait for that would keep it from going on.
  const from = openDatabase(source, { readonly: true, timeout: 0 });
  try {
    // Each page is read once, and handed on.
    from.pragma('cache_size = -1000');
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LAST_WAIT)) {
      const before = await copyOver(from, target, look, deadline, options);
      if (before !== null && isRaised(target, before)) {
        return;
      }
      if (Date.now() >= deadline) {
        throw locked(target);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  } catch (error) {
    throw explainSqlite(error, target);
  } finally {
    from.close();
  }
}

/** A database in WAL mode keeps the size of its pages. Who has it alone takes it out of that mode; otherwise the source follows. */
async function fitPages(source: string, target: string, look: LastLook, { onOtherPages }: ReplaceOptions): Promise<void> {
  const pageSize = look.isWal ? pageSizeOf(target) : 0;
  if (!look.isWal || pageSize === pageSizeOf(source)) {
    return;
  }
  try {
    if (!look.leaveWal()) {
      throw new ChangedMeanwhile();
    }
  } catch (error) {
    const isOpen = error instanceof BackupError && error.code === 'DATABASE_LOCKED';
    if (!isOpen || (await onOtherPages?.(pageSize)) !== true) {
      throw error;
    }
  }
}

function pageSizeOf(file: string): number {
  return readDatabase(file, (db) => numberOf(db, 'page_size'));
}

/** SQLite has reported all pages as copied: only a number that it can read speaks against that. */
function isRaised(target: string, before: number): boolean {
  try {
    return schemaVersion(target) !== before;
  } catch {
    return true;
  }
}

/** One attempt. Returns the schema version that the destination had when nobody else could commit; null: it was locked. */
async function copyOver(
  from: Connection,
  target: string,
  look: LastLook,
  deadline: number,
  options: ReplaceOptions,
): Promise<number | null> {
  const turn = new Turn(look, options.onChanged);
  const pageSize = numberOf(from, 'page_size');
  let left: number | null = null;
  let stalled = 0;
  try {
    const result = await from.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        // The first step has taken the write lock and copied nothing yet: from here on nobody else can commit.
        if (!turn.hasCome()) {
          return 0;
        }
        stalled = remainingPages === left ? stalled + 1 : 0;
        left = remainingPages;
        if (stalled > 1 && Date.now() >= deadline) {
          throw locked(target);
        }
        options.onBytes?.((totalPages - remainingPages) * pageSize, totalPages * pageSize);
        return PAGES_PER_STEP;
      },
    });
    return result.totalPages === numberOf(from, 'page_count') ? turn.schemaVersion : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) {
      return null;
    }
    throw error;
  }
}

/** The moment between the lock and the first page: what others have committed until then is kept. */
class Turn {
  private state: 'asked' | 'keeping' | 'come' = 'asked';
  private failure: { readonly error: unknown } | null = null;
  /** Of the destination, while nobody can change it. */
  schemaVersion = 0;

  constructor(
    private readonly look: LastLook,
    private readonly onChanged: ReplaceOptions['onChanged'],
  ) {}

  /** To be asked again and again while the lock is held. Fails with ChangedMeanwhile and NotKept. */
  hasCome(): boolean {
    if (this.state === 'asked') {
      this.begin();
    }
    if (this.failure !== null) {
      throw this.failure.error;
    }
    if (this.state === 'keeping') {
      // The next step comes at once, and the work that it waits for is done by other threads.
      Atomics.wait(SLEEPING, 0, 0, 1);
    }
    return this.state === 'come';
  }

  private begin(): void {
    const hasChanged = this.look.hasChanged();
    if (hasChanged && this.onChanged === undefined) {
      throw new ChangedMeanwhile();
    }
    this.state = 'come';
    this.schemaVersion = this.look.heldVersion();
    if (hasChanged && this.onChanged !== undefined) {
      this.state = 'keeping';
      this.onChanged(this.schemaVersion).then(
        () => {
          this.state = 'come';
        },
        (error: unknown) => {
          this.failure = { error: error instanceof ChangedMeanwhile ? error : new NotKept('', { cause: error }) };
        },
      );
    }
  }
}

/** Copies `source` over `target` in one transaction. Both are private files; connections of this process may have `target` open. */
export async function refill(source: string, target: string): Promise<void> {
  const from = openDatabase(source, { readonly: true });
  try {
    const { totalPages } = await from.backup(target, { progress: () => PAGES_PER_STEP });
    if (totalPages !== numberOf(from, 'page_count')) {
      throw locked(target);
    }
  } catch (error) {
    throw explainSqlite(error, target);
  } finally {
    from.close();
  }
}

const SLEEPING = new Int32Array(new SharedArrayBuffer(4));

function locked(target: string): BackupError {
  return new BackupError(
    'DATABASE_LOCKED',
    said`Another program keeps ${target} (${statSync(target).size} bytes) locked.`,
    'Stop the program that writes to it, then restore again. Nothing was changed.',
  );
}
