// The one seam to the file system: every change that the engine makes to files goes through a Disk.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, createReadStream, type BigIntStats } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  utimes,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { remove } from 'fs-extra';

/** What the engine asks of a file system. Paths are absolute; every method rejects with the system's own error. */
export interface Disk {
  /** Makes one folder, private to this user. Fails when it exists. */
  makeFolder(path: string): Promise<void>;
  /** Makes a folder and all above it, as any program would; nothing happens when it exists. */
  ensureFolder(path: string): Promise<void>;
  /** Names in a folder, unsorted. */
  list(path: string): Promise<string[]>;
  /** Never follows a link. */
  stat(path: string): Promise<BigIntStats>;
  readText(path: string): Promise<string>;
  readLink(path: string): Promise<string>;
  /** Writes a new private file and brings it to the disk. Fails when it exists. */
  writeText(path: string, text: string): Promise<void>;
  /** Copies a file, sharing its blocks where the file system can. Fails when the target exists. */
  copy(from: string, to: string): Promise<void>;
  hardLink(from: string, to: string): Promise<void>;
  symbolicLink(target: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Removes a folder if it is empty; fails when it is not. */
  removeEmpty(path: string): Promise<void>;
  /** Replaces a file's content, not the file: for what cannot be renamed over. Not atomic. */
  overwrite(from: string, to: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Only root may. */
  setOwner(path: string, user: number, group: number): Promise<void>;
  /** `modified` in nanoseconds since 1970. */
  setTimes(path: string, modified: bigint): Promise<void>;
  /** Brings a file's content to the disk. */
  sync(path: string): Promise<void>;
  /** Brings everything below a folder to the disk, at once where the system can: `files` are the absolute paths in it. */
  syncTree(folder: string, files: readonly string[]): Promise<void>;
  /** Brings a folder's entries to the disk, where the system can. */
  syncFolder(path: string): Promise<void>;
  /** Free bytes for this user on the file system of an existing path. */
  freeBytes(path: string): Promise<number>;
  /** The kind of file system, where it matters for locks: null is an ordinary local one, or unknown. */
  remoteKind(path: string): Promise<string | null>;
  /** sha256 in hex; `onBytes` hears the size of every chunk and may throw to stop. */
  hash(path: string, onBytes?: (bytes: number) => void): Promise<string>;
}

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const CHUNK = 1024 * 1024;
/** From here on one sync of the whole file system is cheaper than one for each file. */
const MANY_FILES = 32;
/** Bytes up to which a file is hashed in one piece. */
const SMALL_FILE = 256 * 1024;

/** Magic numbers of statfs(2) on Linux. */
const REMOTE_KINDS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x6a656a63, 'VirtioFS'],
]);

/** Windows refuses to rename or remove what a virus scanner has open for a moment. */
const ATTEMPTS = process.platform === 'win32' ? 20 : 1;

export const realDisk: Disk = {
  makeFolder: async (path) => {
    await mkdir(path, { mode: PRIVATE_FOLDER });
  },
  ensureFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  list: (path) => readdir(path),
  stat: (path) => lstat(path, { bigint: true }),
  readText: (path) => readFile(path, 'utf8'),
  readLink: (path) => readlink(path),
  writeText: async (path, text) => {
    const file = await open(path, 'wx', PRIVATE_FILE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  copy: async (from, to) => {
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  },
  hardLink: (from, to) => link(from, to),
  symbolicLink: (target, path) => symlink(target, path),
  rename: (from, to) => again(() => rename(from, to)),
  remove: (path) => again(() => remove(path)),
  removeEmpty: (path) => again(() => rmdir(path)),
  overwrite: (from, to) => copyFile(from, to),
  setMode: (path, mode) => chmod(path, mode),
  setOwner: (path, user, group) => chown(path, user, group),
  setTimes: async (path, modified) => {
    const seconds = Number(modified) / 1e9;
    await utimes(path, seconds, seconds);
  },
  sync: syncFile,
  syncTree: async (folder, files) => {
    if (files.length < MANY_FILES || !(await syncFileSystem(folder))) {
      for (const file of files) {
        await syncFile(file);
      }
    }
  },
  syncFolder,
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  remoteKind: async (path) => REMOTE_KINDS.get((await statfs(path)).type) ?? null,
  hash: async (path, onBytes) => {
    const hash = createHash('sha256');
    if ((await stat(path)).size <= SMALL_FILE) {
      const bytes = await readFile(path);
      onBytes?.(bytes.length);
      return hash.update(bytes).digest('hex');
    }
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      onBytes?.(chunk.length);
    }
    return hash.digest('hex');
  },
};

/** The error code of a failed system call, e.g. "ENOENT"; '' for anything else. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

async function syncFile(path: string): Promise<void> {
  // Windows flushes only through a handle that may write; elsewhere a file that is read-only by now is synced as it is.
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (errnoOf(error) === 'EACCES') {
      return open(path, 'r');
    }
    throw error;
  });
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** syncfs(2) by way of coreutils, some hundred times faster than a sync for each of many files; false: not here. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    return false;
  }
  return promisify(execFile)('sync', ['--file-system', folder]).then(
    () => true,
    () => false,
  );
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(errnoOf(error))) {
      throw error;
    }
  } finally {
    await folder.close();
  }
}

async function again(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await change();
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !['EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY'].includes(errnoOf(error))) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, attempt * 20));
    }
  }
}
