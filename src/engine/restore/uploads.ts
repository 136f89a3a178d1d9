// The uploads' part of a restore: staged inside the live folder, then old entries out and new ones in, by renames only.
import pMap from 'p-map';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { walkTree } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { uploadsStage, type JournaledUploads, type RestoreJournal } from './journal';
import type { Warning } from '../warnings';
import { makeLinks } from './links';
import type { UploadsTarget } from './target';

const AT_ONCE = 16;

/** Copies a backup's uploads into the stage of the live folder. Returns warnings about links that were left out. */
export async function stageUploadsToRestore(
  env: Environment,
  journal: RestoreJournal,
  target: UploadsTarget,
  backup: GoodBackup,
  options: OperationOptions,
): Promise<Warning[]> {
  const { incoming, outgoing, root } = uploadsStage(journal, target.live);
  // Links that the live folder has now are known to be the user's own.
  const liveLinks = new Map((await walkTree(env.disk, target.live)).links.map((link) => [link.path, link.target]));
  await env.disk.ensureFolder(target.live);
  for (const folder of [root, incoming, outgoing]) {
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
): Promise<Warning[]> {
  const links = (backup.manifest.links ?? [])
    .filter(({ path }) => path.startsWith(`${target.folder}/`))
    .map((link) => ({ path: link.path.slice(target.folder.length + 1), target: link.target }));
  return makeLinks(env, { stage: incoming, links, own: liveLinks });
}

/** Moves everything that is live out of the way. May be run again after a crash, until the journal says that it is done. */
export async function clearUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { root, outgoing } = uploadsStage(journal, uploads.live);
  for (const name of await env.disk.list(uploads.live)) {
    if (name !== basename(root) && !uploads.keep.includes(name)) {
      await env.disk.rename(join(uploads.live, name), join(outgoing, name));
    }
  }
  await env.disk.syncFolder(uploads.live);
}

/** Moves the new entries in. May be run again at any time. */
export async function placeUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { incoming, outgoing } = uploadsStage(journal, uploads.live);
  for (const name of await namesIn(env, incoming)) {
    const live = join(uploads.live, name);
    if (existsSync(live)) {
      // The application wrote it in this very moment: it goes where the old files are.
      await env.disk.rename(live, join(outgoing, `${name}.${String(env.now().getTime())}`));
    }
    await env.disk.rename(join(incoming, name), live);
  }
  await env.disk.syncFolder(uploads.live);
}

/** The way back: new entries out, old ones in. May be run again at any time. */
export async function revertUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { incoming, outgoing } = uploadsStage(journal, uploads.live);
  const old = await namesIn(env, outgoing);
  const waiting = await namesIn(env, incoming);
  for (const name of uploads.cleared ? uploads.entries : []) {
    if (!waiting.includes(name) && existsSync(join(uploads.live, name))) {
      await env.disk.rename(join(uploads.live, name), join(incoming, name));
    }
  }
  for (const name of old) {
    if (!existsSync(join(uploads.live, name))) {
      await env.disk.rename(join(outgoing, name), join(uploads.live, name));
    }
  }
  await env.disk.syncFolder(uploads.live);
}

/** Removes the stage; the folder too, if the restore made it and it is empty. */
export async function discardUploadsStage(
  env: Environment,
  journal: RestoreJournal,
  uploads: JournaledUploads,
  wasRestored: boolean,
): Promise<void> {
  await env.disk.remove(uploadsStage(journal, uploads.live).root);
  if (!wasRestored && uploads.made && (await namesIn(env, uploads.live)).length === 0) {
    await env.disk.remove(uploads.live);
  }
}

async function namesIn(env: Environment, folder: string): Promise<string[]> {
  try {
    return await env.disk.list(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
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
