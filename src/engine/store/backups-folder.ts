// The backups folder as a place: made private, locked for one writer, stages published by rename, leftovers swept.
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { explained } from '../files/explain';
import { takeLock } from '../sqlite/lock';

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
      throw new BackupError('WRITE_FAILED', `${folder} is a file, not a folder.`, 'Set patsBackup.backupsFolder to a folder.', {
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

/** Runs `work` as the only writer of this backups folder. Fails with PROJECT_BUSY when another one does not finish. */
export async function asOnlyWriter<T>(disk: Disk, folder: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  await explained(folder, () => ensureBackupsFolder(disk, folder));
  const lock = await lockOf(folder, PATIENCE, signal);
  if (lock === null) {
    throw new BackupError(
      'PROJECT_BUSY',
      'Another backup or restore of this project is running.',
      'Wait until it has finished, then try again.',
    );
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** As `asOnlyWriter`, but gives up at once, with null, when there is another writer or this user may not write. */
export async function ifOnlyWriter<T>(folder: string, work: () => Promise<T>): Promise<T | null> {
  const lock = await lockOf(folder, 0, undefined).catch(() => null);
  if (lock === null) {
    return null;
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function lockOf(folder: string, patience: number, signal: AbortSignal | undefined): ReturnType<typeof takeLock> {
  try {
    return await takeLock(join(folder, LOCK_FILE), patience, signal);
  } catch (error) {
    if (error instanceof BackupError) {
      throw error;
    }
    throw new BackupError(
      'NO_PERMISSION',
      `This user may not write to ${folder}.`,
      'Check the owner and the permissions of the backups folder.',
      {
        cause: error,
      },
    );
  }
}

/** Makes a new folder in which a backup is prepared; nobody lists it. */
export async function makeStage(disk: Disk, folder: string, name: string): Promise<string> {
  const stage = join(folder, `${STAGE_PREFIX}${name}-${randomBytes(4).toString('hex')}`);
  await disk.makeFolder(stage);
  return stage;
}

/** Gives a finished stage its name, durably. The caller holds the lock, and has seen that the name is free. */
export async function publish(disk: Disk, stage: string, folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await requireFree(disk, folder, name);
  await renameDurably(disk, stage, path, folder);
  return path;
}

/** A rename that could not be brought to the disk is taken back: it happened, or it did not. */
async function renameDurably(disk: Disk, from: string, to: string, folder: string): Promise<void> {
  await disk.rename(from, to);
  try {
    await disk.syncFolder(folder);
  } catch (error) {
    await disk.rename(to, from);
    throw error;
  }
}

/** Fails with BACKUP_EXISTS when anything has this name already. */
export async function requireFree(disk: Disk, folder: string, name: string): Promise<void> {
  if (await isTaken(disk, folder, name)) {
    throw new BackupError(
      'BACKUP_EXISTS',
      `There is already a backup named "${name}".`,
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

/** Removes a backup so that it is there whole or not at all, even when this process dies in between. */
export async function removeBackup(disk: Disk, folder: string, name: string): Promise<void> {
  const doomed = join(folder, `${STAGE_PREFIX}delete-${randomBytes(4).toString('hex')}`);
  await renameDurably(disk, join(folder, name), doomed, folder);
  // The backup is gone. What cannot be removed of it now is swept by the next writer.
  await disk.remove(doomed).catch(() => undefined);
}

/** Removes the stages that earlier writers left. The caller holds the lock. Returns how many. */
export async function sweepStages(disk: Disk, folder: string): Promise<number> {
  const stages = (await disk.list(folder)).filter((name) => name.startsWith(STAGE_PREFIX));
  for (const stage of stages) {
    await disk.remove(join(folder, stage));
  }
  return stages.length;
}
