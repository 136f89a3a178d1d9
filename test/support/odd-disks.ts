// Disks as other systems have them: files that somebody holds open, names that are kept in another way, no links.
import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { isInside } from '../../src/engine/files/paths';
import { openFiles } from './open-files';

type Change = 'copy' | 'rename' | 'remove' | 'removeEmpty' | 'hash' | 'readText' | 'readTextNow' | 'overwrite';

export interface Hold {
  /** Absolute path of what another program has open, or which paths those are. */
  readonly path: string | ((path: string) => boolean);
  readonly calls: readonly Change[];
  /** EBUSY unless told; Windows says EPERM to a rename. */
  readonly code?: string;
  /** How often it stands in the way; for ever unless told. */
  readonly times?: number;
  /** A folder cannot be renamed while something below it is open. */
  readonly holdsFolders?: boolean;
}

/** Answers as Windows does while another program has a file open. `release` closes it there. */
export function busyDisk(
  hold: Hold,
  disk: Disk = realDisk,
): { readonly disk: Disk; readonly refusals: () => number; readonly release: () => void } {
  let left = hold.times ?? Infinity;
  let refusals = 0;
  const refusing = (name: Change): unknown => {
    return (path: string, ...rest: never[]): unknown => {
      const isIt = typeof hold.path === 'string' ? path === hold.path : hold.path(path);
      const isAbove = typeof hold.path === 'string' && hold.holdsFolders === true && name === 'rename' && isInside(path, hold.path);
      const isHeld = isIt || isAbove;
      if (isHeld && left > 0) {
        left--;
        refusals++;
        const code = hold.code ?? 'EBUSY';
        const error = Object.assign(new Error(`${code}: resource busy or locked, ${name} '${path}'`), { code, syscall: name, path });
        if (name === 'readTextNow') {
          throw error;
        }
        return Promise.reject(error);
      }
      return (disk[name] as (...all: unknown[]) => unknown)(path, ...rest);
    };
  };
  const refused = Object.fromEntries(hold.calls.map((name) => [name, refusing(name)])) as Partial<Disk>;
  return {
    disk: { ...disk, ...refused },
    refusals: () => refusals,
    release: () => {
      left = 0;
    },
  };
}

interface Naming {
  /** How a new name is kept. */
  readonly kept: (name: string) => string;
  /** Names that are one and the same have one key. */
  readonly key: (name: string) => string;
}

export const FOLDING: Naming = { kept: (name) => name, key: (name) => name.toLowerCase() };
export const LOWERING: Naming = { kept: (name) => name.toLowerCase(), key: (name) => name.toLowerCase() };
/** HFS+. */
export const DECOMPOSING: Naming = { kept: (name) => name.normalize('NFD'), key: (name) => name.normalize('NFD').toLowerCase() };

/** FAT: dots at the end of a name go without a word. */
export const DROPPING: Naming = { kept: (name) => name.replace(/(?<=.)[.]+$/, ''), key: (name) => name.replace(/(?<=.)[.]+$/, '') };

/** A disk that refuses some names. */
export function choosyDisk(refused: RegExp, code = 'EINVAL', disk: Disk = realDisk): Disk {
  const unless = (path: string): void => {
    if (refused.test(basename(path))) {
      throw Object.assign(new Error(`${code}: it takes no such name, '${path}'`), { code, path });
    }
  };
  return {
    ...disk,
    makeFolder: async (path) => {
      unless(path);
      await disk.makeFolder(path);
    },
    copy: async (from, to, sparse) => {
      unless(to);
      await disk.copy(from, to, sparse);
    },
  };
}

/** A disk that keeps the names below `root` in its own way. */
export function namingDisk(root: string, { kept, key }: Naming, disk: Disk = realDisk): Disk {
  const placed = (path: string): string => {
    const way = relative(root, path);
    if (!isInside(root, path) || way === '') {
      return path;
    }
    const folder = placed(dirname(path));
    const name = basename(path);
    const there = namesIn(folder).find((each) => key(each) === key(name));
    return join(folder, there ?? kept(name));
  };
  const first =
    (name: keyof Disk): unknown =>
    (path: string, ...rest: never[]): unknown =>
      (disk[name] as (...all: unknown[]) => unknown)(placed(path), ...rest);
  const both =
    (name: keyof Disk): unknown =>
    (from: string, to: string, ...rest: never[]): unknown =>
      (disk[name] as (...all: unknown[]) => unknown)(placed(from), placed(to), ...rest);
  const ones = [
    'makeFolder',
    'ensureFolder',
    'list',
    'listOdd',
    'stat',
    'readText',
    'readLink',
    'writeText',
    'remove',
    'removeEmpty',
    'setMode',
    'setOwner',
    'setTimes',
    'sync',
    'syncFolder',
    'freeBytes',
    'remoteKind',
    'hash',
  ] as const;
  return {
    ...disk,
    ...(Object.fromEntries(ones.map((name) => [name, first(name)])) as Partial<Disk>),
    ...(Object.fromEntries((['copy', 'hardLink', 'rename', 'overwrite'] as const).map((name) => [name, both(name)])) as Partial<Disk>),
    symbolicLink: (target, path) => disk.symbolicLink(target, placed(path)),
    statNow: (path) => disk.statNow(placed(path)),
    readTextNow: (path) => disk.readTextNow(placed(path)),
    many: null,
    syncTree: (folder, files, folders = []) => disk.syncTree(placed(folder), files.map(placed), folders.map(placed)),
    // The programs of other systems carry none.
    carryAttributes: () => Promise.resolve([]),
    setExactTimes: () => Promise.resolve(false),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** exFAT: neither symbolic nor hard links. */
export function linklessDisk(code = 'ENOSYS', disk: Disk = realDisk): Disk {
  const refuse = (): Promise<never> => Promise.reject(Object.assign(new Error(`${code}: function not implemented`), { code }));
  return { ...disk, symbolicLink: refuse, hardLink: refuse, many: null };
}

/** Windows: what is read-only can neither be flushed nor written. */
export function readOnlyDisk(disk: Disk = realDisk): Disk {
  const writable = async (path: string): Promise<void> => {
    if (((await disk.stat(path)).mode & 0o200n) === 0n) {
      throw Object.assign(new Error(`EPERM: operation not permitted, fsync '${path}'`), { code: 'EPERM', syscall: 'fsync', path });
    }
  };
  return {
    ...disk,
    sync: async (path) => {
      await writable(path);
      await disk.sync(path);
    },
    syncTree: async (folder, files, folders) => {
      for (const file of files) {
        await writable(file);
      }
      await disk.syncTree(folder, files, folders);
    },
  };
}

/** Windows: what is open, also by this very process, is neither renamed nor replaced nor removed, nor is a folder around it. */
export function strictDisk(disk: Disk = realDisk): Disk {
  const closed = (path: string, call: string): void => {
    const open = openFiles().paths.find((each) => each === path || isInside(path, each));
    if (open !== undefined) {
      throw Object.assign(new Error(`EBUSY: resource busy or locked, ${call} '${path}' (${open} is open)`), {
        code: 'EBUSY',
        syscall: call,
        path,
      });
    }
  };
  return {
    ...disk,
    rename: async (from, to) => {
      closed(from, 'rename');
      closed(to, 'rename');
      await disk.rename(from, to);
    },
    remove: async (path) => {
      closed(path, 'rm');
      await disk.remove(path);
    },
    removeEmpty: async (path) => {
      closed(path, 'rmdir');
      await disk.removeEmpty(path);
    },
  };
}
