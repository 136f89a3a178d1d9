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

/** What is known of the restore whose room is looked at. */
interface RoomOptions {
  /** Only a part comes back. */
  readonly isPart?: boolean;
  /** Verification has found the files of the backup as large as its manifest says. */
  readonly isAsListed?: boolean;
}

/** Fails with NO_SPACE, naming the folder, when a file system has less free than all parts of the restore need on it. */
export async function requireRoom(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  backup: GoodBackup,
  options: RoomOptions = {},
): Promise<void> {
  for (const { folder, bytes } of await needsOf(env, aimed, target, backup, options)) {
    await requireSpace(env, folder, bytes);
  }
}

/** A sentence for each file system without that room. */
export async function roomObstacles(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  backup: GoodBackup,
  options: RoomOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const { folder, bytes } of await needsOf(env, aimed, target, backup, options)) {
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
  { isPart = false, isAsListed = false }: RoomOptions,
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
    const fresh = target.database.mode === 'remove' ? 0 : await databaseSize(env, backup);
    const live = databaseFiles(aimed).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
    // Staged, and once more: SQLite's journal holds the old pages, its log the new ones; a rewritten file is kept as well.
    const again = ['in-place', 'rewrite'].includes(target.database.mode) ? Math.max(fresh, live) : 0;
    // A part is put into a copy of what is live.
    await add(target.database.live, fresh + again + (isPart ? 2 * live : 0));
  }
  for (const uploads of target.uploads) {
    const chosen = chosenOf(uploads.only);
    const files = (await uploadsIn(env, backup, uploads.folder, isAsListed)).filter(({ path }) => chosen?.has(path) ?? true);
    await add(
      uploads.live,
      files.reduce((sum, file) => sum + file.size, 0),
    );
  }
  return [...needs.values()];
}

/** The files of a folder of the backup: by its list, where it has one that was compared with the disk. */
async function uploadsIn(
  env: Environment,
  { path, manifest }: GoodBackup,
  folder: string,
  isAsListed: boolean,
): Promise<readonly { readonly path: string; readonly size: number }[]> {
  const listed = isAsListed ? await readFileList(env.disk, path, manifest) : null;
  return listed === null
    ? (await walkTree(env.disk, join(path, folder))).files
    : listed
        .filter((file) => file.path.startsWith(`${folder}/`))
        .map((file) => ({ path: file.path.slice(folder.length + 1), size: file.size }));
}

/** Of the files themselves: who accepts damage also accepts a manifest that says something else. */
async function databaseSize({ disk }: Environment, { path, manifest, sizeBytes }: GoodBackup): Promise<number> {
  const { database, database_file: file } = manifest;
  if (database === undefined || database === null) {
    return sizeBytes;
  }
  const names = [file, ...(database.side_files ?? []).map(({ name }) => name)];
  const sizes = names.map(async (name) => (name === null ? 0 : Number((await disk.stat(join(path, name)).catch(() => null))?.size ?? 0)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The folder itself, or the nearest one above it that exists; links are followed. */
function existingParent(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : existingParent(join(path, '..'));
}
