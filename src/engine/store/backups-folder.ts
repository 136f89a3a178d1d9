// The backups folder as a place: made private, locked for one writer, stages published by rename, leftovers swept.
import { dirname, join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { explained } from '../files/explain';
import { privateLockFile, takeLock, type Lock } from '../sqlite/lock';
import { liveLockFile } from './live-lock';
import { hasOwnMark, lockFileOf, markedName } from './own-state';
import { warning, type Warned, type Warning } from '../warnings';
import { said } from '../said';

export const STAGE_PREFIX = '.tmp-';
const LOCK_FILE = '.pats-backup.lock';
/** Milliseconds that a second writer waits for the first. */
const PATIENCE = 30_000;

/** Makes the backups folder, and what is missing above it, private to this user. */
export async function ensureBackupsFolder(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      if (!(await disk.stat(folder)).isFile()) {
        return;
      }
      throw new BackupError('WRITE_FAILED', said`${folder} is a file, not a folder.`, 'Set patsBackup.backupsFolder to a folder.', {
        cause: error,
      });
    }
    if (errnoOf(error) !== 'ENOENT' || dirname(folder) === folder) {
      throw error;
    }
    await ensureBackupsFolder(disk, dirname(folder));
    await ensureBackupsFolder(disk, folder);
  }
}

/** The path of the live data; as an object, where nothing may be made beside them. */
export type Live = string | { readonly key: string; readonly isElsewhere: true };

/** What making a file says where this user may not, or where there is no room. */
const NOT_THERE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOENT'];

/**
 * Runs `work` as the only writer of this backups folder and of the live data at `live`, whatever backups folder another
 * run names. Fails with PROJECT_BUSY when another writer does not finish.
 */
export async function asOnlyWriter<T>(
  disk: Disk,
  folder: string,
  live: Live,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await explained(folder, () => ensureBackupsFolder(disk, folder));
  const locks = await locksOf(folder, live, PATIENCE, signal);
  if (locks === null) {
    throw new BackupError(
      'PROJECT_BUSY',
      'Another backup or restore of this project is running.',
      'Wait until it has finished, then try again.',
    );
  }
  return whileHeld(locks, work);
}

/** As `asOnlyWriter`, but gives up at once, with null, when there is another writer. Fails with NO_PERMISSION. */
export async function ifOnlyWriter<T>(folder: string, live: Live, work: () => Promise<T>): Promise<T | null> {
  const locks = await locksOf(folder, live, 0, undefined);
  return locks === null ? null : whileHeld(locks, work);
}

async function whileHeld<T>(locks: readonly Lock[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    releaseAll(locks);
  }
}

/**
 * In the backups folder for every user of it, beside the database for every user of that, and in this user's own folder
 * where nothing can be made beside it; always in this order.
 */
async function locksOf(folder: string, live: Live, patience: number, signal: AbortSignal | undefined): Promise<Lock[] | null> {
  const locks: Lock[] = [];
  const [shared, own] = typeof live === 'string' ? [liveLockFile(live), lockFileOf(live)] : [null, lockFileOf(live.key)];
  for (const file of [privateLockFile(join(folder, LOCK_FILE)), shared, own === null ? null : privateLockFile(own)]) {
    try {
      const lock = file === null ? undefined : await takeLock(file, patience, signal);
      if (lock === null) {
        releaseAll(locks);
        return null;
      }
      locks.push(...(lock === undefined ? [] : [lock]));
    } catch (error) {
      if (file !== null && file === shared && NOT_THERE.includes(errnoOf(error))) {
        continue;
      }
      releaseAll(locks);
      throw error instanceof BackupError
        ? error
        : new BackupError(
            'NO_PERMISSION',
            said`The lock file ${file?.path ?? ''} cannot be used by this user.`,
            'Check the owner and the permissions of the file and of its folder.',
            { cause: error },
          );
    }
  }
  return locks;
}

function releaseAll(locks: readonly Lock[]): void {
  locks.forEach((lock) => {
    lock.release();
  });
}

/** Makes a new folder in which a backup is prepared; nobody lists it. */
export async function makeStage(disk: Disk, folder: string, name: string): Promise<string> {
  const stage = join(folder, markedName(folder, `${STAGE_PREFIX}${name}`));
  await disk.makeFolder(stage);
  return stage;
}

/**
 * Gives a finished stage its name, durably: the path of the backup, and what is not certain about it. The caller holds the
 * lock, and has seen that the name is free.
 */
export async function publish(disk: Disk, stage: string, folder: string, name: string): Promise<Warned & { readonly path: string }> {
  const path = join(folder, name);
  await requireFree(disk, folder, name);
  return { path, warnings: await renameDurably(disk, stage, path) };
}

/**
 * A rename that could not be brought to the disk is taken back: it happened, or it did not. Where even that fails it has
 * happened, and that it may not last is a warning.
 */
export async function renameDurably(disk: Disk, from: string, to: string): Promise<Warning[]> {
  await disk.rename(from, to);
  try {
    await disk.syncFolder(dirname(to));
    return [];
  } catch (error) {
    try {
      await disk.rename(to, from);
    } catch {
      return [notCertain(to, error)];
    }
    throw error;
  }
}

/** It is there now; whether it is after a power failure, the disk did not say. */
export function notCertain(path: string, error: unknown): Warning {
  return warning('NOT_CERTAIN', said`${path} is written, but the disk did not confirm it. ${reportOf(error).message} Check the disk.`);
}

/** Fails with BACKUP_EXISTS when anything has this name already. */
export async function requireFree(disk: Disk, folder: string, name: string): Promise<void> {
  if (await isTaken(disk, folder, name)) {
    throw new BackupError(
      'BACKUP_EXISTS',
      said`There is already a backup named "${name}".`,
      'Choose another name, or delete the old backup first.',
    );
  }
}

export async function isTaken(disk: Disk, folder: string, name: string): Promise<boolean> {
  try {
    await disk.stat(join(folder, name));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

/** Ends the use of a stage. What cannot be removed now is no failure of what was done: the next writer sweeps it. */
export async function discardStage(disk: Disk, stage: string): Promise<void> {
  await disk.remove(stage).catch(() => undefined);
}

/** Removes a backup so that it is there whole or not at all, even when this process dies in between. */
export async function removeBackup(disk: Disk, folder: string, name: string): Promise<void> {
  const doomed = join(folder, markedName(folder, `${STAGE_PREFIX}delete`));
  const doubts = await renameDurably(disk, join(folder, name), doomed);
  // The backup is gone. What cannot be removed of it now is swept by the next writer, and what might come back is whole.
  if (doubts.length === 0) {
    await disk.remove(doomed).catch(() => undefined);
  }
}

/** Whether something in the backups folder was left by a run of this user. Anything else is not ours, whatever its name. */
export function isOwnStage(folder: string, name: string): boolean {
  return name.startsWith(STAGE_PREFIX) && hasOwnMark(folder, name);
}

/** Removes the stages that earlier writers of this user left. The caller holds the lock. Returns how many. */
export async function sweepStages(disk: Disk, folder: string): Promise<number> {
  const stages = (await disk.list(folder)).filter((name) => isOwnStage(folder, name));
  for (const stage of stages) {
    await disk.remove(join(folder, stage));
  }
  return stages.length;
}
