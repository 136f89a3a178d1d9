// Opens SQLite databases the one way the engine does.
import Database from 'better-sqlite3';
import { closeSync, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { BackupError } from '../errors';
import { crowdedProblem } from './crowded';
import { explainSqlite } from './explain';
import { said } from '../said';

export { explainSqlite } from './explain';

export type Connection = Database.Database;

/** Milliseconds that SQLite waits for a lock before it gives up. */
export const LOCK_TIMEOUT = 5000;

const MAGIC = 'SQLite format 3\0';

/** What the first bytes of a file say it is (https://www.sqlite.org/fileformat2.html#magic_header_string). */
export type HeaderKind = 'sqlite' | 'empty' | 'other' | 'missing';

/** Reads the header of a file without opening it as a database. Never call it on a live database this process has open. */
export function headerKind(file: string): HeaderKind {
  let handle: number;
  try {
    // Opening a FIFO would wait for its writer for ever.
    requireFile(file);
    handle = openSync(file, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) {
      return 'missing';
    }
    throw explainSqlite(error, file);
  }
  try {
    const bytes = Buffer.alloc(MAGIC.length);
    const read = readSync(handle, bytes, 0, bytes.length, 0);
    if (read === 0) {
      return 'empty';
    }
    return bytes.toString('latin1') === MAGIC ? 'sqlite' : 'other';
  } finally {
    closeDescriptor(handle);
  }
}

/** Connections of this process, and descriptors that wait for them to be closed, by the file's identity. */
const connections = new Map<string, number>();
const descriptors = new Map<string, number[]>();

/**
 * Closes a descriptor of a database file, but not before this process has closed its connections to it: closing any
 * descriptor of a file drops all locks that the process holds on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export function closeDescriptor(handle: number): void {
  const id = identityOf(fstatSync(handle, { bigint: true }));
  if (connections.has(id)) {
    descriptors.set(id, [...(descriptors.get(id) ?? []), handle]);
  } else {
    closeSync(handle);
  }
}

/** Whether this process has a connection to the file. */
export function isOpenHere(file: string): boolean {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && connections.has(identityOf(stats));
}

/** Counts a connection until it is closed. */
function counted(db: Connection, file: string): Connection {
  const id = identityOf(statSync(file, { bigint: true }));
  connections.set(id, (connections.get(id) ?? 0) + 1);
  const close = db.close.bind(db);
  db.close = () => {
    const wasOpen = db.open;
    close();
    const left = (connections.get(id) ?? 0) - (wasOpen ? 1 : 0);
    if (left > 0) {
      connections.set(id, left);
    } else {
      connections.delete(id);
      descriptors.get(id)?.forEach((handle) => {
        closeSync(handle);
      });
      descriptors.delete(id);
    }
    return db;
  };
  return db;
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

export interface OpenOptions {
  readonly readonly?: boolean;
  /** Milliseconds to wait for a lock; LOCK_TIMEOUT unless told. */
  readonly timeout?: number;
}

/** Opens an existing database. Fails with DATABASE_NOT_FOUND, never creates one. The caller closes it. */
export function openDatabase(file: string, options: OpenOptions = {}): Connection {
  try {
    requireFile(file);
    const crowded = crowdedProblem(file, closeDescriptor);
    if (crowded !== null) {
      throw crowded;
    }
    const db = new Database(file, { fileMustExist: true, readonly: options.readonly ?? false, timeout: options.timeout ?? LOCK_TIMEOUT });
    return counted(db, file);
  } catch (error) {
    throw explainSqlite(error, file);
  }
}

/** Runs `use` on a read-only connection and closes it; SQLite's failures become BackupErrors. */
export function readDatabase<T>(file: string, use: (db: Connection) => T, timeout = LOCK_TIMEOUT): T {
  const db = openDatabase(file, { readonly: true, timeout });
  try {
    return use(db);
  } catch (error) {
    throw explainSqlite(error, file);
  } finally {
    db.close();
  }
}

/** Fails with NOT_A_DATABASE on a folder, a FIFO and the like, and with the system's ENOENT. */
export function requireFile(file: string): void {
  if (!statSync(file).isFile()) {
    throw new BackupError('NOT_A_DATABASE', said`${file} is not a file.`, 'Choose the database file itself.');
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
