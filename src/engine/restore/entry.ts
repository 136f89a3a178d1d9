// Moves one entry. What somebody saves in its place in that very moment is never replaced by it.
import { basename } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { fileInUse } from '../files/explain';
import { isInUse } from '../platform/busy';
import { here } from '../platform/platform';
import type { Environment } from '../store/environment';
import { said } from '../said';

type Rename = (source: string, goal: string) => Promise<void>;

/** Renames one entry. A folder that its owner may not write to cannot be moved as it is: it may be for that moment. */
export async function moveEntry(env: Environment, source: string, goal: string): Promise<void> {
  await moveBy((from, to) => env.disk.rename(from, to), env, source, goal);
}

/**
 * The same from the stage into the live folder, where others save. Fails with EEXIST or ENOTEMPTY, see `isTakenMeanwhile`,
 * when something has the goal's name. Ended in between, a file has both names.
 */
export async function moveIn(env: Environment, source: string, goal: string): Promise<void> {
  await moveBy((from, to) => renameFree(env, from, to), env, source, goal);
}

/** Whether `moveIn` found its goal taken, where a look just before found nothing. */
export function isTakenMeanwhile(error: unknown): boolean {
  return ['EEXIST', 'ENOTEMPTY'].includes(errnoOf(error));
}

async function renameFree({ disk }: Environment, source: string, goal: string): Promise<void> {
  // To rename would replace a file; a folder replaces none but an empty one.
  if (disk.statNow(source)?.isFile() === true && (await isLinked(disk.hardLink(source, goal)))) {
    // It is where it should be. What else the stage holds goes with it, and what cannot be removed is told then.
    await disk.remove(source).catch(() => undefined);
  } else {
    await disk.rename(source, goal);
  }
}

/** false: there are no hard links here, or not of this file. */
async function isLinked(linking: Promise<void>): Promise<boolean> {
  try {
    await linking;
    return true;
  } catch (error) {
    if (isTakenMeanwhile(error)) {
      throw error;
    }
    return false;
  }
}

async function moveBy(rename: Rename, { disk, platform = here }: Environment, source: string, goal: string): Promise<void> {
  try {
    await rename(source, goal);
  } catch (error) {
    if (platform.isWindows && isInUse(error, platform)) {
      throw fileInUse(source, error);
    }
    const stats = await disk.stat(source).catch(() => null);
    const mode = stats === null ? 0 : Number(stats.mode) & 0o7777;
    if (!['EACCES', 'EPERM'].includes(errnoOf(error)) || stats?.isDirectory() !== true || (mode & 0o200) !== 0) {
      throw unmoved(source, error);
    }
    try {
      await disk.setMode(source, mode | 0o200);
      await rename(source, goal);
    } catch (second) {
      await disk.setMode(source, mode).catch(() => undefined);
      throw unmoved(source, second);
    }
    await disk.setMode(goal, mode);
  }
}

function unmoved(source: string, cause: unknown): unknown {
  const why = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(cause))
    ? 'this user may not move it'
    : ['EBUSY', 'EXDEV'].includes(errnoOf(cause))
      ? 'something is mounted there'
      : null;
  return why === null
    ? cause
    : new BackupError(
        'NO_PERMISSION',
        said`${source} could not be moved: ${why}.`,
        said`Check the owner, the permissions and the mounts of ${basename(source)}, then try again.`,
        { cause },
      );
}
