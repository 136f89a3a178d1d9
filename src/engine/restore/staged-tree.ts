// The uploads of a backup as they are staged: folders, contents, holes and hard links, as the manifest and the folder say.
import pMap from 'p-map';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { isUnheld } from '../files/fitting';
import { copyTogether } from '../files/many';
import { isSafeRelative } from '../files/paths';
import { walkTree, type Tree, type TreeFile } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import type { FileEntry, FolderEntry, LinkEntry } from '../store/manifest';
import { readFileList, readFolderList } from '../store/manifest-file';
import { isOwn } from '../store/seal';
import { chosenOf, type Chosen } from './chosen';
import { compareNames } from '../store/spelling';
import { said } from '../said';

/** What a manifest says about one upload folder, by path below it; '' is the folder itself. Empty before format 1.1. */
export interface UploadsRecord {
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly folders: ReadonlyMap<string, FolderEntry>;
  readonly links: ReadonlyMap<string, LinkEntry>;
  /** This user made the backup on this machine. */
  readonly isOwn: boolean;
  /** Files that are not restored: the live database lies there. */
  readonly inTheWay: readonly string[];
  /** Paths in the live folder that nothing may take: those of the database. */
  readonly keep: readonly string[];
  /** null: everything is staged. */
  readonly chosen: Chosen | null;
}

/** Where the uploads lie in the backup and where they are staged; both absolute. */
export interface StagedTree {
  readonly source: string;
  readonly incoming: string;
  /** What lies in the backup, without what is in the way of the live database. */
  readonly tree: Tree;
  /** Everything that was staged, parents first. */
  readonly folders: readonly string[];
  /** The sha256 of what was written, by path, where it was read on the way. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Names of one file that are files of their own in the backup, and were not read: path -> place in the backup, absolute. */
  readonly unread: ReadonlyMap<string, string>;
}

const AT_ONCE = 16;

/**
 * Reads what a backup's manifest says about its folder `folder`; `keep` are the paths in the live one that stay as they are.
 * Fails with MANIFEST_INVALID.
 */
export async function readUploadsRecord(
  env: Environment,
  backup: GoodBackup,
  folder: string,
  keep: readonly string[] = [],
  only?: readonly string[],
): Promise<UploadsRecord> {
  const chosen = chosenOf(only);
  const below = <T extends { readonly path: string }>(entries: readonly T[] | null | undefined): Map<string, T> =>
    new Map(
      (entries ?? [])
        .filter(({ path }) => path === folder || path.startsWith(`${folder}/`))
        .map((entry) => [entry.path.slice(folder.length + 1), entry] as const)
        .filter(([path]) => chosen === null || path === '' || chosen.has(path) || chosen.isAbove(path)),
    );
  const files = below(await readFileList(env.disk, backup.path, backup.manifest));
  const there = keep.length === 0 ? [] : (await walkTree(env.disk, join(backup.path, folder))).files.map(({ path }) => path);
  const wanted = [...files.keys(), ...there.filter((path) => chosen?.has(path) ?? true)];
  const inTheWay = new Set(wanted.filter((path) => isTaken(keep, path)));
  inTheWay.forEach((path) => files.delete(path));
  return {
    files,
    inTheWay: [...inTheWay],
    keep,
    chosen,
    // Verification has found a list that cannot be used; who restores all the same gets the bytes.
    folders: below(await readFolderList(env.disk, backup.path, backup.manifest).catch(() => null)),
    links: below(backup.manifest.links),
    isOwn: isOwn(backup.manifest),
  };
}

/** Whether an entry that is no folder would take the place of one of `keep`, or of a folder above or below it. */
export function isTaken(keep: readonly string[], path: string): boolean {
  return keep.some((kept) => kept === path || kept.startsWith(`${path}/`) || path.startsWith(`${kept}/`));
}

/** Copies everything into the empty folder `incoming`: contents only, private to this user. */
export async function stageContents(
  env: Environment,
  source: string,
  incoming: string,
  record: UploadsRecord,
  options: OperationOptions,
): Promise<StagedTree> {
  const left = [...record.keep, ...record.inTheWay].map((path) => join(source, path));
  const { tree, onDisk } = asListed(chosenPart(await walkTree(env.disk, source, left), record), record);
  const folders = foldersOf(tree, record);
  for (const folder of folders) {
    await named(folder, () => env.disk.makeFolder(join(incoming, folder)));
  }
  const totalBytes = tree.files.reduce((sum, file) => sum + file.size, 0);
  let doneBytes = 0;
  const copy = async ({ path, size }: TreeFile): Promise<void> => {
    throwIfCancelled(options.signal);
    await named(path, () => env.disk.copy(join(source, onDisk(path)), join(incoming, path), record.files.get(path)?.sparse === true));
    doneBytes += size;
    options.onProgress?.({ phase: 'stage', doneBytes, totalBytes });
  };
  const leaders = leadersOf(tree, record);
  const first = tree.files.filter(({ path }) => !leaders.has(path));
  const hashes = await copyTogether(
    env.disk.many,
    first.filter(({ path, sparse }) => !sparse && record.files.get(path)?.sparse !== true),
    ({ path }) => ({ from: join(source, onDisk(path)), to: join(incoming, path) }),
    ({ size }) => {
      throwIfCancelled(options.signal);
      doneBytes += size;
      options.onProgress?.({ phase: 'stage', doneBytes, totalBytes });
    },
  );
  await pMap(
    first.filter(({ path }) => !hashes.has(path)),
    copy,
    { concurrency: AT_ONCE },
  );
  const unread = new Map<string, string>();
  const there = new Map(tree.files.map((file) => [file.path, file]));
  for (const file of tree.files) {
    const leader = leaders.get(file.path);
    if (leader === undefined) {
      continue;
    }
    if (!(await linked(env, join(incoming, leader), join(incoming, file.path)))) {
      await copy(file);
    } else if (there.get(leader)?.inode !== file.inode) {
      unread.set(file.path, join(source, onDisk(file.path)));
    }
  }
  return { source, incoming, tree, folders, hashes, unread };
}

