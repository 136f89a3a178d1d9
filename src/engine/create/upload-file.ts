// One uploaded file of a new backup: shared with the backup before when it is unchanged, else copied and hashed.
import { join } from 'node:path';
import { NO_FILE } from '../files/copy';
import { errnoOf } from '../files/disk';
import { fileOf, reasonOf, sameMillisecond, type Tree, type TreeFile } from '../files/tree';
import { wish } from '../files/wish';
import type { Environment } from '../store/environment';
import type { FileEntry } from '../store/manifest';
import { here } from '../platform/platform';
import { recordedNumbers } from '../platform/recorded';

/** One upload folder of the project as it is now. */
export interface UploadsScan {
  /** Absolute. */
  readonly root: string;
  /** Relative to the project. */
  readonly source: string;
  /** Its folder's name in the backup. */
  readonly folder: string;
  readonly tree: Tree;
}

/** What the backup before holds of the upload folders that are there now. */
export interface Reusable {
  /** By path in the backup. */
  readonly files: ReadonlyMap<string, FileEntry>;
  /** Absolute path of that backup. */
  readonly from: string;
  /** false: what is unchanged since is taken on trust. Otherwise each file is read before it is shared. */
  readonly reads: boolean;
  /** The path of each file that was read and has rotted is added here. */
  readonly rotten: string[];
}

/** Everything is copied. */
export const NOTHING_REUSABLE: Reusable = { files: new Map(), from: '', reads: false, rotten: [] };

/** What staging one upload folder needs to know. */
export interface Work {
  readonly env: Environment;
  readonly scan: UploadsScan;
  readonly reusable: Reusable;
  /** Absolute path of the backup that is prepared. */
  readonly stage: string;
  /** Files that are worth being compared with the backup before, by path below the folder: see touched.ts. */
  readonly comparable: ReadonlySet<string>;
}

export interface Staged {
  readonly entry: FileEntry;
  /** false: it shares its bytes with another file of this backup or of the one before. */
  readonly isCopied: boolean;
}

export interface Missed {
  /** In the backup. */
  readonly path: string;
  readonly reason: string;
  readonly vanished: boolean;
}

const ATTEMPTS = 3;
const REPLACED = 'something else than a file took its place while the backup was made';
/** Failures of one path and not of the disk: the name or the size does not fit the file system of the backups. */
const NOT_HERE: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'its path is too long in the backups folder',
  EINVAL: 'the file system of the backups folder refuses its name',
  EILSEQ: 'the file system of the backups folder refuses its name',
  EEXIST: 'another upload has the same name in the backups folder, where upper and lower case are the same',
  EFBIG: 'it is too large for the file system of the backups folder',
};

/** Why this path alone cannot be stored in the backups folder; null: it failed for another reason. */
export function notStorable(error: unknown): string | null {
  return NOT_HERE[errnoOf(error)] ?? null;
}

/** The recorded file that a live one is still equal to, as far as size and both times tell. */
export function unchanged({ files }: Reusable, path: string, file: TreeFile): FileEntry | undefined {
  const before = files.get(path);
  const isSame = before?.size === file.size && before.mtime === String(file.mtime) && before.ctime === String(file.ctime);
  return isSame ? before : undefined;
}

/** The recorded file whose content a live one may still have: only something else about it has changed, e.g. because it was restored. */
export function touched({ files }: Reusable, path: string, file: TreeFile): FileEntry | undefined {
  const before = files.get(path);
  const isAlike = before?.size === file.size && before.ctime !== String(file.ctime) && (before.sparse ?? false) === file.sparse;
  return isAlike && before.mtime === String(file.mtime) ? before : undefined;
}

/** Puts one file into the stage; a file that cannot be read or stored is missed, and only a failing disk throws. */
export async function stageFile(work: Work, seen: TreeFile): Promise<Staged | Missed> {
  const { env, scan, reusable, stage } = work;
  const path = `${scan.folder}/${seen.path}`;
  const live = join(scan.root, seen.path);
  const target = join(stage, path);
  const same = unchanged(reusable, path, seen);
  const before = same ?? (await equal(work, path, seen));
  // The bytes that were just read are not given up for some that nobody has looked at.
  if (before !== undefined && (await linkFrom(env, reusable, before, target, reusable.reads || same === undefined))) {
    return { entry: entryOf(env, path, seen, before.sha256), isCopied: false };
  }
  let file = seen;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      if (attempt > 1) {
        await env.disk.remove(target);
      }
      await env.disk.copy(live, target);
      const now = await env.disk.stat(live);
      if (!now.isFile()) {
        await env.disk.remove(target);
        return { path, reason: REPLACED, vanished: false };
      }
      const after = fileOf(seen.path, now);
      if (after.size === file.size && after.mtime === file.mtime && after.ctime === file.ctime) {
        return { entry: await finish(env, target, path, file), isCopied: true };
      }
      file = after;
    } catch (error) {
      const reason = notStorable(error);
      if (reason !== null) {
        return notStored(env, target, path, error, reason);
      }
      if (!['ENOENT', 'EACCES', 'EPERM', 'EIO', 'EBUSY', 'ETXTBSY', 'EISDIR', NO_FILE].includes(errnoOf(error))) {
        throw error;
      }
      await env.disk.remove(target);
      if (['EISDIR', NO_FILE].includes(errnoOf(error))) {
        return { path, reason: REPLACED, vanished: false };
      }
      const vanished = await isGone(env, live);
      if (!vanished && (await isReadable(env, live))) {
        throw error;
      }
      return { path, reason: vanished ? 'it was deleted while the backup was made' : reasonOf(error), vanished };
    }
  }
  await env.disk.remove(target);
  return { path, reason: 'it changed again and again while it was copied', vanished: false };
}

