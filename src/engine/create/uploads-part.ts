// The uploads' part of a new backup: unchanged files are hard-linked from the backup before, the others copied and hashed.
import pMap from 'p-map';
import { join, relative } from 'node:path';
import { errnoOf } from '../files/disk';
import { reasonOf, sameMillisecond, walkTree, type Tree, type TreeFile } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import type { FileEntry, LinkEntry, Manifest, SkippedEntry } from '../store/manifest';
import { readFileList } from '../store/manifest-file';

export interface UploadsPart {
  readonly uploads: NonNullable<Manifest['uploads']>;
  readonly files: readonly FileEntry[];
  readonly links: readonly LinkEntry[];
  readonly skipped: readonly SkippedEntry[];
  readonly partial: readonly SkippedEntry[];
}

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

const AT_ONCE = 16;
const ATTEMPTS = 3;

/** Looks at every upload folder. `exclude` holds absolute paths that are no uploads, e.g. the database. */
export async function scanUploads(
  env: Environment,
  uploads: readonly string[],
  projectRoot: string,
  exclude: readonly string[],
): Promise<UploadsScan[]> {
  const scans: UploadsScan[] = [];
  for (const [index, root] of uploads.entries()) {
    const folder = folderInBackup(index);
    const source = relative(projectRoot, root).split('\\').join('/');
    scans.push({ root, source, folder, tree: await walkTree(env.disk, root, exclude) });
  }
  return scans;
}

/** The name that the uploads folder at this place of the project's list has in a backup. */
export function folderInBackup(index: number): string {
  return index === 0 ? 'uploads' : `uploads-${index + 1}`;
}

/** What the backup before holds, by path in the backup. */
export type Reusable = ReadonlyMap<string, FileEntry & { readonly absolute: string }>;

/** The files of an earlier backup that a new one can share; empty when it has no usable list. */
export async function reusableFiles(env: Environment, previous: GoodBackup | undefined, scans: readonly UploadsScan[]): Promise<Reusable> {
  const reusable = new Map<string, FileEntry & { absolute: string }>();
  if (previous === undefined) {
    return reusable;
  }
  const folders = new Set(
    scans
      .filter((scan) => previous.manifest.uploads?.some((u) => u.source === scan.source && u.folder === scan.folder))
      .map((s) => s.folder),
  );
  // An unusable list only means that everything is copied.
  const files = await readFileList(env.disk, previous.path, previous.manifest).catch(() => null);
  for (const file of files ?? []) {
    if (folders.has(file.path.split('/', 1)[0] ?? '')) {
      reusable.set(file.path, { ...file, absolute: join(previous.path, file.path) });
    }
  }
  return reusable;
}

/** The recorded file that a live one is still equal to, as far as size and both times tell. */
function unchanged(reusable: Reusable, path: string, file: TreeFile): (FileEntry & { readonly absolute: string }) | undefined {
  const before = reusable.get(path);
  const isSame = before?.size === file.size && before.mtime === String(file.mtime) && before.ctime === String(file.ctime);
  return isSame ? before : undefined;
}

/** Bytes that must be copied because no earlier backup has them. */
export function bytesToCopy(scans: readonly UploadsScan[], reusable: Reusable): number {
  let bytes = 0;
  for (const scan of scans) {
    for (const file of scan.tree.files) {
      bytes += unchanged(reusable, `${scan.folder}/${file.path}`, file) === undefined ? file.size : 0;
    }
  }
  return bytes;
}

