// Walks an upload folder without following links out of it.
import { dirname, join, sep } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { errnoOf, type Disk } from './disk';
import { hasHoles } from './copy';
import { isOneFile } from './fitting';
import { resolvedPath } from './paths';

/** What the engine itself keeps inside an uploads folder while it restores. */
export const RESTORE_STAGE_PREFIX = '.pats-restore-';

/** What a file, folder or link is besides its content. */
export interface Attributes {
  /** POSIX permission bits with setuid, setgid and the sticky bit. */
  readonly mode: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Numbers of the owner and the group; 0 on Windows. */
  readonly uid: number;
  readonly gid: number;
}

export interface TreeFile extends Attributes {
  /** Below the walked folder, `/`-separated. */
  readonly path: string;
  readonly size: number;
  readonly ctime: bigint;
  readonly inode: bigint;
  readonly device: bigint;
  /** How many names the file has, here and elsewhere. */
  readonly names: number;
  /** It takes less room than its size. */
  readonly sparse: boolean;
  /** Bytes that it takes, at most its size. */
  readonly stored: number;
}

interface TreeLink extends Attributes {
  readonly path: string;
  readonly target: string;
}

export interface Tree {
  /** false: the folder does not exist. */
  readonly exists: boolean;
  readonly files: readonly TreeFile[];
  /** Folders below the walked one, parents first. */
  readonly folders: readonly string[];
  /** Of those folders by path, and of the walked one ('') when it exists. */
  readonly folderAttributes: ReadonlyMap<string, Attributes>;
  readonly links: readonly TreeLink[];
  /** Sockets, FIFOs and devices. */
  readonly special: readonly { readonly path: string; readonly reason: string }[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

interface OpenTree {
  exists: boolean;
  files: TreeFile[];
  folders: string[];
  folderAttributes: Map<string, Attributes>;
  links: TreeLink[];
  special: { path: string; reason: string }[];
  unreadable: { path: string; reason: string }[];
}

/** Milliseconds after which others get their turn. */
const LONGEST_TURN = 15;

/** Walks everything below `root`, sorted by name. `exclude` holds absolute paths that are left out. */
export async function walkTree(disk: Disk, root: string, exclude: readonly string[] = []): Promise<Tree> {
  const tree: OpenTree = { exists: true, files: [], folders: [], folderAttributes: new Map(), links: [], special: [], unreadable: [] };
  const top = await disk.stat(resolvedPath(root)).catch(() => null);
  if (top?.isDirectory() === true) {
    tree.folderAttributes.set('', attributesOf(top));
  }
  // A database that lies among the uploads is staged beside itself.
  const left = new LeftOut(disk, exclude);
  const besideExcluded = new Set(exclude.map((path) => dirname(path)));
  const queue = [''];
  let since = performance.now();
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const names = await namesIn(disk, root, folder, tree);
    for (const name of names.sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const mayHoldStage = folder === '' || besideExcluded.has(join(root, folder));
      if ((mayHoldStage && name.startsWith(RESTORE_STAGE_PREFIX)) || (exclude.length > 0 && (await left.has(join(root, path))))) {
        continue;
      }
      // Waiting where there is nothing to wait for would take longer than the look at a file.
      const added = addEntry(disk, root, path, tree);
      if (typeof added === 'boolean' ? added : await added) {
        queue.push(path);
      }
      if (performance.now() - since > LONGEST_TURN) {
        await new Promise((next) => setImmediate(next));
        since = performance.now();
      }
    }
  }
  return tree;
}

/** Paths that are left out, also where the disk ignores case and has them in another one. */
class LeftOut {
  private readonly exact: ReadonlySet<string>;
  private readonly folded: ReadonlyMap<string, string>;

  constructor(
    private readonly disk: Disk,
    paths: readonly string[],
  ) {
    this.exact = new Set(paths);
    this.folded = new Map(paths.map((path) => [path.normalize('NFC').toLowerCase(), path]));
  }

