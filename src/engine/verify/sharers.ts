// Which backups hold the very same file: a hard link is one file, and what happens to it happens to all of them.
import { join } from 'node:path';
import { walkTree } from '../files/tree';
import type { Environment } from '../store/environment';
import { isGood, type BackupEntry, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import type { FileEntry } from '../store/manifest';
import { readFileList } from '../store/manifest-file';

/** One of the places of a file that several backups share. */
export interface Sharer {
  readonly backup: GoodBackup;
  /** Its path in that backup, and what is recorded about it there. */
  readonly file: FileEntry;
}

/**
 * For each of these files of a backup, by path: where else the same one lies, newest backup first. A backup that promises
 * something else of that file is none of them.
 */
export async function sharersOf(
  env: Environment,
  backup: GoodBackup,
  paths: readonly string[],
  all: readonly BackupEntry[],
): Promise<ReadonlyMap<string, readonly Sharer[]>> {
  const sharers = new Map<string, Sharer[]>(paths.map((path) => [path, []]));
  const own = new Map((await readFileList(env.disk, backup.path, backup.manifest).catch(() => null))?.map((file) => [file.path, file]));
  const byInode = await sharedInodes(env, backup, paths);
  for (const other of byInode.size === 0 ? [] : all.filter((entry) => isGood(entry) && entry.name !== backup.name)) {
    if (isGood(other)) {
      for (const [inode, file] of await recordedFiles(env, other)) {
        const path = byInode.get(inode) ?? '';
        if (own.get(path)?.sha256 === file.sha256) {
          sharers.get(path)?.push({ backup: other, file });
        }
      }
    }
  }
  return sharers;
}

/** Most files have one name only, and then nobody else need be looked at. */
async function sharedInodes(env: Environment, backup: GoodBackup, paths: readonly string[]): Promise<Map<bigint, string>> {
  const inodes = new Map<bigint, string>();
  for (const path of paths) {
    const stats = await env.disk.stat(join(backup.path, path)).catch(() => null);
    if (stats?.isFile() === true && stats.nlink > 1n) {
      inodes.set(stats.ino, path);
    }
  }
  return inodes;
}

/** The uploads of a backup that its manifest names and that are there, by inode. */
async function recordedFiles(env: Environment, backup: GoodBackup): Promise<[bigint, FileEntry][]> {
  const files = await readFileList(env.disk, backup.path, backup.manifest).catch(() => null);
  const recorded = new Map((files ?? []).map((file) => [file.path, file]));
  const found: [bigint, FileEntry][] = [];
  for (const folder of uploadFolders(backup.manifest)) {
    for (const { path, inode } of (await walkTree(env.disk, join(backup.path, folder))).files) {
      const file = recorded.get(`${folder}/${path}`);
      if (file !== undefined) {
        found.push([inode, file]);
      }
    }
  }
  return found;
}
