// Reads a database file that nobody writes to, e.g. in a backup, and leaves nothing beside it.
import { constants, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { closeDescriptor, openDatabase, readDatabase, type Connection } from './connection';

export interface AtRestOptions {
  /** A write-ahead log that lies beside the file belongs to it. Otherwise whatever lies there is a stranger. */
  readonly withWal?: boolean;
}

/** Offset of the header's "file format write version"; 2 is WAL (https://www.sqlite.org/fileformat2.html). */
const WRITE_VERSION = 18;

/** Runs `use` on a connection to the file, or to a temporary copy where opening it would leave or read side files. */
export function readAtRest<T>(file: string, use: (db: Connection) => T, options: AtRestOptions = {}): T {
  const hasSideFiles = ['-wal', '-journal'].some((suffix) => existsSync(file + suffix));
  if (!isWal(file) && !hasSideFiles) {
    return readDatabase(file, use);
  }
  const folder = mkdtempSync(join(tmpdir(), 'pats-backup-'));
  try {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    if (options.withWal === true && existsSync(`${file}-wal`)) {
      copyFileSync(`${file}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
    }
    const db = openDatabase(copy);
    try {
      return use(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a database file says that it is in WAL mode. */
export function isWal(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(handle, byte, 0, 1, WRITE_VERSION) === 1 && byte[0] === 2;
  } finally {
    closeDescriptor(handle);
  }
}
