// The one seam to the file system: every change that the engine makes to files goes through a Disk.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, lstatSync, readFileSync, statSync, type BigIntStats } from 'node:fs';
import {
  chmod,
  lchown,
  link,
  lstat,
  lutimes,
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
  truncate,
} from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { remove } from 'fs-extra';
import { copyWhole } from './copy';
import { errnoOf } from './errno';
import { hashApart } from './hash-apart';
import { remoteKind } from './kinds';
import { realMany, type Many } from './many';
import { moveFolder, openFolders } from './read-only';
import { syncEach, syncFile, syncFileSystem, syncFolder } from './sync';
import { carryAttributes, copyApart, plainAmong, touchAll, type Unkept } from './system-tools';
import { here, type Platform } from '../platform/platform';
import { said } from '../said';

export { errnoOf } from './errno';

/** What the engine asks of a file system. Paths are absolute; every method rejects with the system's own error. */
export interface Disk {
  /** Makes one folder, private to this user. Fails when it exists. */
  makeFolder(path: string): Promise<void>;
  /** Makes a folder and all above it; nothing happens when it exists. What root makes belongs to the owner of the folder above. */
  ensureFolder(path: string): Promise<void>;
  /** Names in a folder, unsorted. Bytes that are no UTF-8 come as U+FFFD: such a name leads to nothing. */
  list(path: string): Promise<string[]>;
  /** Names in a folder that can be used, and the others for people, with bytes as `\xe9`. */
  listOdd(path: string): Promise<{ readonly names: string[]; readonly odd: string[] }>;
  /** Never follows a link. */
  stat(path: string): Promise<BigIntStats>;
  readText(path: string): Promise<string>;
  /** As `stat` and `readText`, at once: of thousands of small files, waiting for each would take longer than reading it. undefined: it is not there. */
  statNow(path: string): BigIntStats | undefined;
  readTextNow(path: string): string;
  /** Fails when the target is not UTF-8: as a text it would be another one. */
  readLink(path: string): Promise<string>;
  /** Writes a new private file, of one text or of pieces, and brings it to the disk. Fails when it exists. */
  writeText(path: string, text: string | Iterable<string>): Promise<void>;
  /**
   * Copies a file, sharing its blocks where the file system can. Holes stay holes; with `sparse` zeros become holes.
   * Fails when the target exists.
   */
  copy(from: string, to: string, sparse?: boolean): Promise<void>;
  /**
   * Copies a file to a new private one in another process, which opens and closes it without any lock of this one being
   * dropped. false: that is not known here, or something refused it, and nothing is left at the target.
   */
  copyApart(from: string, to: string, signal?: AbortSignal): Promise<boolean>;
  hardLink(from: string, to: string): Promise<void>;
  symbolicLink(target: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder, also one that is read-only; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Removes a folder if it is empty; fails when it is not. */
  removeEmpty(path: string): Promise<void>;
  /** Replaces a file's content, not the file: for what cannot be renamed over. Not atomic. */
  overwrite(from: string, to: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Of a link itself, not of what it leads to. Only root may; others may choose among their groups. */
  setOwner(path: string, user: number, group: number): Promise<void>;
  /** `modified` in nanoseconds since 1970: kept to a microsecond, before 1970 to a millisecond. Never follows a link. */
  setTimes(path: string, modified: bigint): Promise<void>;
  /** To the nanosecond; slow. false: this system cannot, or not for all of them. */
  setExactTimes(entries: readonly { readonly path: string; readonly mtime: bigint }[]): Promise<boolean>;
  /** Gives the ACLs, extended attributes, modes and times of paths below `from` to those below `to`, where the system can. */
  carryAttributes(from: string, to: string, files: readonly string[], folders: readonly string[]): Promise<Unkept>;
  /** Those of the files, by path below `folder`, that certainly have neither an ACL nor extended attributes; none where this system cannot tell. */
  plainAmong(folder: string, paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Brings a file's content to the disk. */
  sync(path: string): Promise<void>;
  /**
   * Brings everything below a folder to the disk, at once where the system can: `files` and `folders` (from within) are the
   * absolute paths in it.
   */
  syncTree(folder: string, files: readonly string[], folders?: readonly string[]): Promise<void>;
  /** Brings a folder's entries to the disk, where the system can. */
  syncFolder(path: string): Promise<void>;
  /** Free bytes for this user on the file system of an existing path. */
  freeBytes(path: string): Promise<number>;
  /** The kind of file system, where it matters for locks: null is an ordinary local one, or unknown. */
  remoteKind(path: string): Promise<string | null>;
  /** For thousands of small files; null: there is no such way, and each is done by itself. */
  readonly many: Many | null;
  /** sha256 in hex; `onBytes` hears the size of every chunk and may throw to stop; after each, `pause` is waited for. */
  hash(path: string, onBytes?: (bytes: number) => void, pause?: () => Promise<void>): Promise<string>;
  /** sha256 in hex, read in another thread: also while this one is busy. Not of a file that has locks of this process. */
  hashApart(path: string, signal?: AbortSignal): Promise<string>;
}

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Bytes that are read at once: what fits into a processor's own memory is not fetched twice. */
const CHUNK = 512 * 1024;
/** From here on one sync of the whole file system is cheaper than one for each file. */
const MANY_FILES = 32;
/** Bytes up to which a file is hashed in one piece. */
const SMALL_FILE = 256 * 1024;

/** Windows refuses to rename or remove what a virus scanner has open for a moment. */
const ATTEMPTS = here.isWindows ? 20 : 1;

export const realDisk: Disk = {
  makeFolder: async (path) => {
    await mkdir(path, { mode: PRIVATE_FOLDER });
  },
  ensureFolder: async (path) => {
    const first = await mkdir(path, { recursive: true });
    if (first !== undefined && process.getuid?.() === 0) {
      const { uid, gid } = await lstat(dirname(first));
      for (let made = path; made.length >= first.length; made = dirname(made)) {
        await lchown(made, uid, gid).catch(() => undefined);
      }
    }
  },
  list: (path) => readdir(path),
  listOdd: async (path) => {
    const all = await readdir(path, { encoding: 'buffer' });
    return { names: all.filter((name) => isUtf8(name)).map(String), odd: all.filter((name) => !isUtf8(name)).map(shown) };
  },
  stat: (path) => lstat(path, { bigint: true }),
  readText: (path) => readFile(path, 'utf8'),
  statNow: (path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  readTextNow: (path) => readFileSync(path, 'utf8'),
  readLink: async (path) => {
    const target = await readlink(path, { encoding: 'buffer' });
    if (!isUtf8(target)) {
      throw new Error(said`it leads to ${shown(target)}, which is not valid UTF-8`);
    }
    return target.toString();
  },
  writeText: async (path, text) => {
    const file = await open(path, 'wx', PRIVATE_FILE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  copy: copyWhole,
  copyApart,
  hardLink: (from, to) => link(from, to),
  symbolicLink: (target, path) => symlink(target, path, linkType(target)),
  rename: (from, to) => again(() => renameAny(from, to)),
  remove: (path) => again(() => removeAny(path)),
  removeEmpty: (path) => again(() => rmdir(path)),
  overwrite: async (from, to) => {
    await truncate(to);
    await pipeline(createReadStream(from), createWriteStream(to, { flags: 'r+' }));
  },
  setMode: (path, mode) => chmod(path, mode),
  setOwner: (path, user, group) => lchown(path, user, group),
  setTimes: async (path, modified) => {
    // Node takes negative numbers for "now", but not negative dates, which end at milliseconds.
    const time = modified < 0n ? new Date(Math.round(Number(modified) / 1e6)) : Number(modified) / 1e9;
    if (Number.isNaN(Number(time))) {
      throw Object.assign(new Error(`EINVAL: there is no time ${modified} on this system`), { code: 'EINVAL' });
    }
    await lutimes(path, time, time);
  },
  setExactTimes: touchAll,
  carryAttributes,
  plainAmong,
  sync: syncFile,
  syncTree: async (folder, files, folders = []) => {
    if (files.length >= MANY_FILES && (await syncFileSystem(folder))) {
      return;
    }
    await syncEach(files);
    for (const path of folders) {
      await syncFolder(path);
    }
  },
  syncFolder,
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  remoteKind: async (path) => remoteKind((await statfs(path)).type, path),
  many: realMany,
  hashApart,
  hash: async (path, onBytes, pause) => {
    const hash = createHash('sha256');
    if ((await stat(path)).size <= SMALL_FILE) {
      const bytes = await readFile(path);
      onBytes?.(bytes.length);
      await pause?.();
      return hash.update(bytes).digest('hex');
    }
    const file = await open(path, 'r');
    try {
      // One piece of memory for all chunks: a new one for each would take longer than the hash.
      const chunk = Buffer.allocUnsafeSlow(CHUNK);
      for (let length = -1; length !== 0;) {
        length = (await file.read(chunk, 0, CHUNK, null)).bytesRead;
        hash.update(chunk.subarray(0, length));
        onBytes?.(length);
        await pause?.();
      }
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  },
};

async function renameAny(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isRefusal(error) || !(await moveFolder(from, to))) {
      throw error;
    }
  }
}

async function removeAny(path: string): Promise<void> {
  try {
    await remove(path);
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    // What the first attempt had begun may still be going on.
    await openFolders(path);
    await remove(path).catch(async () => {
      await openFolders(path);
      await remove(path);
    });
  }
}

function isRefusal(error: unknown): boolean {
  return !here.isWindows && ['EACCES', 'EPERM'].includes(errnoOf(error));
}

/** Windows: to an absolute folder a junction, for which nobody needs a privilege; Node finds out about all others. */
export function linkType(target: string, platform: Platform = here): 'junction' | null {
  return platform.isWindows && isAbsolute(target) && (statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false)
    ? 'junction'
    : null;
}

/** A name that is no UTF-8, for people: ASCII as it is, other bytes as `\xe9`. */
function shown(name: Buffer): string {
  return [...name].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
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
