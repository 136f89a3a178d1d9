// One look at a project's folders and files: walked once, each file read and parsed once, for everybody who asks.
import { statSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { beginLook, entriesWithin, textOf } from '../../limits/reading';
import { MOST_CONFIGURATION_BYTES } from '../../limits/sizes';
import type { ProjectFolder } from '../tool';
import { isVendored } from './vendored';

const MAX_DEPTH = 6;
/** A folder with more entries is looked through when all others were: it holds data, not code. */
const CROWDED = 400;
/** Of one folder, for whoever wants its content. */
const MOST_LISTED = 20_000;

/** Folders with caches or built files; names with a leading dot are skipped too. */
const SKIPPED = new Set(['venv', 'virtualenv', '__pycache__', 'dist', 'target', 'coverage']);
/** What makes a folder a virtual environment or a backup. */
const FOREIGN = new Set(['pyvenv.cfg', 'backup_metadata.json']);

/** Where Nitro and others keep their data. */
const DATA = '.data';

export interface LookLimits {
  readonly maxEntries: number;
}

export class Look {
  /** Absolute paths, nearest to the root first. Links to files are among them. */
  readonly files: readonly string[];
  /** Absolute paths of the folders below the root, in the same order. */
  readonly folders: readonly string[];
  readonly entries: number;
  /** It stopped at its limit. */
  readonly truncated: boolean;
  /** Folders that may not be read. */
  readonly unreadable: readonly string[];
  readonly #made = new Map<string, unknown>();

  constructor(
    readonly root: string,
    skipped: readonly string[] = [],
    limits: LookLimits = { maxEntries: 20_000 },
  ) {
    beginLook();
    const walk = new Walk(root, new Set(skipped), limits.maxEntries);
    walk.run();
    ({ files: this.files, folders: this.folders, entries: this.entries, truncated: this.truncated, unreadable: this.unreadable } = walk);
  }

  /** The text of a small file, the same for the whole look; null when it is none, is too big or may not be read. */
  text(file: string, mostBytes = MOST_CONFIGURATION_BYTES): string | null {
    return this.once(`text of ${mostBytes}`, file, () => textOf(file, mostBytes));
  }

  /** Those of the files that lie directly in a folder. */
  filesIn(wanted: string): readonly string[] {
    const byFolder = this.once('files by folder', '', () => {
      const found = new Map<string, string[]>();
      for (const file of this.files) {
        const folder = dirname(file);
        const list = found.get(folder);
        if (list === undefined) {
          found.set(folder, [file]);
        } else {
          list.push(file);
        }
      }
      return found;
    });
    return byFolder.get(wanted) ?? [];
  }

  /** What `make` makes of this subject (a file, most often), made once. */
  once<T>(purpose: string, subject: string, make: () => T): T {
    const key = `${purpose}\0${subject}`;
    if (!this.#made.has(key)) {
      this.#made.set(key, make());
    }
    return this.#made.get(key) as T;
  }
}

class Walk {
  readonly files: string[] = [];
  readonly folders: string[] = [];
  readonly unreadable: string[] = [];
  entries = 0;
  truncated = false;

  constructor(
    private readonly root: string,
    private readonly skipped: ReadonlySet<string>,
    private readonly maxEntries: number,
  ) {}

  run(): void {
    const crowded: { readonly folder: string; readonly depth: number }[] = [];
    this.#descend(this.root, 0, CROWDED, crowded);
    for (const { folder, depth } of crowded) {
      this.#descend(folder, depth, Infinity, []);
    }
  }

  #descend(from: string, at: number, most: number, crowded: { readonly folder: string; readonly depth: number }[]): void {
    let level = [from];
    for (let depth = at; depth <= MAX_DEPTH && level.length > 0 && !this.truncated; depth++) {
      level = level.flatMap((folder) => {
        const below = this.#look(folder, most);
        crowded.push(...(below === null ? [{ folder, depth }] : []));
        return below ?? [];
      });
    }
  }

  /** The folders below; null: there are more entries than that. */
  #look(folder: string, most: number): string[] | null {
    const room = this.maxEntries - this.entries;
    if (this.truncated) {
      return [];
    }
    const content = entriesWithin(folder, Math.min(most, room) + 1);
    if (content === null) {
      this.unreadable.push(folder);
      return [];
    }
    if (folder !== this.root && content.some((entry) => FOREIGN.has(entry.name) || isWorktree(entry, folder))) {
      return [];
    }
    if (content.length > most && most < room) {
      return null;
    }
    this.truncated = content.length > room;
    const seen = content.slice(0, room);
    this.entries += seen.length;
    // Of thousands of names, joining each takes as long as listing them.
    const above = join(folder, sep);
    return seen.flatMap((entry) => {
      const path = `${above}${entry.name}`;
      if (entry.isFile() || entry.isSymbolicLink()) {
        // A link to a folder counts as a file that cannot be read: it may lead in circles.
        this.files.push(path);
      }
      if (!entry.isDirectory() || this.#isSkipped(entry.name, path)) {
        return [];
      }
      this.folders.push(path);
      return [path];
    });
  }

  #isSkipped(name: string, path: string): boolean {
    return (name.startsWith('.') && name !== DATA) || SKIPPED.has(name) || this.skipped.has(path) || isVendored(relative(this.root, path));
  }
}

/** A second checkout of git has data of its own. The `.git` of a submodule is a file, too, but what is in it belongs to the project. */
function isWorktree(entry: Dirent, folder: string): boolean {
  return entry.name === '.git' && entry.isFile() && /^gitdir:.*[\\/]worktrees[\\/]/.test(textOf(join(folder, entry.name)) ?? '');
}

const looks = new WeakMap<ProjectFolder, Look>();

/** The look that belongs to this object; a new object looks again. */
export function lookOf(project: ProjectFolder): Look {
  const look = looks.get(project) ?? new Look(project.root);
  looks.set(project, look);
  return look;
}

/** Lets this object share a look that somebody has had. */
export function shareLook<T extends ProjectFolder>(project: T, look: Look): T {
  looks.set(project, look);
  return project;
}

/** The content of a folder by name; empty when there is none or it may not be read. */
export function entriesOf(folder: string): readonly Dirent[] {
  return entriesWithin(folder, MOST_LISTED) ?? [];
}

export { textOf } from '../../limits/reading';

/** Follows links; false when there is nothing or it may not be looked at. */
export function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // What somebody wrote as a folder may be no path at all.
    return false;
  }
}
