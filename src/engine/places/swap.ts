// Replaces what lies in a container by what is staged beside it there, and takes that back: by names alone, no bytes are moved.
import { BackupError } from '../errors';
import { SIDES } from './difference';
import type { PathStat } from './docker';
import type { Inside } from './inside';
import type { DeliveredPlace } from './record';
import type { NewEntry } from './tar-writer';

type Put = DeliveredPlace['puts'][number];
type Named = Exclude<NewEntry, { readonly kind: 'file' | 'empty' }>;

/** Where it is staged, below the place's own folder. */
export interface Stage {
  readonly root: string;
  freshOf(put: Put): string;
  /** What was there before. */
  oldOf(path: string): string;
}

export function stageOf(id: string, place: DeliveredPlace): Stage {
  const root = `.pats-restore-${id}-${place.database === null ? 'uploads' : 'database'}`;
  const paths = [...place.puts, ...place.removes].map(({ path }) => path);
  const numbers = new Map(paths.map((path, index) => [path, index]));
  return {
    root,
    freshOf: ({ path }) => `${root}/new-${numbers.get(path) ?? ''}`,
    oldOf: (path) => `${root}/old-${numbers.get(path) ?? ''}`,
  };
}

/** The names that keep what is replaced, whatever happens to its own. Without hard links in the volume this fails, and nothing was changed. */
export async function keepOld(inside: Inside, { puts, removes }: DeliveredPlace, stage: Stage): Promise<void> {
  const replaced = puts.flatMap(({ path, had }) => (had === null ? [] : [{ path, ...had }]));
  await inside.put(
    [...replaced, ...removes]
      .filter(({ kind }) => kind !== 'folder')
      .map((each) => hardLink(stage.oldOf(each.path), each.path, attributesOf(each))),
  );
}

/** New names, then what is not there any more. */
export async function swapUploads(inside: Inside, { puts, removes }: DeliveredPlace, stage: Stage): Promise<void> {
  await inside.put(puts.map((put) => placed(put, stage)));
  const tops = removes.filter(({ path }) => !removes.some((above) => path.startsWith(`${above.path}/`))).map(({ path }) => path);
  await inside.removeAll(tops);
  // The last word about the times of folders that something was put into.
  await inside.put(puts.filter(({ kind }) => kind === 'folder').map((put) => placed(put, stage)));
}

/**
 * In one archive, so in one go: the old log and journal are empty before another database has their name. With its last
 * entry the restore has happened.
 */
export async function swapDatabase(inside: Inside, place: DeliveredPlace, stage: Stage): Promise<void> {
  const { database, puts, removes } = place;
  const emptied = removes
    .filter(({ path }) => path !== database)
    .map((each) => ({ kind: 'empty' as const, path: each.path, ...attributesOf(each) }));
  const inOrder = [...puts].sort((a, b) => Number(a.path === database) - Number(b.path === database));
  const entries = [...emptied, ...inOrder.map((put) => placed(put, stage))];
  await inside.put(entries);
  if (removes.some(({ path }) => path === database) && database !== null) {
    await inside.remove(database);
  }
  if (!(await isReplaced(inside, place, stage))) {
    throw new BackupError('READ_FAILED', 'Docker has not put the database in its place.', 'Try again.');
  }
}

/** After the restore has happened: an empty log is none, but it is no file of the backup either. */
export async function removeSides(inside: Inside, { removes, database }: DeliveredPlace): Promise<void> {
  for (const { path } of database === null ? [] : removes) {
    if (path !== database && (await inside.stat(path))?.size === 0) {
      await inside.remove(path);
    }
  }
}

/** Two names of one file are told by what changes with it: the stage's name and the live one are the same, or they are not. */
export async function isReplaced(inside: Inside, { database, puts, removes }: DeliveredPlace, stage: Stage): Promise<boolean> {
  if (database === null) {
    return false;
  }
  const live = await inside.stat(database);
  const put = puts.find(({ path }) => path === database);
  if (put !== undefined) {
    return isSame(live, await inside.stat(stage.freshOf(put))) && !isSame(live, await inside.stat(stage.oldOf(database)));
  }
  return live === null && removes.some(({ path }) => path === database) && (await inside.stat(stage.oldOf(database))) !== null;
}

/**
 * The database before the restore, and what SQLite had beside it, unless somebody has written since: a log or a journal of
 * an older database would undo that. Gives whether all is as it was, or has become what somebody made of all of it.
 */