/** The recorded file that holds what the live one holds, by a look at its content. */
async function equal({ env, scan, reusable, comparable }: Work, path: string, seen: TreeFile): Promise<FileEntry | undefined> {
  const before = comparable.has(seen.path) ? touched(reusable, path, seen) : undefined;
  const live = join(scan.root, seen.path);
  try {
    if (before === undefined || (await env.disk.hash(live)) !== before.sha256) {
      return undefined;
    }
    const now = fileOf(seen.path, await env.disk.stat(live));
    return now.inode === seen.inode && now.ctime === seen.ctime && now.mtime === seen.mtime && now.size === seen.size ? before : undefined;
  } catch {
    // What keeps it from being read keeps it from being copied, and gets its reason there.
    return undefined;
  }
}

/** A further name of a file that is staged already; null: it is no longer the same file, or was not staged. */
export async function stageName({ env, scan, stage }: Work, seen: TreeFile, leader: FileEntry): Promise<Staged | null> {
  const now = await env.disk.stat(join(scan.root, seen.path)).catch(() => null);
  if (now === null || now.ino !== seen.inode || String(now.ctimeNs) !== leader.ctime || String(now.mtimeNs) !== leader.mtime) {
    return null;
  }
  const path = `${scan.folder}/${seen.path}`;
  const isLinked = await env.disk.hardLink(join(stage, leader.path), join(stage, path)).then(
    () => true,
    (error: unknown) => linkFailed(error),
  );
  return isLinked ? { entry: { ...leader, path, hardLink: leader.path }, isCopied: false } : null;
}

/** What reached the file system of the backups before it refused is taken away again, unless it is another upload. */
async function notStored(env: Environment, target: string, path: string, error: unknown, reason: string): Promise<Missed> {
  if (errnoOf(error) !== 'EEXIST') {
    await env.disk.remove(target).catch(() => undefined);
  }
  return { path, reason, vanished: false };
}

async function isGone(env: Environment, live: string): Promise<boolean> {
  return env.disk.stat(live).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  );
}

/** Tells a failure of the file that is backed up from one of the disk that the backup goes to. */
async function isReadable(env: Environment, live: string): Promise<boolean> {
  return env.disk.hash(live).then(
    () => true,
    () => false,
  );
}

async function finish(env: Environment, target: string, path: string, file: TreeFile): Promise<FileEntry> {
  await wish(() => env.disk.setMode(target, 0o600));
  const sha256 = await env.disk.hash(target);
  await wish(() => env.disk.setTimes(target, file.mtime));
  return entryOf(env, path, file, sha256);
}

/** What a manifest says of a file. */
export function entryOf({ platform = here }: Environment, path: string, file: TreeFile, sha256: string): FileEntry {
  return {
    path,
    size: file.size,
    mtime: String(file.mtime),
    ctime: String(file.ctime),
    sha256,
    ...recordedNumbers(file, platform),
    ...(file.sparse ? { sparse: true } : {}),
  };
}

/** Shares a file with the backup before; false: it must be copied (changed there, no hard links here, too many links). */
async function linkFrom(
  env: Environment,
  { from, rotten }: Reusable,
  before: FileEntry,
  target: string,
  isRead: boolean,
): Promise<boolean> {
  const source = join(from, before.path);
  try {
    const kept = await env.disk.stat(source);
    const isAsMade = kept.isFile() && kept.size === BigInt(before.size) && sameMillisecond(kept.mtimeNs, BigInt(before.mtime));
    if (!isAsMade) {
      return false;
    }
    if (isRead && (await env.disk.hash(source)) !== before.sha256) {
      rotten.push(before.path);
      return false;
    }
    await env.disk.hardLink(source, target);
    return true;
  } catch (error) {
    return linkFailed(error);
  }
}

/** false: hard links do not work here, so that the file is copied; a failing disk fails. */
function linkFailed(error: unknown): false {
  if (['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'ENODEV', 'ESTALE'].includes(errnoOf(error))) {
    throw error;
  }
  return false;
}
