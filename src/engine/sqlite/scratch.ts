// Temporary folders that hold copies of data: locked while in use, and removed by a later run when their maker died.
import Database from 'better-sqlite3';
import { existsSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { here } from '../platform/platform';

const PREFIX = 'pats-backup-';
/** Held by whoever works in the folder; the kernel releases it when that process dies. */
const LOCK_FILE = '.in-use';

export interface Scratch {
  /** Absolute, empty but for its lock, private to this user. */
  readonly folder: string;
  remove(): void;
}

/** Makes a new folder; those of dead processes go first. */
export function makeScratch(): Scratch {
  sweepScratch();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const lock = lockNew(folder);
  return {
    folder,
    remove: () => {
      lock?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes what killed processes of this user left. Never fails: that is no reason to stop anything else. */
export function sweepScratch(): void {
  for (const name of namesIn(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      if (isOwn(folder) && isAbandoned(folder)) {
        rmSync(folder, { recursive: true, force: true });
      }
    } catch {
      // In use, or not ours to remove.
    }
  }
}

/** Others may put links and folders of their own into the place for temporary files. */
function isOwn(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && (here.isWindows || stats.uid === userInfo().uid);
}

/** A folder without a lock was made in this very moment, and holds nothing yet. */
function isAbandoned(folder: string): boolean {
  const file = join(folder, LOCK_FILE);
  if (!existsSync(file) || !lstatSync(file).isFile()) {
    return false;
  }
  const lock = takeIfFree(file);
  lock?.close();
  return lock !== null;
}

/** The lock gets its name when it is held, so that nobody takes it for that of a dead process in between. */
function lockNew(folder: string): Database.Database | null {
  const file = join(folder, LOCK_FILE);
  if (here.isWindows) {
    // An open file cannot be renamed there.
    return takeIfFree(file);
  }
  const lock = takeIfFree(`${file}-new`);
  renameSync(`${file}-new`, file);
  return lock;
}

/** An exclusive transaction on a database of its own, as `lock.ts` holds it; null: somebody has it. */
function takeIfFree(file: string): Database.Database | null {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch {
    db.close();
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
