// The last look at a live database: whether anybody has written to it since a moment that was marked.
import { existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { BackupError } from '../errors';
import { closeDescriptor, explainSqlite, LOCK_TIMEOUT, openDatabase, type Connection } from './connection';
import { numberOf } from './snapshot';
import { said } from '../said';

/** Offset of the header's file change counter (https://www.sqlite.org/fileformat2.html#file_change_counter). */
const CHANGE_COUNTER = 24;
/** Of the version that says how the file is read (2: through a log), and of the schema cookie. */
const READ_VERSION = 19;
const SCHEMA_COOKIE = 40;
const HEADER = SCHEMA_COOKIE + 4;

/** Milliseconds to wait for having a database alone: an application that has it open keeps it so for hours. */
const PATIENCE_ALONE = 300;

/** Somebody committed between the last look's mark and the replacement, which was not made. */
export class ChangedMeanwhile extends Error {}

/** What they committed could not be kept, because of the cause; that says nothing about the live database. */
export class NotKept extends Error {}

/**
 * Stays open from the mark to the end of the replacement. In WAL mode `data_version` of a connection tells of every commit
 * of another one (https://www.sqlite.org/pragma.html#pragma_data_version). In rollback mode nobody may read through
 * SQLite while the replacement holds its lock, so that the change counter is read from the file, through a descriptor
 * that is opened before and closed after every connection.
 */
export class LastLook {
  private readonly handle: number;
  private readonly db: Connection;
  private mode = '';
  private counter = '';
  private version = 0;
  private readVersion: number | undefined;
  private leftWal = false;

  /** Opens the live database; a hot journal is rolled back. Fails as `openDatabase` does. */
  constructor(private readonly file: string) {
    this.handle = openSync(file, 'r');
    try {
      this.db = openDatabase(file);
    } catch (error) {
      closeDescriptor(this.handle);
      throw error;
    }
  }

  /** From now on every commit is a change. Returns the schema version, which the copy of a backup raises. */
  mark(): number {
    try {
      // The first statement rolls a hot journal back. What is compared is read before what is returned.
      this.mode = String(this.db.pragma('journal_mode', { simple: true }));
      numberOf(this.db, 'schema_version');
      this.counter = this.counterNow();
      // Not always that of the mode: with a log beside it SQLite takes any database for one in WAL mode.
      this.readVersion = this.headerNow()[READ_VERSION];
      this.version = this.mode === 'wal' ? numberOf(this.db, 'data_version') : 0;
      return numberOf(this.db, 'schema_version');
    } catch (error) {
      throw explainSqlite(error, this.file);
    }
  }

  /** Whether somebody committed since the mark, or put another file there. Certain only while the caller holds the write lock. */
  hasChanged(): boolean {
    try {
      if (this.hasMoved()) {
        return true;
      }
      return this.mode === 'wal' ? numberOf(this.db, 'data_version') !== this.version : this.counterNow() !== this.counter;
    } catch {
      // Nobody else holds it while we do: what cannot be read is not what was marked.
      return true;
    }
  }

  /**
   * The schema version, while the caller holds the write lock through another connection: in rollback mode that keeps
   * everybody from reading through SQLite, and the file itself is what was committed. Fails with ChangedMeanwhile when
   * somebody has changed the mode since the mark.
   */
  heldVersion(): number {
    const header = this.headerNow();
    if (header.length > 0 && (header[READ_VERSION] !== this.readVersion || this.hasMoved())) {
      throw new ChangedMeanwhile();
    }
    if (this.isWal) {
      return numberOf(this.db, 'schema_version');
    }
    return header.length === HEADER ? header.readInt32BE(SCHEMA_COOKIE) : 0;
  }

  private headerNow(): Buffer {
    const header = Buffer.alloc(HEADER);
    return header.subarray(0, readSync(this.handle, header, 0, HEADER, 0));
  }

  /** Whether another file has come in its place. */
  private hasMoved(): boolean {
    const { dev, ino } = statSync(this.file, { bigint: true });
    const mine = fstatSync(this.handle, { bigint: true });
    return dev !== mine.dev || ino !== mine.ino;
  }

  /** Runs `work` while nobody else can commit; null: somebody did since the mark, and it was not run. */
  async alone<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      this.db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      throw explainSqlite(error, this.file);
    }
    try {
      return this.hasChanged() ? null : await work();
    } finally {
      // It has written nothing: closing it would do as well.
      if (this.db.inTransaction) {
        this.db.exec('ROLLBACK');
      }
    }
  }

  /**
   * Takes a database out of WAL mode, so that a backup with another page size fits in; only who has it alone can do so.
   * Returns false when somebody committed since the mark. From here on the change counter is what is compared.
   */
  leaveWal(): boolean {
    try {
      this.db.pragma(`busy_timeout = ${PATIENCE_ALONE}`);
      this.db.pragma('locking_mode = EXCLUSIVE');
      this.db.exec('BEGIN IMMEDIATE; COMMIT');
      if (this.hasChanged()) {
        return false;
      }
      this.db.pragma('journal_mode = DELETE');
      this.leftWal = true;
      this.mode = 'delete';
      this.counter = this.counterNow();
      this.readVersion = this.headerNow()[READ_VERSION];
      return true;
    } catch (error) {
      const explained = explainSqlite(error, this.file);
      if (!(explained instanceof BackupError) || explained.code !== 'DATABASE_LOCKED') {
        throw explained;
      }
      throw new BackupError(
        'DATABASE_LOCKED',
        said`The backup's page size differs from the live database's, and another program has ${this.file} open.`,
        'Stop the application, then restore again. Nothing was changed.',
        { cause: error },
      );
    } finally {
      this.giveUpLock();
    }
  }

  /** The next read gives the lock up; where not even that can be read, closing does. */
  private giveUpLock(): void {
    try {
      this.db.pragma('locking_mode = NORMAL');
      this.db.pragma(`busy_timeout = ${LOCK_TIMEOUT}`);
      numberOf(this.db, 'schema_version');
    } catch {
      // What it failed by is told by what came before.
    }
  }

  get isWal(): boolean {
    return this.mode === 'wal';
  }

  /** Closes it; a database that was taken out of WAL mode is in it again, unless a program that has it now prefers another. */
  close(): void {
    try {
      if (this.leftWal && existsSync(this.file)) {
        this.db.pragma('journal_mode = WAL');
      }
    } catch {
      // The mode is a wish: the data is right in any.
    }
    this.letGo();
  }

  /** Closes it in the mode that it has now. */
  letGo(): void {
    this.db.close();
    closeDescriptor(this.handle);
  }

  /** Whether it was taken out of WAL mode, and is to be in it again unless it is replaced. */
  get hasLeftWal(): boolean {
    return this.leftWal;
  }

  private counterNow(): string {
    const bytes = Buffer.alloc(4);
    const read = readSync(this.handle, bytes, 0, bytes.length, CHANGE_COUNTER);
    return `${fstatSync(this.handle).size} ${bytes.toString('hex', 0, read)}`;
  }
}

/** Brings a database that was let go of back into WAL mode. The mode is a wish: the data is right in any. */
export function backToWal(file: string): void {
  try {
    const db = openDatabase(file);
    try {
      db.pragma('journal_mode = WAL');
    } finally {
      db.close();
    }
  } catch {
    // A program that has it now prefers another, or it is gone.
  }
}
