// The lock of a live database that all users share who may write to it: a file beside it, there as long as it is held.
import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, fchmodSync, fchownSync, openSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { resolvedPath } from '../files/paths';
import type { LockFile } from '../sqlite/lock';

const STICKY = 0o1000;
const WRITE_BY_ANYBODY = 0o002;

/** Where the lock of a database lies while somebody holds it, whatever the path that leads to it. */
export function liveLockPath(database: string): string {
  const live = resolvedPath(database);
  return join(dirname(live), `.pats-backup-${createHash('sha256').update(basename(live)).digest('hex').slice(0, 16)}.lock`);
}

/**
 * The lock of what lies at `live`; null: there is none. It needs a folder that this user may write to, as a restore does,
 * and that does not belong to everybody: in such a one anybody could put something in the lock's place.
 */
export function liveLockFile(live: string): LockFile | null {
  const database = resolvedPath(live);
  const folder = dirname(database);
  const [around, own] = [folder, database].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (process.getuid === undefined || around === undefined || own?.isDirectory() === true || !isUsable(folder, around)) {
    return null;
  }
  return {
    path: liveLockPath(live),
    make: (path) => {
      makeLike(path, own ?? around);
    },
    isTemporary: true,
  };
}

function isUsable(folder: string, { mode }: Stats): boolean {
  if ((mode & (STICKY | WRITE_BY_ANYBODY)) !== 0) {
    return false;
  }
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whoever may write to the database may use its lock. */
function makeLike(path: string, { mode, uid, gid }: Stats): void {
  const handle = openSync(path, 'wx', 0o600);
  try {
    try {
      fchownSync(handle, process.getuid?.() === 0 ? uid : -1, gid);
    } catch {
      // Not a group of this user: those who may write to the database as others still can.
    }
    const writers = mode & 0o022;
    fchmodSync(handle, 0o600 | writers | (writers << 1));
  } finally {
    closeSync(handle);
  }
}
