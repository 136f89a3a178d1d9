// The bounded look through a project's folders that every source of discovery shares; nearest files first.
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MOST_CONFIGURATION_BYTES } from '../../limits/sizes';

const MAX_DEPTH = 6;

/** Folders that hold other people's code, caches or built files; names with a leading dot are skipped too. */
const SKIPPED_FOLDERS = new Set([
  'node_modules',
  'bower_components',
  'site-packages',
  'venv',
  '__pycache__',
  'dist',
  'build',
  'out',
  'target',
  'coverage',
]);

export interface SearchLimits {
  readonly maxEntries: number;
}

export interface FoundFiles {
  /** Absolute paths, nearest to the root first. Links to files are among them. */
  readonly files: readonly string[];
  readonly entries: number;
  /** The search stopped at its limit. */
  readonly truncated: boolean;
  /** Folders that may not be read. */
  readonly unreadable: readonly string[];
}

/** Lists a project's files without those of virtual environments, caches, backups and dot-folders. */
export async function searchFiles(
  root: string,
  skippedFolders: readonly string[],
  limits: SearchLimits = { maxEntries: 20_000 },
): Promise<FoundFiles> {
  const files: string[] = [];
  const unreadable: string[] = [];
  let entries = 0;
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const content = await readFolder(folder);
      if (content === null) {
        unreadable.push(folder);
        continue;
      }
      if (folder !== root && isForeign(content)) {
        continue;
      }
      for (const entry of content) {
        if (++entries > limits.maxEntries) {
          return { files, entries: limits.maxEntries, truncated: true, unreadable };
        }
        const path = join(folder, entry.name);
        if (entry.isFile() || entry.isSymbolicLink()) {
          files.push(path);
        } else if (entry.isDirectory() && !isSkipped(entry.name) && !skippedFolders.includes(path)) {
          next.push(path);
        }
      }
    }
    level = next;
  }
  return { files, entries, truncated: false, unreadable };
}

/** The text of a small file; null when it is none, is too big or may not be read. */
export async function readSmallText(file: string): Promise<string | null> {
  try {
    const stats = await stat(file);
    // Opening a FIFO would wait for its writer for ever.
    if (!stats.isFile() || stats.size > MOST_CONFIGURATION_BYTES) {
      return null;
    }
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    return null;
  }
}

/** Those of the found files whose name matches. */
export function filesNamed(found: FoundFiles, pattern: RegExp): string[] {
  return found.files.filter((file) => pattern.test(basename(file)));
}

async function readFolder(folder: string): Promise<Dirent[] | null> {
  try {
    const content = await readdir(folder, { withFileTypes: true });
    return content.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return null;
  }
}

function isSkipped(name: string): boolean {
  return name.startsWith('.') || SKIPPED_FOLDERS.has(name);
}

/** A virtual environment or a backup: its databases are not the project's. */
function isForeign(content: readonly Dirent[]): boolean {
  return content.some((entry) => entry.name === 'pyvenv.cfg' || entry.name === 'backup_metadata.json');
}
