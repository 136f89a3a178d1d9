// The bounded look through a project's folders that every migration tool shares; nearest files first.
import { readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { MOST_CONFIGURATION_BYTES } from '../../limits/sizes';
import type { ProjectFolder } from '../tool';

const MAX_DEPTH = 6;
const MAX_ENTRIES = 20_000;

/** Folders with other people's code, caches or built files; names with a leading dot are skipped too. */
const SKIPPED = new Set([
  'node_modules',
  'bower_components',
  'site-packages',
  'venv',
  'virtualenv',
  '__pycache__',
  'dist',
  'target',
  'coverage',
]);
/** What makes a folder a virtual environment or a backup. */
const FOREIGN = new Set(['pyvenv.cfg', 'backup_metadata.json']);

const searched = new WeakMap<ProjectFolder, readonly string[]>();

/** Absolute paths of the project's files; walked once for each ProjectFolder object. */
export function filesOf(project: ProjectFolder): readonly string[] {
  const known = searched.get(project);
  if (known !== undefined) {
    return known;
  }
  const files = walk(project.root);
  searched.set(project, files);
  return files;
}

function walk(root: string): string[] {
  const files: string[] = [];
  let entries = 0;
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const content = entriesOf(folder);
      entries += content.length;
      if (entries > MAX_ENTRIES) {
        return files;
      }
      if (folder !== root && content.some((entry) => FOREIGN.has(entry.name))) {
        continue;
      }
      for (const entry of content) {
        if (entry.isDirectory()) {
          next.push(...(entry.name.startsWith('.') || SKIPPED.has(entry.name) ? [] : [join(folder, entry.name)]));
        } else if (entry.isFile() || entry.isSymbolicLink()) {
          // A link to a folder counts as a file that cannot be read: it may lead in circles.
          files.push(join(folder, entry.name));
        }
      }
    }
    level = next;
  }
  return files;
}

/** The content of a folder by name; empty when there is none or it may not be read. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** The text of a small file; null when it is none, is too big or may not be read. */
export function textOf(file: string, mostBytes = MOST_CONFIGURATION_BYTES): string | null {
  try {
    const stats = statSync(file);
    // Opening a FIFO would wait for its writer for ever.
    return stats.isFile() && stats.size <= mostBytes ? readFileSync(file, 'utf8').replace(/^\uFEFF/, '') : null;
  } catch {
    return null;
  }
}

/** Follows links; false when there is nothing or it may not be looked at. */
export function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