  async has(path: string): Promise<boolean> {
    const other = this.exact.has(path) ? path : this.folded.get(path.normalize('NFC').toLowerCase());
    if (other === undefined || other === path) {
      return other !== undefined;
    }
    return isOneFile(this.disk, path, other);
  }
}

async function namesIn(disk: Disk, root: string, folder: string, tree: OpenTree): Promise<string[]> {
  try {
    const names = await disk.list(join(root, folder));
    if (!names.some((name) => name.includes('\u{fffd}'))) {
      return names;
    }
    const usable = await disk.listOdd(join(root, folder));
    for (const name of usable.odd) {
      tree.unreadable.push({ path: folder === '' ? name : `${folder}/${name}`, reason: 'its name is not valid UTF-8' });
    }
    return usable.names;
  } catch (error) {
    if (folder === '' && errnoOf(error) === 'ENOENT') {
      tree.exists = false;
    } else if (errnoOf(error) !== 'ENOENT') {
      tree.unreadable.push({ path: folder, reason: reasonOf(error) });
    }
    return [];
  }
}

/** Adds one entry to the tree; true: it is a folder to be walked. Only a link is waited for. */
function addEntry(disk: Disk, root: string, path: string, tree: OpenTree): boolean | Promise<false> {
  const place = root.endsWith(sep) ? root + path : `${root}${sep}${path}`;
  try {
    const stats = disk.statNow(place);
    if (stats === undefined) {
      return false;
    }
    if (stats.isFile()) {
      tree.files.push(fileOf(path, stats));
    } else if (stats.isDirectory()) {
      tree.folders.push(path);
      tree.folderAttributes.set(path, attributesOf(stats));
      return true;
    } else if (stats.isSymbolicLink()) {
      return addLink(disk, place, path, attributesOf(stats), tree);
    } else {
      tree.special.push({ path, reason: stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device' });
    }
  } catch (error) {
    addUnreadable(path, error, tree);
  }
  return false;
}

async function addLink(disk: Disk, place: string, path: string, attributes: Attributes, tree: OpenTree): Promise<false> {
  try {
    tree.links.push({ path, target: await disk.readLink(place), ...attributes });
  } catch (error) {
    addUnreadable(path, error, tree);
  }
  return false;
}

/** What is gone by now was no part of it. */
function addUnreadable(path: string, error: unknown, tree: OpenTree): void {
  if (errnoOf(error) !== 'ENOENT') {
    tree.unreadable.push({ path, reason: reasonOf(error) });
  }
}

/** The attributes among what lstat says. */
export function attributesOf(stats: BigIntStats): Attributes {
  return { mode: Number(stats.mode) & 0o7777, mtime: stats.mtimeNs, uid: Number(stats.uid), gid: Number(stats.gid) };
}

/** A file of a tree, out of what lstat says. */
export function fileOf(path: string, stats: BigIntStats): TreeFile {
  const size = Number(stats.size);
  const sparse = hasHoles(stats);
  return {
    path,
    size,
    ...attributesOf(stats),
    ctime: stats.ctimeNs,
    inode: stats.ino,
    device: stats.dev,
    names: Number(stats.nlink),
    sparse,
    stored: sparse ? Number(stats.blocks) * 512 : size,
  };
}

/** Why a file could not be read, for people. */
export function reasonOf(error: unknown): string {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'EIO':
      return 'the disk failed';
    case 'EBUSY':
    case 'ETXTBSY':
      return 'another program has it open';
    case 'ENAMETOOLONG':
      return 'its path is too long';
    case 'ENOENT':
      return 'it vanished while it was read';
    default:
      return errnoOf(error) === '' ? (error instanceof Error ? error.message : String(error)) : `the system answers ${errnoOf(error)}`;
  }
}

/** Whether two times (nanoseconds) are the same as far as a file system and Node's own way of setting them keep them. */
export function sameMillisecond(a: bigint, b: bigint): boolean {
  const difference = a > b ? a - b : b - a;
  return difference <= 1_000_000n;
}
