// Walks an upload folder without following links out of it.
import { dirname, join } from 'node:path';
import { errnoOf, type Disk } from './disk';

/** What the engine itself keeps inside an uploads folder while it restores. */
export const RESTORE_STAGE_PREFIX = '.pats-restore-';

export interface TreeFile {
  /** Below the walked folder, `/`-separated. */
  readonly path: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  /** POSIX permission bits. */
  readonly mode: number;
  readonly inode: bigint;
}

export interface Tree {
  /** false: the folder does not exist. */
  readonly exists: boolean;
  readonly files: readonly TreeFile[];
  /** Folders below the walked one, parents first. */
  readonly folders: readonly string[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Sockets, FIFOs and devices. */
  readonly special: readonly { readonly path: string; readonly reason: string }[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

interface OpenTree {
  exists: boolean;
  files: TreeFile[];
  folders: string[];
  links: { path: string; target: string }[];
  special: { path: string; reason: string }[];
  unreadable: { path: string; reason: string }[];
}

/** Walks everything below `root`, sorted by name. `exclude` holds absolute paths that are left out. */
export async function walkTree(disk: Disk, root: string, exclude: readonly string[] = []): Promise<Tree> {
  const tree: OpenTree = { exists: true, files: [], folders: [], links: [], special: [], unreadable: [] };
  // A database that lies among the uploads is staged beside itself.
  const besideExcluded = new Set(exclude.map((path) => dirname(path)));
  const queue = [''];
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const names = await namesIn(disk, root, folder, tree);
    for (const name of names.sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const mayHoldStage = folder === '' || besideExcluded.has(join(root, folder));
      if ((mayHoldStage && name.startsWith(RESTORE_STAGE_PREFIX)) || exclude.includes(join(root, path))) {
        continue;
      }
      if (await addEntry(disk, root, path, tree)) {
        queue.push(path);
      }
    }
  }
  return tree;
}

async function namesIn(disk: Disk, root: string, folder: string, tree: OpenTree): Promise<string[]> {
  try {
    return await disk.list(join(root, folder));
  } catch (error) {
    if (folder === '' && errnoOf(error) === 'ENOENT') {
      tree.exists = false;
    } else if (errnoOf(error) !== 'ENOENT') {
      tree.unreadable.push({ path: folder, reason: reasonOf(error) });
    }
    return [];
  }
}

/** Adds one entry to the tree; true: it is a folder to be walked. */
async function addEntry(disk: Disk, root: string, path: string, tree: OpenTree): Promise<boolean> {
  try {
    const stats = await disk.stat(join(root, path));
    if (stats.isDirectory()) {
      tree.folders.push(path);
      return true;
    }
    if (stats.isSymbolicLink()) {
      tree.links.push({ path, target: await disk.readLink(join(root, path)) });
    } else if (stats.isFile()) {
      const mode = Number(stats.mode) & 0o7777;
      tree.files.push({ path, size: Number(stats.size), mtime: stats.mtimeNs, ctime: stats.ctimeNs, mode, inode: stats.ino });
    } else {
      tree.special.push({ path, reason: stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device' });
    }
  } catch (error) {
    // Node cannot name a file whose name is no valid UTF-8, so it looks as if it had vanished.
    if (errnoOf(error) !== 'ENOENT' || path.includes('\u{fffd}')) {
      tree.unreadable.push({ path, reason: path.includes('\u{fffd}') ? 'its name is no valid UTF-8' : reasonOf(error) });
    }
  }
  return false;
}

/** Why a file could not be read, for people. */
export function reasonOf(error: unknown): string {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'EIO':
      return 'the disk failed';
    case 'ENOENT':
      return 'it vanished while it was read';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Whether two times (nanoseconds) are the same as far as a file system and Node's own way of setting them keep them. */
export function sameMillisecond(a: bigint, b: bigint): boolean {
  const difference = a > b ? a - b : b - a;
  return difference <= 1_000_000n;
}
