// The fast snapshot: the main file is copied as a file, while a read transaction keeps everybody from writing to it.
import { existsSync, statSync } from 'node:fs';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { openDatabase, type Connection } from './connection';
import { isWal } from './header';
import { removeCopy, type WayToRead } from './live-files';
import { fileBehind } from './side-files';
import { readFacts, type SnapshotFacts } from './facts';

/**
 * Copies one file to an empty one that is there, in a process of its own: one that closed the live file in this process
 * would drop all locks that it has on it. false: it was not copied.
 */
export type CopyApart = (from: string, to: string, signal: AbortSignal | undefined) => Promise<boolean>;

/** What the fast way needs from outside. */
export interface Held {
  readonly copyApart: CopyApart;
  /** Called when the copy's state is decided, and nobody has committed since. */
  readonly onHeld: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that the application may have to wait for its turn to write, before the safe way is taken. */
const PATIENCE = 1000;
const ATTEMPTS = 3;
/** Bytes of a log beyond which moving it into the database would hold the application up for too long. */
const LARGEST_LOG = 64 * 1024 * 1024;

/**
 * Makes the copy; null: the conditions are not given, nothing is at the target, and the safe way is to be taken. Only for
 * a database on a file system of this machine, whose locks hold. In rollback mode the read transaction's lock keeps the
 * main file as it is. In WAL mode the log is first moved into the main file while nobody can commit, and the transaction
 * that begins then keeps checkpoints away from it (https://www.sqlite.org/walformat.html#reader_locks).
 */
export async function copyHeld(
  source: string,
  target: string,
  way: WayToRead,
  { copyApart, onHeld, signal }: Held,
): Promise<SnapshotFacts | null> {
  const file = fileBehind(source);
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (way === 'copy' || log > LARGEST_LOG) {
    return null;
  }
  const inWal = isWal(file);
  if (inWal && existsSync(`${file}-journal`)) {
    return null;
  }
  const whichFile = identityOf(file);
  // Who may write would roll back what a program leaves that dies at this moment.
  const db = openDatabase(source, { timeout: PATIENCE, readonly: !inWal });
  try {
    const facts = begin(db, source, onHeld);
    const bytes = facts === null ? 0 : facts.pageCount * facts.pageSize;
    const state = stateOf(file);
    // What is longer than SQLite says ends with bytes that nobody knows.
    if (facts === null || bytes === 0 || statSync(file).size !== bytes) {
      return null;
    }
    const isCopied = await copyApart(file, target, signal);
    throwIfCancelled(signal);
    // Another file may have come in its place, on which we have no lock; and not everybody asks for locks.
    const isSame = identityOf(file) === whichFile && stateOf(file) === state;
    const isWhole = isCopied && isSame && statSync(target, { throwIfNoEntry: false })?.size === bytes;
    if (!isWhole) {
      removeCopy(target);
      return null;
    }
    db.exec('COMMIT');
    return facts;
  } catch (error) {
    removeCopy(target);
    if (error instanceof BackupError && error.code === 'CANCELLED') {
      throw error;
    }
    // Whatever it is, the safe way finds out, and says it.
    return null;
  } finally {
    db.close();
  }
}

function identityOf(file: string): string {
  const { dev, ino } = statSync(file, { bigint: true });
  return `${dev}:${ino}`;
}

/** What stays as it is while nobody writes to the file. */
function stateOf(file: string): string {
  const { size, mtimeNs } = statSync(file, { bigint: true });
  return `${size}:${mtimeNs}`;
}

/** Begins the read transaction that keeps the main file as it is, complete; null: that cannot be had now. */
function begin(db: Connection, source: string, onHeld: () => void): SnapshotFacts | null {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const inWal = db.pragma('journal_mode', { simple: true }) === 'wal';
    if (!inWal || isGated(db, source, onHeld)) {
      if (!db.inTransaction) {
        read(db);
        onHeld();
      }
      const facts = readFacts(db);
      // Somebody may have changed the mode since.
      if ((facts.journalMode === 'wal') === inWal) {
        return facts;
      }
      db.exec('COMMIT');
    }
  }
  return null;
}

/** In WAL mode: everything is in the main file, and the transaction has begun, before anybody could commit again. */
function isGated(db: Connection, source: string, onHeld: () => void): boolean {
  // Most of the log, while others may write: the application is held up only for the rest.
  db.pragma('wal_checkpoint(PASSIVE)');
  const gate = openDatabase(source, { timeout: PATIENCE });
  try {
    gate.exec('BEGIN IMMEDIATE');
    const [state] = db.pragma('wal_checkpoint(PASSIVE)') as { busy: number; log: number; checkpointed: number }[];
    const isComplete = state?.busy === 0 && state.log >= 0 && state.log === state.checkpointed;
    if (isComplete) {
      read(db);
      onHeld();
    }
    gate.exec('ROLLBACK');
    return isComplete;
  } finally {
    gate.close();
  }
}

function read(db: Connection): void {
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
}
