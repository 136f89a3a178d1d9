// Whether names fit the disk that they are meant for, before anything is written there.
import { basename, dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { clashingNames, doubtfulNames, unfitNames, type Clash, type UnfitName } from '../platform/names';
import { here, platformOf, type Platform } from '../platform/platform';
import type { Disk } from './disk';
import { errnoOf } from './errno';
import { isOneName, mayDiffer, refusalOf, tried } from './probe';
import { inRow, said } from '../said';

const SHOWN = 5;
const WINDOWS = platformOf('win32');

/** More questions are not asked: the first answers stand for the others. */
const MOST_QUESTIONS = 200;

/**
 * Those of the `/`-separated paths that the disk cannot hold. It is asked by trying, at `place`, a path in an existing folder
 * of it where nothing is yet, and only about names that some disk refuses: for others nothing is written.
 */
export async function unfitOn(
  disk: Disk,
  place: string,
  paths: readonly string[],
  platform: Platform = here,
): Promise<readonly UnfitName[]> {
  const unfit = unfitNames(paths, platform);
  const known = new Set(unfit.map(({ path }) => path));
  const left = paths.filter((path) => !known.has(path));
  const doubtful = doubtfulNames(left, isDifferent(dirname(place))).slice(0, MOST_QUESTIONS);
  const clashes = clashingNames(left);
  if (doubtful.length === 0 && clashes.length === 0) {
    return unfit;
  }
  const found = await tried(disk, place, async (folder) => [
    ...(await refused(disk, folder, left, doubtful)),
    ...(await onlyReal(disk, folder, clashes)),
  ]);
  return [...unfit, ...(found ?? [])];
}

function isDifferent(folder: string): boolean {
  try {
    return mayDiffer(folder);
  } catch {
    return false;
  }
}

async function refused(disk: Disk, place: string, paths: readonly string[], names: readonly string[]): Promise<UnfitName[]> {
  const reasons = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const why = await refusalOf(disk, join(place, `name-${index}`), name);
    if (why !== null) {
      reasons.set(name, why);
    }
  }
  return paths.flatMap((path) => {
    const why = path.split('/').flatMap((name) => reasons.get(name) ?? [])[0];
    return why === undefined ? [] : [{ path, why }];
  });
}

async function onlyReal(disk: Disk, place: string, clashes: readonly Clash[]): Promise<UnfitName[]> {
  const answers = new Map<string, boolean>();
  const isOne = async (one: string, other: string): Promise<boolean> => {
    const question = JSON.stringify([one, other].sort());
    const answer =
      answers.get(question) ??
      (answers.size < MOST_QUESTIONS
        ? await isOneName(disk, join(place, `pair-${answers.size}`), one, other)
        : [...answers.values()].includes(true));
    answers.set(question, answer);
    return answer;
  };
  const real: UnfitName[] = [];
  for (const { path, other } of clashes) {
    const others = other.split('/');
    const pairs = path.split('/').map((name, index) => [name, others[index] ?? ''] as const);
    let isSame = true;
    for (const [one, two] of pairs.filter(([name, otherName]) => name !== otherName)) {
      isSame &&= await isOne(one, two);
    }
    if (isSame) {
      real.push({ path, why: said`it is the same name as ${other} on this disk` });
    }
  }
  return real;
}

/** A sentence with the first of them; null: all fit. */
export function unfitText(unfit: readonly UnfitName[]): string | null {
  const more = unfit.length > SHOWN ? said`, and ${unfit.length - SHOWN} more` : '';
  const named = unfit.slice(0, SHOWN).map(({ path, why }) => said`${path} (${why})`);
  return unfit.length === 0 ? null : said`Names of the backup do not fit this system: ${inRow(named, ', ')}${more}.`;
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
      said`The path ${path} has ${path.length} characters; SQLite opens no more than ${LONGEST_SQLITE_PATH} on Windows.`,
      'Choose a shorter name, or a backups folder nearer to the root of the drive. Nothing was changed.',
    );
  }
}
