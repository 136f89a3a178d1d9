// Reads a database file that nobody writes to, e.g. in a backup, and leaves nothing beside it.
import { constants, copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openDatabase, readDatabase, type Connection } from './connection';
import { isWal } from './header';
import { makeScratch } from './scratch';

export interface AtRestOptions {
  /** A write-ahead log that lies beside the file belongs to it. Otherwise whatever lies there is a stranger. */
  readonly withWal?: boolean;
}

/** Runs `use` on a connection to the file, or to a temporary copy where opening it would leave or read side files. */
export function readAtRest<T>(file: string, use: (db: Connection) => T, options: AtRestOptions = {}): T {
  const hasSideFiles = ['-wal', '-journal'].some((suffix) => existsSync(file + suffix));
  if (!isWal(file) && !hasSideFiles) {
    return readDatabase(file, use);
  }
  const scratch = makeScratch();
  try {
    const copy = join(scratch.folder, basename(file));
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
    scratch.remove();
  }
}
