// Whether there is room for a restore, added up for each file system, before anything is written.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { bytesNeeded, databaseFiles, requireSpace } from '../create/create';
import { walkTree } from '../files/tree';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { chosenOf } from './chosen';
import type { RestoreTarget } from './target';

interface Need {
  readonly folder: string;
  bytes: number;
}

/** Fails with NO_SPACE, naming the folder, when a file system has less free than all parts of the restore need on it. */
export async function requireRoom(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  backup: GoodBackup,
  isPart = false,
): Promise<void> {
  for (const { folder, bytes } of await needsOf(env, aimed, target, backup, isPart)) {
    await requireSpace(env, folder, bytes);
  }
}

/** A sentence for each file system without that room. */
export async function roomObstacles(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  backup: GoodBackup,
  isPart = false,
): Promise<string[]> {
  const found: string[] = [];
  for (const { folder, bytes } of await needsOf(env, aimed, target, backup, isPart)) {
    await requireSpace(env, folder, bytes).catch((error: unknown) => {
      if (!(error instanceof BackupError)) {
        throw error;
      }
      found.push(error.message);
    });
  }
  return found;
}

/** What the restore needs on each file system. */
async function needsOf(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  backup: GoodBackup,
  isPart: boolean,
): Promise<readonly Need[]> {
  const needs = new Map<string, Need>();
  const add = async (path: string, bytes: number): Promise<void> => {
    const folder = existingParent(path);
    const device = String((await env.disk.stat(folder)).dev);
    const need = needs.get(device) ?? { folder, bytes: 0 };
    need.bytes += bytes;
    needs.set(device, need);
  };
  await add(aimed.backups, await bytesNeeded(env, aimed, { database: target.database !== null, uploads: target.uploads.length > 0 }));
  if (target.database !== null) {
    const fresh = target.database.mode === 'remove' ? 0 : (backup.manifest.database?.size ?? backup.sizeBytes);
    const live = databaseFiles(aimed).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
    // Staged, and once more: SQLite's journal holds the old pages, its log the new ones; a rewritten file is kept as well.
    const again = ['in-place', 'rewrite'].includes(target.database.mode) ? Math.max(fresh, live) : 0;
    // A part is put into a copy of what is live.
    await add(target.database.live, fresh + again + (isPart ? 2 * live : 0));
  }
  for (const uploads of target.uploads) {
    const chosen = chosenOf(uploads.only);
    const files = (await uploadsIn(env, backup, uploads.folder)).filter(({ path }) => chosen?.has(path) ?? true);
    await add(
      uploads.live,
      files.reduce((sum, file) => sum + file.size, 0),
    );
  }
  return [...needs.values()];
}

/** The files of a folder of the backup: by its list, which verification has compared with the disk, where it has one. */
async function uploadsIn(
  env: Environment,
  { path, manifest }: GoodBackup,
  folder: string,
): Promise<readonly { readonly path: string; readonly size: number }[]> {
  const listed = await readFileList(env.disk, path, manifest).catch(() => null);
  return listed === null
    ? (await walkTree(env.disk, join(path, folder))).files
    : listed
        .filter((file) => file.path.startsWith(`${folder}/`))
        .map((file) => ({ path: file.path.slice(folder.length + 1), size: file.size }));
}

/** The folder itself, or the nearest one above it that exists; links are followed. */
function existingParent(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : existingParent(join(path, '..'));
}
