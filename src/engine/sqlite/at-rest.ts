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

/** A connection to a file at rest; `close` also removes the temporary copy that it may be. */
export interface OpenedAtRest {
  readonly db: Connection;
  close(): void;
}

/** Opens the file, or a temporary copy where opening it would leave or read side files. The caller closes it. */
export function openAtRest(file: string, options: AtRestOptions = {}): OpenedAtRest {
  if (isAlone(file)) {
    const db = openDatabase(file, { readonly: true });
    return { db, close: () => db.close() };
  }
  const scratch = makeScratch();
  try {
    const copy = join(scratch.folder, basename(file));
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    if (options.withWal === true && existsSync(`${file}-wal`)) {
      copyFileSync(`${file}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
    }
    const db = openDatabase(copy);
    return {
      db,
      close: () => {
        db.close();
        scratch.remove();
      },
    };
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

/** Runs `use` on a connection to the file, or to a temporary copy where opening it would leave or read side files. */
export function readAtRest<T>(file: string, use: (db: Connection) => T, options: AtRestOptions = {}): T {
  if (isAlone(file)) {
    return readDatabase(file, use);
  }
  const opened = openAtRest(file, options);
  try {
    return use(opened.db);
  } finally {
    opened.close();
  }
}

function isAlone(file: string): boolean {
  return !isWal(file) && !['-wal', '-journal'].some((suffix) => existsSync(file + suffix));
}