/** Puts the scanned uploads into the stage. */
export async function stageUploads(
  env: Environment,
  scans: readonly UploadsScan[],
  reusable: Reusable,
  stage: string,
  options: OperationOptions,
): Promise<UploadsPart> {
  const files: FileEntry[] = [];
  const skipped: SkippedEntry[] = [];
  const partial: SkippedEntry[] = [];
  const totalBytes = scans.reduce((sum, scan) => sum + scan.tree.files.reduce((bytes, file) => bytes + file.size, 0), 0);
  let doneBytes = 0;
  for (const { root, folder, tree } of scans) {
    await env.disk.makeFolder(join(stage, folder));
    for (const sub of tree.folders) {
      await env.disk.makeFolder(join(stage, folder, sub));
    }
    const entries = await pMap(
      tree.files,
      async (file) => {
        throwIfCancelled(options.signal);
        const result = await stageFile(env, join(root, file.path), `${folder}/${file.path}`, file, reusable, stage);
        doneBytes += file.size;
        options.onProgress?.({ phase: 'uploads', doneBytes, totalBytes });
        return result;
      },
      { concurrency: AT_ONCE },
    );
    for (const entry of entries) {
      if ('sha256' in entry) {
        files.push(entry);
      } else if (entry.vanished) {
        skipped.push({ path: entry.path, reason: entry.reason });
      } else {
        partial.push({ path: entry.path, reason: entry.reason });
      }
    }
    skipped.push(...tree.special.map(({ path, reason }) => ({ path: `${folder}/${path}`, reason })));
    partial.push(...tree.unreadable.map(({ path, reason }) => ({ path: path === '' ? folder : `${folder}/${path}`, reason })));
    const copied = entries.filter((entry) => 'sha256' in entry);
    await env.disk.syncTree(
      join(stage, folder),
      copied.map((entry) => join(stage, entry.path)),
    );
    for (const sub of [...tree.folders].reverse()) {
      await env.disk.syncFolder(join(stage, folder, sub));
    }
    await env.disk.syncFolder(join(stage, folder));
  }
  const links = scans.flatMap(({ folder, tree }) => tree.links.map(({ path, target }) => ({ path: `${folder}/${path}`, target })));
  const uploads = scans.map(({ source, folder, tree }) => ({ source, folder, existed: tree.exists }));
  return { uploads, files, links, skipped, partial };
}

interface Missed {
  readonly path: string;
  readonly reason: string;
  readonly vanished: boolean;
}

async function stageFile(
  env: Environment,
  live: string,
  path: string,
  seen: TreeFile,
  reusable: Reusable,
  stage: string,
): Promise<FileEntry | Missed> {
  const target = join(stage, path);
  const before = unchanged(reusable, path, seen);
  if (before !== undefined && (await linkFrom(env, before, target))) {
    return { path, size: seen.size, mtime: before.mtime, ctime: before.ctime, sha256: before.sha256, mode: seen.mode };
  }
  let file = seen;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      if (attempt > 1) {
        await env.disk.remove(target);
      }
      await env.disk.copy(live, target);
      const after = await env.disk.stat(live);
      if (after.size === BigInt(file.size) && after.mtimeNs === file.mtime && after.ctimeNs === file.ctime) {
        return await finish(env, target, path, file);
      }
      file = { ...file, size: Number(after.size), mtime: after.mtimeNs, ctime: after.ctimeNs, mode: Number(after.mode) & 0o7777 };
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'EPERM', 'EIO'].includes(errnoOf(error))) {
        throw error;
      }
      await env.disk.remove(target);
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
  await env.disk.setMode(target, 0o600);
  const sha256 = await env.disk.hash(target);
  await env.disk.setTimes(target, file.mtime);
  return { path, size: file.size, mtime: String(file.mtime), ctime: String(file.ctime), sha256, mode: file.mode };
}

/** Shares a file with the backup before; false: it must be copied (changed there, no hard links here, too many links). */
async function linkFrom(env: Environment, before: FileEntry & { readonly absolute: string }, target: string): Promise<boolean> {
  try {
    const kept = await env.disk.stat(before.absolute);
    const isAsMade = kept.isFile() && kept.size === BigInt(before.size) && sameMillisecond(kept.mtimeNs, BigInt(before.mtime));
    if (!isAsMade) {
      return false;
    }
    await env.disk.hardLink(before.absolute, target);
    return true;
  } catch (error) {
    if (['ENOSPC', 'EDQUOT', 'EIO'].includes(errnoOf(error))) {
      throw error;
    }
    return false;
  }
}
