// What a file system makes of names, links and modes: found out by trying, in a folder of our own that is gone afterwards.
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk';
import { errnoOf } from './errno';
import { isForeign } from './kinds';
import { said } from '../said';

/** How a file system refuses a name, and not the disk a write. */
const REFUSALS = ['EINVAL', 'EILSEQ', 'ENAMETOOLONG', 'ENOENT'];
const SAYS_NO_LINKS = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'UNKNOWN'];

/** Runs `ask` in a new folder at `place`; null: nothing could be tried there, which says nothing. */
export async function tried<T>(disk: Disk, place: string, ask: (place: string) => Promise<T>): Promise<T | null> {
  try {
    await disk.makeFolder(place);
    return await ask(place);
  } catch {
    // A full, failing or read-only disk: whatever writes to it in earnest says so itself.
    return null;
  } finally {
    await disk.remove(place).catch(() => undefined);
  }
}

/** Why a name cannot be given to anything there, as half a sentence; null: it can. `place` is a new folder for this question. */
export async function refusalOf(disk: Disk, place: string, name: string): Promise<string | null> {
  await disk.makeFolder(place);
  try {
    await disk.makeFolder(join(place, name));
  } catch (error) {
    if (!REFUSALS.includes(errnoOf(error))) {
      throw error;
    }
    return errnoOf(error) === 'ENAMETOOLONG' ? 'the name is too long for this disk' : 'this disk refuses the name';
  }
  const [kept = name] = await disk.list(place);
  // Case and the way an accent is written are told apart by who reads them; anything else would be another name.
  return folded(kept) === folded(name) ? null : said`this disk would call it ${kept}`;
}

/** Whether two names are one and the same there. `place` is a new folder for this question. */
export async function isOneName(disk: Disk, place: string, one: string, other: string): Promise<boolean> {
  await disk.makeFolder(place);
  try {
    await disk.makeFolder(join(place, one));
    await disk.makeFolder(join(place, other));
    return false;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      return true;
    }
    if (REFUSALS.includes(errnoOf(error))) {
      return false;
    }
    throw error;
  }
}

/** Whether links can be made in the folder. */
export async function takesLinks(disk: Disk, place: string): Promise<boolean> {
  try {
    await disk.symbolicLink('nowhere', join(place, 'link'));
    return true;
  } catch (error) {
    if (!SAYS_NO_LINKS.includes(errnoOf(error))) {
      throw error;
    }
    return false;
  }
}

/** Whether a folder, which is ours, can be given permissions and has them then. */
export async function takesModes(disk: Disk, place: string): Promise<boolean> {
  for (const mode of [0o750, 0o700]) {
    const isSet = await disk.setMode(place, mode).then(
      () => true,
      () => false,
    );
    if (!isSet || (Number((await disk.stat(place)).mode) & 0o777) !== mode) {
      return false;
    }
  }
  return true;
}

/** Whether an existing folder lies on a file system that may have other rules than this system's own. */
export function mayDiffer(folder: string): boolean {
  return isForeign(statfsSync(folder).type);
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
