// Names that a system cannot hold, and names that are one and the same to it.
import type { Platform } from './platform';

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
        ? `Windows allows no "${character < ' ' ? 'control character' : character}" in a name`
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

/** Paths that would be one file or folder where case and the way an accent is written make no difference. */
export function clashingNames(paths: Iterable<string>): UnfitName[] {
  const first = new Map<string, string>();
  const clashes = new Map<string, UnfitName>();
  for (const path of paths) {
    for (let way = path; way !== ''; way = way.slice(0, Math.max(way.lastIndexOf('/'), 0))) {
      const key = way.normalize('NFC').toLowerCase();
      const other = first.get(key) ?? way;
      first.set(key, other);
      if (other !== way) {
        clashes.set(way, { path: way, why: `it is the same name as ${other} on this disk` });
      }
    }
  }
  return [...clashes.values()];
}