export async function revertDatabase(inside: Inside, { database, puts, removes, seen }: DeliveredPlace, stage: Stage): Promise<boolean> {
  if (database === null) {
    return true;
  }
  const now = await inside.stat(database);
  const isTouched = now !== null && stateOf(now) !== seen;
  let isWhole = true;
  const links: Named[] = [];
  for (const put of puts.filter(({ path, had }) => path !== database && had === null)) {
    const live = await inside.stat(put.path);
    if (isSame(live, await inside.stat(stage.freshOf(put)))) {
      await inside.remove(put.path);
    }
  }
  for (const each of [...removes, ...puts.flatMap(({ path, had }) => (had === null ? [] : [{ path, ...had }]))]) {
    const live = await inside.stat(each.path);
    const old = await inside.stat(stage.oldOf(each.path));
    const put = puts.find(({ path }) => path === each.path);
    // Emptied by the swap, or already the new one.
    const isSide = each.path !== database;
    const isOurs =
      live === null || (isSide && (live.size === 0 || (put !== undefined && isSame(live, await inside.stat(stage.freshOf(put))))));
    if (old === null || isSame(live, old)) {
      continue;
    }
    if (isOurs && !isTouched) {
      links.push(oldLink(stage, each));
    } else {
      isWhole = false;
    }
  }
  await inside.put(links);
  return isWhole;
}

/** One line that changes when it is written to. */
export function stateOf(stat: PathStat | null): string {
  return stat === null ? '' : `${stat.size}:${stat.mtime}`;
}

/** What somebody has saved since stays. */
export async function revertUploads(inside: Inside, place: DeliveredPlace, stage: Stage): Promise<void> {
  const { puts, removes } = place;
  for (const put of [...puts].reverse().filter(({ had }) => had === null || had.kind === 'folder')) {
    const live = await inside.stat(put.path);
    if (live !== null && (await isPlaced(inside, put, stage, live))) {
      await inside.remove(put.path);
    }
  }
  const gone = [...removes, ...puts.flatMap(({ path, had }) => (had === null ? [] : [{ path, ...had }]))];
  const links: Named[] = [];
  for (const each of gone.filter(({ kind }) => kind === 'folder')) {
    if ((await inside.stat(each.path)) === null) {
      links.push({ kind: 'folder', path: each.path, ...attributesOf(each) });
    }
  }
  for (const each of gone.filter(({ kind }) => kind !== 'folder')) {
    const live = await inside.stat(each.path);
    const put = puts.find(({ path }) => path === each.path);
    const isOurs = live === null || (put !== undefined && (await isPlaced(inside, put, stage, live)));
    if (isOurs && (await inside.stat(stage.oldOf(each.path))) !== null) {
      links.push(oldLink(stage, each));
    }
  }
  await inside.put(links);
}

/** A link says by itself where it leads; a folder that holds something is not taken away. */
async function isPlaced(inside: Inside, put: Put, stage: Stage, live: PathStat): Promise<boolean> {
  switch (put.kind) {
    case 'file':
      return live.size === put.size && isSame(live, await inside.stat(stage.freshOf(put)));
    case 'link':
      return (await inside.entry(put.path))?.target === put.target;
    case 'folder':
      return put.had?.kind !== 'folder' && (await inside.isFolder(put.path)) && (await isEmpty(inside, put.path));
  }
}

async function isEmpty(inside: Inside, path: string): Promise<boolean> {
  for await (const entry of inside.entries(path)) {
    return entry.path === '';
  }
  return true;
}

function oldLink(stage: Stage, each: Pick<Put, 'path'> & Parameters<typeof attributesOf>[0]): Named {
  return hardLink(each.path, stage.oldOf(each.path), attributesOf(each));
}

function placed(put: Put, stage: Stage): Named {
  switch (put.kind) {
    case 'folder':
      return { kind: 'folder', path: put.path, ...attributesOf(put) };
    case 'link':
      return { kind: 'link', path: put.path, target: put.target, ...attributesOf(put) };
    case 'file':
      return hardLink(put.path, stage.freshOf(put), attributesOf(put));
  }
}

function hardLink(path: string, target: string, { mode, uid, gid, mtime }: ReturnType<typeof attributesOf>): Named {
  return { kind: 'hard link', path, target, mode, uid, gid, mtime };
}

function attributesOf({ mode, uid, gid, mtime }: Pick<Put, 'mode' | 'uid' | 'gid' | 'mtime'>): {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: bigint;
} {
  return { mode, uid, gid, mtime: BigInt(mtime) };
}

function isSame(one: PathStat | null, other: PathStat | null): boolean {
  return one !== null && other !== null && one.size === other.size && one.mtime === other.mtime && one.mode === other.mode;
}

/** Whether it belongs to a database of that name. */
export function belongsTo(database: string, name: string): boolean {
  return name === database || SIDES.some((side) => name === database + side);
}
