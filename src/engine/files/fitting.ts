// Whether names fit the disk that they are meant for, before anything is written there.
import { basename, dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { clashingNames, unfitNames, type UnfitName } from '../platform/names';
import { here, platformOf, type Platform } from '../platform/platform';
import type { Disk } from './disk';
import { errnoOf } from './errno';

const SHOWN = 5;
const WINDOWS = platformOf('win32');

/** Those of the `/`-separated paths that cannot be held in a folder, which need not exist yet. */
export async function unfitIn(
  disk: Disk,
  folder: string,
  paths: readonly string[],
  platform: Platform = here,
): Promise<readonly UnfitName[]> {
  const unfit = unfitNames(paths, platform);
  const clashes = clashingNames(paths);
  return clashes.length > 0 && (await foldsCase(disk, folder)) ? [...unfit, ...clashes] : unfit;
}

/** A sentence with the first of them; null: all fit. */
export function unfitText(unfit: readonly UnfitName[]): string | null {
  const more = unfit.length > SHOWN ? `, and ${unfit.length - SHOWN} more` : '';
  const named = unfit.slice(0, SHOWN).map(({ path, why }) => `${path} (${why})`);
  return unfit.length === 0 ? null : `Names of the backup do not fit this system: ${named.join(', ')}${more}.`;
}

/** Fails with NAME_INVALID. */
export function requireFitting(unfit: readonly UnfitName[], remedy: string): void {
  const text = unfitText(unfit);
  if (text !== null) {
    throw new BackupError('NAME_INVALID', text, remedy);
  }
}

/** Whether a failed call says that the file system cannot hold a name: those of Windows mean it differently where Linux mounts them. */
export function isUnheld(error: unknown, path: string): boolean {
  const code = errnoOf(error);
  return ['EINVAL', 'EILSEQ'].includes(code) || (code === 'ENOENT' && unfitNames([path], WINDOWS).length > 0);
}

/** Asks the file system, by the name of the folder itself or of one above it, written in the other case. */
async function foldsCase(disk: Disk, folder: string): Promise<boolean> {
  for (let place = folder; dirname(place) !== place; place = dirname(place)) {
    const name = basename(place);
    const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    if (other !== name && (await disk.stat(place).catch(() => null)) !== null) {
      return isOneFile(disk, place, join(dirname(place), other));
    }
  }
  return false;
}

/**
 * Whether a path leads to what a folder has under a name that differs in case only. Some disks, as exFAT through FUSE, give one
 * file a number for each way of writing its name: what is there and not listed is there under the other name.
 */
export async function isOneFile(disk: Disk, listed: string, other: string): Promise<boolean> {
  const [one, same] = await Promise.all([listed, other].map((path) => disk.stat(path).catch(() => null)));
  if (one === null || one === undefined || same === null || same === undefined || one.dev !== same.dev) {
    return false;
  }
  return one.ino === same.ino || !(await disk.list(dirname(other)).catch(() => [basename(other)])).includes(basename(other));
}

/** SQLite prefixes no path on Windows, and needs room for the name of its journal (MAX_PATH). */
const LONGEST_SQLITE_PATH = 259 - '-journal'.length;

/** Fails with NAME_INVALID when SQLite could not open a database at this path. */
export function requireOpenable(path: string, platform: Platform = here): void {
  if (platform.isWindows && path.length > LONGEST_SQLITE_PATH) {
    throw new BackupError(
      'NAME_INVALID',
      `The path ${path} has ${path.length} characters; SQLite opens no more than ${LONGEST_SQLITE_PATH} on Windows.`,
      'Choose a shorter name, or a backups folder nearer to the root of the drive. Nothing was changed.',
    );
  }
}
