// The uploads' part of a restore: staged inside the live folder, then old entries out and new ones in, by renames only.
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errnoOf } from '../files/disk';
import { walkTree } from '../files/tree';
import { Wishes, wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { giveAttributes, giveModes, giveOwner } from './attributes';
import { uploadsStage, type JournaledUploads, type RestoreJournal } from './journal';
import { makeLinks } from './links';
import { readUploadsRecord, stageContents, type UploadsRecord } from './staged-tree';
import { warningsOf, type Warning } from '../warnings';
import type { UploadsTarget } from './target';

const TOP_TIME = 'time';

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
  const record = await readUploadsRecord(env, backup, target.folder);
  await makeTop(env, target.live, record);
  for (const folder of [root, incoming, outgoing]) {
    await env.disk.makeFolder(folder);
  }
  const fallback = { owner: ownerOf(target.live), folderMode: statSync(target.live).mode & 0o777 };
  const staged = await stageContents(env, join(backup.path, target.folder), incoming, record, options);
  // What the user had was put into a safety backup just before: it comes back as it was, wherever it leads.
  const isSafety = record.isOwn && backup.manifest.trigger === 'safety';
  const known = new Map([...liveLinks, ...(isSafety ? [...record.links].map(([path, link]) => [path, link.target] as const) : [])]);
  const warnings = await stageLinks(env, incoming, target, backup, known);
  const links = (await walkTree(env.disk, incoming)).links.map(({ path }) => path);
  warnings.push(...warningsOf('ATTRIBUTES_LOST', await giveAttributes(env, staged, links, record, fallback)));
  await env.disk.syncTree(
    incoming,
    staged.tree.files.map((file) => join(incoming, file.path)),
  );
  for (const folder of [...staged.folders].reverse()) {
    await env.disk.syncFolder(join(incoming, folder));
  }
  await env.disk.syncFolder(incoming);
  warnings.push(...warningsOf('ATTRIBUTES_LOST', await giveModes(env, staged, record, fallback)));
  await keepTopTime(env, root, record);
  return warnings;
}

/** The time that the live folder is to have waits in the stage, as that of an empty file: moving entries in changes the folder's own. */
async function keepTopTime(env: Environment, root: string, { folders }: UploadsRecord): Promise<void> {
  const top = folders.get('');
  if (top !== undefined) {
    await env.disk.writeText(join(root, TOP_TIME), '');
    await setTime(env, join(root, TOP_TIME), BigInt(top.mtime));
  }
}

async function setTime(env: Environment, path: string, mtime: bigint): Promise<void> {
  await wish(() => env.disk.setTimes(path, mtime));
  await env.disk.setExactTimes([{ path, mtime }]);
}

/** Makes the live folder if it is missing, as the one that was backed up. */
async function makeTop(env: Environment, live: string, record: UploadsRecord): Promise<void> {
  const isThere = existsSync(live);
  await env.disk.ensureFolder(live);
  const top = record.folders.get('');
  if (!isThere && top !== undefined) {
    await giveOwner(env, live, top, live, new Wishes());
    await wish(() => env.disk.setMode(live, top.mode | 0o700));
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
  const { root } = uploadsStage(journal, uploads.live);
  const kept = await env.disk.stat(join(root, TOP_TIME)).catch(() => null);
  await env.disk.remove(root);
  if (wasRestored && kept !== null) {
    await setTime(env, uploads.live, kept.mtimeNs);
  }
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

/** Whose files these are to be; null: this process cannot give files away. */
function ownerOf(path: string): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const { uid, gid } = statSync(path);
  return { uid, gid };
}
