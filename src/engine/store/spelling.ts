// Names in a manifest against names on a disk: some file systems write names in another way than they were given.
import { basename } from 'node:path';
import { isSystemFile } from '../platform/system-files';

export interface Spelling {
  /** Paths on the disk that stand for a listed one that is spelt otherwise: path on the disk -> listed path. */
  readonly listed: ReadonlyMap<string, string>;
  /** Paths on the disk that nothing lists, without what the system itself has put there. */
  readonly added: readonly string[];
}

/**
 * HFS+ decomposes accents and others fold case: what is missing by the letter is looked for by what a person reads. Which
 * content it has is another question.
 */
export function compareNames(listed: Iterable<string>, found: readonly string[]): Spelling {
  const names = new Set(listed);
  const there = new Set(found);
  const missing = new Map<string, string>();
  for (const name of names) {
    if (!there.has(name)) {
      missing.set(folded(name), name);
    }
  }
  const spelt = new Map<string, string>();
  const added: string[] = [];
  for (const path of found.filter((each) => !names.has(each))) {
    const name = missing.get(folded(path));
    if (name !== undefined) {
      spelt.set(path, name);
      missing.delete(folded(path));
    } else if (!isSystemFile(basename(path))) {
      added.push(path);
    }
  }
  return { listed: spelt, added };
}

/** The same for names that a person cannot tell apart. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
