// Sockets, FIFOs and devices: what is in a folder, but is no file that anybody could copy.
import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { RESTORE_STAGE_PREFIX } from './tree';

export interface SpecialFile {
  /** Below the folder, `/`-separated. */
  readonly path: string;
  /** With its article. */
  readonly kind: 'a FIFO' | 'a socket' | 'a device';
}

/** All of them below a folder, at any depth. Links are not followed; what cannot be read is left out. */
export function specialBelow(folder: string, path = ''): SpecialFile[] {
  const found: SpecialFile[] = [];
  for (const entry of entriesOf(join(folder, path))) {
    const way = path === '' ? entry.name : `${path}/${entry.name}`;
    const kind = kindOf(entry);
    if (kind !== null) {
      found.push({ path: way, kind });
    } else if (entry.isDirectory() && !(path === '' && entry.name.startsWith(RESTORE_STAGE_PREFIX))) {
      found.push(...specialBelow(folder, way));
    }
  }
  return found;
}

function kindOf(entry: Dirent): SpecialFile['kind'] | null {
  if (entry.isFIFO()) {
    return 'a FIFO';
  }
  if (entry.isSocket()) {
    return 'a socket';
  }
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'a device' : null;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
