// The uploads' part of a restore: staged inside the live folder, then old entries out and new ones in, by renames only.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { walkTree } from '../files/tree';
import { Wishes, wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { chosenOf } from './chosen';
import { giveAttributes, giveModes, giveOwner } from './attributes';
import type { RestoreJournal } from './journal';
import { makeLinks } from './links';
import { uploadsStage } from './stage';
import { isTaken, readUploadsRecord, stageContents, type StagedTree, type UploadsRecord } from './staged-tree';
import { warning, warningsOf, type Warning } from '../warnings';
import type { RestoreTarget, UploadsTarget } from './target';
import { said } from '../said';

const TOP_TIME = 'time';
const TIME_BEFORE = 'time-before';

/** What came of staging uploads. */
export interface StagedUploads extends Pick<StagedTree, 'hashes' | 'unread'> {
  /** E.g. about links that were left out. */
  readonly warnings: readonly Warning[];
}

/** Copies a backup's uploads into the stage of the live folder, which is there. */
export async function stageUploadsToRestore(
  env: Environment,
  journal: Pick<RestoreJournal, 'id'>,
  target: UploadsTarget,
  backup: GoodBackup,
  options: OperationOptions,
): Promise<StagedUploads> {
  const { incoming, outgoing, root } = uploadsStage(journal, target.live);
  const hasLinks = (backup.manifest.links ?? []).length > 0;
  // Links that the live folder has now are known to be the user's own.
  const liveLinks = new Map(hasLinks ? (await walkTree(env.disk, target.live)).links.map((link) => [link.path, link.target]) : []);
  const record = await readUploadsRecord(env, backup, target.folder, target.keep, target.only);
  for (const folder of [incoming, outgoing]) {
    await env.disk.makeFolder(folder);
  }
  const fallback = { owner: ownerOf(target.live), folderMode: statSync(target.live).mode & 0o777 };
  const staged = await stageContents(env, join(backup.path, target.folder), incoming, record, options);
  // What the user had was put into a safety backup just before: it comes back as it was, wherever it leads.
  const isSafety = record.isOwn && backup.manifest.trigger === 'safety';
  const known = new Map([...liveLinks, ...(isSafety ? [...record.links].map(([path, link]) => [path, link.target] as const) : [])]);
  const warnings = [...notOver(record.inTheWay, target), ...(await stageLinks(env, incoming, target, backup, known))];
  const links = hasLinks ? (await walkTree(env.disk, incoming)).links.map(({ path }) => path) : [];
  warnings.push(...warningsOf('ATTRIBUTES_LOST', await giveAttributes(env, staged, links, record, fallback)));
  await env.disk.syncTree(
    incoming,
    staged.tree.files.map((file) => join(incoming, file.path)),
    [...[...staged.folders].reverse().map((folder) => join(incoming, folder)), incoming],
  );
  warnings.push(...warningsOf('ATTRIBUTES_LOST', await giveModes(env, staged, record, fallback)));
  await (target.only === undefined ? keepTopTime(env, root, record) : Promise.resolve());
  return { warnings, hashes: staged.hashes, unread: staged.unread };
}

/** The time that the live folder is to have waits in the stage, as that of an empty file: moving entries in changes the folder's own. */
async function keepTopTime(env: Environment, root: string, { folders }: UploadsRecord): Promise<void> {
  const top = folders.get('');
  if (top !== undefined) {
    await env.disk.writeText(join(root, TOP_TIME), '');
    await setTime(env, BigInt(top.mtime), join(root, TOP_TIME));
  }
}

/** Makes the live folder if it is missing, as the one that was backed up. */
export async function makeUploadsFolder(env: Environment, { live, folder }: UploadsTarget, backup: GoodBackup): Promise<void> {
  const isThere = existsSync(live);
  await env.disk.ensureFolder(live);
  if (isThere) {
    return;
  }
  await env.disk.carryAttributes(join(backup.path, folder), live, [], ['']);
  const top = (await readUploadsRecord(env, backup, folder)).folders.get('');
  if (top !== undefined) {
    await giveOwner(env, live, top, live, new Wishes());
    await wish(() => env.disk.setMode(live, top.mode | 0o700));
  }
}

/** Files of a backup that a restore leaves out, because what lies in their place stays. */
export async function leftOutWarnings(env: Environment, { uploads }: RestoreTarget, backup: GoodBackup): Promise<Warning[]> {
  const warnings: Warning[] = [];
  for (const target of uploads.filter(({ keep }) => keep.length > 0)) {
    warnings.push(...notOver((await readUploadsRecord(env, backup, target.folder, target.keep)).inTheWay, target));
  }
  return warnings;
}

/** To this project the live file is its database, or no file at all; when the backup was made, it was an upload. */
function notOver(inTheWay: readonly string[], { live, special }: UploadsTarget): Warning[] {
  const taken = special.map(({ path }) => path);
  const bySpecial = inTheWay.filter((path) => isTaken(taken, path));
  return [
    ...leftOut(
      inTheWay.filter((path) => !bySpecial.includes(path)),
      said`the live database lies there, in ${live}`,
    ),
    ...leftOut(bySpecial, said`what lies there in ${live} is no file, and stays`),
  ];
}

function leftOut(paths: readonly string[], why: string): Warning[] {
  const were = paths.length === 1 ? 'is' : 'are';
  return paths.length === 0
    ? []
    : [warning('FILES_MISSING', said`${paths.join(', ')} of the backup's uploads ${were} not restored: ${why}.`)];
}

async function stageLinks(
  env: Environment,
  incoming: string,
  target: UploadsTarget,
  backup: GoodBackup,
  liveLinks: ReadonlyMap<string, string>,
): Promise<Warning[]> {
  const chosen = chosenOf(target.only);
  const links = (backup.manifest.links ?? [])
    .filter(({ path }) => path.startsWith(`${target.folder}/`))
    .map((link) => ({ path: link.path.slice(target.folder.length + 1), target: link.target }))
    .filter(({ path }) => !isTaken(target.keep, path) && (chosen?.has(path) ?? true));
  return makeLinks(env, { stage: incoming, links, own: liveLinks });
}

/** The time that the live folder is to have when the stage is gone; null: it was not recorded. */
export async function topTimeOf(env: Environment, journal: Pick<RestoreJournal, 'id'>, live: string): Promise<bigint | null> {
  const kept = await env.disk.stat(join(uploadsStage(journal, live).root, TOP_TIME)).catch(() => null);
  return kept?.mtimeNs ?? null;
}

/**
 * Keeps the time that the live folder had before its stage was made, for the way back, and gives it back to the folder: the
 * safety backup comes later, and records it as the user left it.
 */
export async function keepTimeBefore(env: Environment, journal: Pick<RestoreJournal, 'id'>, live: string, mtime: bigint): Promise<void> {
  const kept = join(uploadsStage(journal, live).root, TIME_BEFORE);
  await env.disk.writeText(kept, '');
  await setTime(env, mtime, kept, live);
}

/** The time that `keepTimeBefore` kept; null: none. */
export async function timeBeforeOf(env: Environment, journal: Pick<RestoreJournal, 'id'>, live: string): Promise<bigint | null> {
  const kept = await env.disk.stat(join(uploadsStage(journal, live).root, TIME_BEFORE)).catch(() => null);
  return kept?.mtimeNs ?? null;
}

/** As exactly as this system can; a file system that refuses is no failure. */
export async function setTime(env: Environment, mtime: bigint, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await wish(() => env.disk.setTimes(path, mtime));
  }
  await env.disk.setExactTimes(paths.map((path) => ({ path, mtime })));
}

/** Whose files these are to be; null: this process cannot give files away. */
function ownerOf(path: string): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const { uid, gid } = statSync(path);
  return { uid, gid };
}