function chosenPart(tree: Tree, { chosen }: UploadsRecord): Tree {
  return chosen === null
    ? tree
    : { ...tree, files: tree.files.filter(({ path }) => chosen.has(path)), folders: tree.folders.filter((path) => chosen.isAbove(path)) };
}

/** Files and folders under the names that the manifest has for them, and without what the system has put there since. */
function asListed(tree: Tree, { files, folders }: UploadsRecord): { readonly tree: Tree; readonly onDisk: (path: string) => string } {
  if (files.size === 0) {
    return { tree, onDisk: (path) => path };
  }
  const above = [...files.keys()].flatMap((path) => path.split('/').map((_part, index, parts) => parts.slice(0, index).join('/')));
  const ofFiles = compareNames(
    files.keys(),
    tree.files.map(({ path }) => path),
  );
  const ofFolders = compareNames([...folders.keys(), ...above], tree.folders);
  const added = new Set(ofFiles.added);
  const kept = tree.files.filter(({ path }) => files.has(path) || ofFiles.listed.has(path) || added.has(path));
  const spelt = new Map([...ofFiles.listed].map(([path, name]) => [name, path]));
  return {
    tree: {
      ...tree,
      files: kept.map((file) => ({ ...file, path: ofFiles.listed.get(file.path) ?? file.path })),
      folders: tree.folders.map((path) => ofFolders.listed.get(path) ?? path),
    },
    onDisk: (path) => spelt.get(path) ?? path,
  };
}

/** The folders of the backup and those that its manifest names, which an archive may have lost because they are empty. */
function foldersOf(tree: Tree, record: UploadsRecord): string[] {
  const files = new Set(tree.files.map(({ path }) => path));
  const folders = new Set(tree.folders);
  for (const path of [...record.folders.keys()].filter((each) => isSafeRelative(each))) {
    const parts = path.split('/');
    const way = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
    if (!way.some((each) => files.has(each) || record.keep.includes(each))) {
      way.forEach((each) => folders.add(each));
    }
  }
  const depth = (path: string): number => path.split('/').length;
  return [...folders].sort((a, b) => depth(a) - depth(b));
}

/** Names that were one file with another name when the backup was made, and hold the same here: later name -> first name. */
function leadersOf(tree: Tree, { files }: UploadsRecord): ReadonlyMap<string, string> {
  const there = new Set(tree.files.map(({ path }) => path));
  const leaders = new Map<string, string>();
  for (const [path, entry] of files) {
    const top = entry.path.slice(0, entry.path.length - path.length);
    const leader = entry.hardLink?.startsWith(top) === true ? entry.hardLink.slice(top.length) : '';
    const first = leader === path ? undefined : files.get(leader);
    if (first !== undefined && first.hardLink === undefined && first.sha256 === entry.sha256 && there.has(leader)) {
      leaders.set(path, leader);
    }
  }
  return leaders;
}

/** false: there are no hard links here, so that the file is copied. */
async function linked(env: Environment, from: string, to: string): Promise<boolean> {
  return env.disk.hardLink(from, to).then(
    () => true,
    (error: unknown) => {
      if (['ENOSPC', 'EDQUOT', 'EIO'].includes(errnoOf(error))) {
        throw error;
      }
      return false;
    },
  );
}

async function named(path: string, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      throw new BackupError(
        'WRITE_FAILED',
        said`Two files of the backup have the same name on this file system: ${path}.`,
        'Restore on a file system that tells upper and lower case apart. Nothing was changed.',
        { cause: error },
      );
    }
    if (errnoOf(error) === 'ENAMETOOLONG' || isUnheld(error, path)) {
      throw new BackupError(
        'NAME_INVALID',
        said`The file system of the uploads cannot hold the name ${path}.`,
        'Restore on a file system that can. Nothing was changed.',
        { cause: error },
      );
    }
    throw error;
  }
}
