// What would keep the uploads from being moved, kept or removed: looked for at every depth, before anything is changed.
import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from '../files/paths';
import { mountsBelow } from '../files/mounts';
import { walkTree, type Tree } from '../files/tree';
import { unchangeableBelow } from '../files/unchangeable';
import type { Environment } from '../store/environment';
import { warning, type Warning } from '../warnings';
import type { RestoreTarget, UploadsTarget } from './target';
import { inRow, said } from '../said';

/** Names of files shown; the rest is counted. */
const SHOWN = 3;
const STICKY = 0o1000;

/** A sentence for each kind of obstacle in an uploads folder that is there. */
export async function uploadsObstacles(env: Environment, { live, keep }: UploadsTarget): Promise<string[]> {
  if (!statSync(live).isDirectory()) {
    return [said`${live} is not a folder: move it away.`];
  }
  if (!may(live, constants.W_OK)) {
    const [fixed] = (await unchangeableBelow(live)).filter((path) => path === live);
    return fixed === undefined
      ? [said`This user may not write to ${live}: run chmod u+w "${live}" as its owner.`]
      : [said`${live} cannot be changed because of its attributes: run chattr -i -a "${live}" as root.`];
  }
  const kept = keep.map((path) => join(live, path));
  const tree = await walkTree(env.disk, live, kept);
  const moved = await movedEntries(env, live, kept);
  return [
    ...mounted(live, kept, tree),
    ...listed(immovable(moved), (paths) => said`This user may not move ${paths}: change the owner, or restore as that user.`),
    ...listed(
      (await unchangeableBelow(live)).filter((path) => !kept.includes(path)),
      (paths) => said`${paths} cannot be moved because of its attributes: run chattr -i -a on it as root.`,
    ),
    ...listed(
      unreadable(live, tree),
      (paths) => said`The safety backup would lack ${paths}: make it readable for this user, or move it away.`,
    ),
  ];
}

/** What a restore can cope with, but somebody may want to know: only for those who are not root. */
export async function remarksOn(env: Environment, target: RestoreTarget): Promise<Warning[]> {
  const me = process.getuid?.();
  if (me === undefined || me === 0) {
    return [];
  }
  const found: Warning[] = [];
  for (const { live } of target.uploads.filter((uploads) => lstatSync(uploads.live, { throwIfNoEntry: false })?.isDirectory() === true)) {
    const tree = await walkTree(env.disk, live);
    const absolute = (paths: readonly string[]): string[] => paths.map((path) => join(live, path));
    const closed = tree.folders.filter((path) => !may(join(live, path), constants.W_OK));
    const isMine = (path: string): boolean => tree.folderAttributes.get(path)?.uid === me;
    found.push(
      ...listed(
        absolute(closed.filter(isMine)),
        (paths) => said`Read-only: ${paths}. A restore makes it writable for the moment in which it is replaced.`,
      ).map((message) => warning('READ_ONLY_FOLDER', message)),
      ...listed(
        absolute(notRemovable(tree, me, closed)),
        (paths) =>
          said`${paths} belongs to another user. Its old copy cannot be removed after a restore: it stays in a hidden folder in ${live}, until its owner or root deletes it.`,
      ).map((message) => warning('NOT_REMOVABLE', message)),
    );
  }
  return found;
}

/** Folders of others that hold something which this user may not take out. */
function notRemovable({ files, links, folders, folderAttributes }: Tree, me: number, closed: readonly string[]): string[] {
  const isClosed = new Set(closed);
  const holders = new Set<string>();
  const look = (path: string, uid: number | undefined): void => {
    const folder = dirname(path);
    const { uid: owner = me, mode = 0 } = folderAttributes.get(folder) ?? {};
    if (folder !== '.' && owner !== me && (isClosed.has(folder) || ((mode & STICKY) !== 0 && uid !== me))) {
      holders.add(folder);
    }
  };
  [...files, ...links].forEach(({ path, uid }) => {
    look(path, uid);
  });
  folders.forEach((path) => {
    look(path, folderAttributes.get(path)?.uid);
  });
  return [...holders];
}

function mounted(live: string, kept: readonly string[], tree: Tree): string[] {
  const points = mountsBelow(live).filter((point) => point !== live && !kept.includes(point));
  if (points.length > 0) {
    return points.map((point) => said`Something is mounted at ${point}, inside the uploads: unmount it while you restore.`);
  }
  const device = statSync(live).dev;
  const elsewhere = tree.folders
    .map((path) => join(live, path))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.dev !== device);
  return listed(elsewhere, (paths) => said`Another file system is mounted at ${paths}, inside the uploads: unmount it while you restore.`);
}

interface Moved {
  readonly folder: string;
  readonly path: string;
}

/** What a restore renames: everything at the top, and where something stays, what lies beside it. */
async function movedEntries(env: Environment, folder: string, kept: readonly string[]): Promise<Moved[]> {
  const found: Moved[] = [];
  for (const path of (await env.disk.list(folder)).map((name) => join(folder, name)).filter((each) => !kept.includes(each))) {
    const holdsKept = kept.some((each) => isInside(path, each));
    found.push(...(holdsKept ? await movedEntries(env, path, kept) : [{ folder, path }]));
  }
  return found;
}

/** Entries that belong to others: in a sticky folder nobody else may rename them, and a folder must be writable to be moved. */
function immovable(moved: readonly Moved[]): string[] {
  const me = process.getuid?.();
  if (me === undefined || me === 0) {
    return [];
  }
  return moved
    .filter(({ folder, path }) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      const around = lstatSync(folder);
      const isSticky = (around.mode & STICKY) !== 0 && around.uid !== me;
      const isForeign = stats !== undefined && stats.uid !== me;
      const mayOpen = around.uid === me || may(folder, constants.W_OK);
      return !mayOpen || (isForeign && (isSticky || (stats.isDirectory() && !may(path, constants.W_OK))));
    })
    .map(({ path }) => path);
}

/** What the safety backup could not read, each with the reason. */
function unreadable(live: string, tree: Tree): string[] {
  const closed =
    process.getuid?.() === 0
      ? []
      : tree.files.map(({ path }) => join(live, path)).filter((path) => !may(path, constants.R_OK) && may(path, constants.F_OK));
  return [
    ...tree.unreadable.map(({ path, reason }) => said`${join(live, path)} (${reason})`),
    ...closed.map((path) => said`${path} (no permission to read it)`),
  ];
}

function listed(paths: readonly string[], sentence: (paths: string) => string): string[] {
  const more = paths.length > SHOWN ? said` and ${paths.length - SHOWN} more` : '';
  return paths.length === 0 ? [] : [sentence(said`${inRow(paths.slice(0, SHOWN), ', ')}${more}`)];
}

function may(path: string, what: number): boolean {
  try {
    accessSync(path, what);
    return true;
  } catch {
    return false;
  }
}
