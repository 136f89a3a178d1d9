// The uploads' part of a restore: staged inside the live folder, then old entries out and new ones in, by renames only.
import pMap from 'p-map';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { isSafeRelative, linkStaysInside } from '../files/paths';
import { walkTree } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { readFileList } from '../store/manifest-file';
import type { RestoreJournal } from './journal';
import { uploadsStage } from './stage';
import type { UploadsTarget } from './target';

const AT_ONCE = 16;

/** Copies a backup's uploads into the stage of the live folder, which is there. Returns warnings about links that were left out. */
export async function stageUploadsToRestore(
  env: Environment,
  journal: Pick<RestoreJournal, 'id'>,
  target: UploadsTarget,
  backup: GoodBackup,
  options: OperationOptions,
): Promise<string[]> {
  const { incoming, outgoing } = uploadsStage(journal, target.live);
  // Links that the live folder has now are known to be the user's own.
  const liveLinks = new Map((await walkTree(env.disk, target.live)).links.map((link) => [link.path, link.target]));
  for (const folder of [incoming, outgoing]) {
    await env.disk.makeFolder(folder);
  }
  const source = join(backup.path, target.folder);
  const tree = await walkTree(env.disk, source);
  const recorded = new Map((await readFileList(env.disk, backup.path, backup.manifest))?.map((file) => [file.path, file]) ?? []);
  const owner = ownerOf(target.live);
  const folderMode = statSync(target.live).mode & 0o777;
  for (const folder of tree.folders) {
    await env.disk.makeFolder(join(incoming, folder));
    await env.disk.setMode(join(incoming, folder), folderMode);
    await own(env, join(incoming, folder), owner);
  }
  const totalBytes = tree.files.reduce((sum, file) => sum + file.size, 0);
  let doneBytes = 0;
  await pMap(
    tree.files,
    async (file) => {
      throwIfCancelled(options.signal);
      const copy = join(incoming, file.path);
      const record = recorded.get(`${target.folder}/${file.path}`);
      await copyNew(env, join(source, file.path), copy);
      await env.disk.setTimes(copy, record === undefined ? file.mtime : BigInt(record.mtime));
      await env.disk.setMode(copy, record?.mode ?? file.mode);
      await own(env, copy, owner);
      doneBytes += file.size;
      options.onProgress?.({ phase: 'stage', doneBytes, totalBytes });
    },
    { concurrency: AT_ONCE },
  );
  const warnings = await stageLinks(env, incoming, target, backup, liveLinks);
  await env.disk.syncTree(
    incoming,
    tree.files.map((file) => join(incoming, file.path)),
  );
  for (const folder of [...tree.folders].reverse()) {
    await env.disk.syncFolder(join(incoming, folder));
  }
  await env.disk.syncFolder(incoming);
  return warnings;
}

async function copyNew(env: Environment, from: string, to: string): Promise<void> {
  try {
    await env.disk.copy(from, to);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      throw new BackupError(
        'WRITE_FAILED',
        `Two files of the backup have the same name on this file system: ${basename(to)}.`,
        'Restore on a file system that tells upper and lower case apart. Nothing was changed.',
        { cause: error },
      );
    }
    throw error;
  }
}

async function stageLinks(
  env: Environment,
  incoming: string,
  target: UploadsTarget,
  backup: GoodBackup,
  liveLinks: ReadonlyMap<string, string>,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const link of backup.manifest.links ?? []) {
    const path = link.path.slice(target.folder.length + 1);
    if (!link.path.startsWith(`${target.folder}/`) || !isSafeRelative(path)) {
      continue;
    }
    const isKnown = liveLinks.get(path) === link.target;
    if (
      !(isKnown || linkStaysInside(path, link.target)) ||
      !existsSync(dirname(join(incoming, path))) ||
      existsSync(join(incoming, path))
    ) {
      warnings.push(`The link ${path} was not restored: it points to ${link.target}, outside the uploads.`);
    } else {
      await env.disk.symbolicLink(link.target, join(incoming, path));
    }
  }
  return warnings;
}

export interface Owner {
  readonly user: number;
  readonly group: number;
}

/** Whose files these are to be; null: this process cannot give files away. */
export function ownerOf(path: string): Owner | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const { uid, gid } = statSync(path);
  return { user: uid, group: gid };
}

export async function own(env: Environment, path: string, owner: Owner | null): Promise<void> {
  if (owner !== null) {
    await env.disk.setOwner(path, owner.user, owner.group);
  }
}
