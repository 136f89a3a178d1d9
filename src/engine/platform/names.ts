// Names that a system cannot hold, that some disk may not hold, and names that may be one and the same.
import type { Platform } from './platform';
import { said } from '../said';

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file: characters, and names of devices with any ending. */
const FORBIDDEN = /[<>:"|?*\\\u0000-\u001f]/;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;
const LONGEST_NAME = 255;

export interface UnfitName {
  /** `/`-separated. */
  readonly path: string;
  /** Half a sentence. */
  readonly why: string;
}

/** Those of the paths that this system can give to no file or folder. */
export function unfitNames(paths: Iterable<string>, platform: Platform): UnfitName[] {
  return platform.isWindows ? [...paths].flatMap((path) => unfitOnWindows(path) ?? []) : [];
}

function unfitOnWindows(path: string): UnfitName | null {
  for (const name of path.split('/')) {
    const character = FORBIDDEN.exec(name)?.[0];
    const why =
      character !== undefined
        ? said`Windows allows no "${character < ' ' ? 'control character' : character}" in a name`
        : DEVICE.test(name)
          ? 'it is the name of a device in Windows'
          : /[. ]$/.test(name)
            ? 'Windows drops a dot or a space at the end of a name'
            : name.length > LONGEST_NAME
              ? 'the name is too long for Windows'
              : null;
    if (why !== null) {
      return { path, why };
    }
  }
  return null;
}

/** Bytes of a name that every file system of this kind of system takes; eCryptfs, for one, takes no more. */
const SURELY_SHORT = 143;
/** What a path may hold and no folder is called. */
const NO_NAME = /^\.{0,2}$|\0/;
const BEYOND_ASCII = /[^\u0000-\u007f]/gu;

/** Names out of the paths that some file system does not hold: what Windows forbids, what is long, and with `rare` letters beyond ASCII. */
export function doubtfulNames(paths: Iterable<string>, rare: boolean): string[] {
  const names = new Set<string>();
  const letters = new Set<string>();
  for (const name of new Set([...paths].flatMap((path) => path.split('/').filter((each) => !NO_NAME.test(each))))) {
    // Each letter needs to be asked about once.
    const others = rare ? (name.match(BEYOND_ASCII) ?? []).filter((letter) => !letters.has(letter)) : [];
    others.forEach((letter) => letters.add(letter));
    if (others.length > 0 || Buffer.byteLength(name) > SURELY_SHORT || unfitOnWindows(name) !== null) {
      names.add(name);
    }
  }
  return [...names];
}

/** Two paths in one folder that are one where case and the way an accent is written make no difference. */
export interface Clash {
  readonly path: string;
  readonly other: string;
}

/** For each path that may be one with an earlier one: both. */
export function clashingNames(paths: Iterable<string>): Clash[] {
  const first = new Map<string, string>();
  const clashes = new Map<string, Clash>();
  for (const path of paths) {
    for (let way = path; way !== ''; way = way.slice(0, Math.max(way.lastIndexOf('/'), 0))) {
      const key = way.normalize('NFC').toLowerCase();
      const other = first.get(key) ?? way;
      first.set(key, other);
      if (other !== way) {
        clashes.set(way, { path: way, other });
      }
    }
  }
  return [...clashes.values()];
}
