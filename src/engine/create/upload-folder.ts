// One upload folder of a new backup: its folders, its files with all their names, and what they are besides their bytes.
import pMap from 'p-map';
import { dirname, join } from 'node:path';
import type { Attributes, TreeFile } from '../files/tree';
import { wish } from '../files/wish';
import type { FileEntry, FolderEntry, LinkEntry, SkippedEntry } from '../store/manifest';
import { LONGEST_PATH } from '../store/terms';
import { FEW } from '../files/many';
import { comparableFiles } from './touched';
import { stageTogether } from './upload-batch';
import { notStorable, stageFile, stageName, type Missed, type Staged, type Work } from './upload-file';
import { here, type Platform } from '../platform/platform';
import { recordedFolderMode, recordedOwner, recordedTarget } from '../platform/recorded';

export interface StagedFolder {
  readonly files: readonly FileEntry[];
  readonly folders: readonly FolderEntry[];
  readonly links: readonly LinkEntry[];
  /** Sentences about attributes that the backup does not hold. */
  readonly unkept: readonly string[];
  readonly skipped: readonly SkippedEntry[];
  readonly partial: readonly SkippedEntry[];
}

const AT_ONCE = 16;
const TOO_LONG = 'its path is too long';

/** Puts one upload folder into the stage. `onFile` hears the bytes of every file before it is staged, and may throw to stop. */
export async function stageUploadFolder(given: Omit<Work, 'comparable'>, onFile: (bytes: number) => void): Promise<StagedFolder> {
  const { env, scan, stage } = given;
  const work = { ...given, comparable: await comparableFiles(env, scan, given.reusable) };
  const { platform = here } = env;
  const { folder, tree } = scan;
  const top = join(stage, folder);
  const refused = await makeFolders(work);
  const results = await stageFiles(work, refused, onFile);
  const staged = results.filter((result) => 'entry' in result);
  const missed = [...emptyOnes(work, refused), ...results.filter((result) => 'reason' in result)];
  const copied = staged.filter(({ isCopied }) => isCopied).map(({ entry }) => entry.path.slice(folder.length + 1));
  const folders = tree.folders.filter((path) => !refused.has(path));
  // The folder itself too: what is saved in it later takes its ACL from there.
  const unkept = await env.disk.carryAttributes(scan.root, top, copied, tree.exists ? ['', ...folders] : folders);
  // The modes came along as well; in the manifest they are safer, and a backup is private.
  const paths = copied.map((path) => join(top, path));
  const isPrivate = paths.length < FEW ? [] : (env.disk.many?.setMode(paths, 0o600) ?? []);
  for (const path of paths.filter((_path, index) => isPrivate[index] !== true)) {
    await wish(() => env.disk.setMode(path, 0o600));
  }
  for (const path of ['', ...folders]) {
    await wish(() => env.disk.setMode(join(top, path), 0o700));
  }
  await env.disk.syncTree(
    top,
    staged.map(({ entry }) => join(stage, entry.path)),
    [...[...folders].reverse().map((path) => join(top, path)), top],
  );
  const inBackup = (path: string): string => (path === '' ? folder : `${folder}/${path}`);
  const isListed = (path: string): boolean => inBackup(path).length <= LONGEST_PATH;
  const left = (path: string, reason: string): SkippedEntry => ({ path: inBackup(path), reason });
  return {
    files: staged.map(({ entry }) => entry),
    folders: [...tree.folderAttributes]
      .filter(([path]) => isListed(path))
      .map(([path, attributes]) => ({
        path: inBackup(path),
        mode: recordedFolderMode(attributes.mode, platform),
        ...recorded(attributes, platform),
      })),
    links: tree.links
      .filter(({ path }) => isListed(path))
      .map((link) => ({ path: inBackup(link.path), target: recordedTarget(link.target, platform), ...recorded(link, platform) })),
    unkept,
    skipped: [
      ...missed.filter(({ vanished }) => vanished).map(({ path, reason }) => ({ path, reason })),
      ...tree.special.map(({ path, reason }) => left(path, reason)),
    ],
    partial: [
      ...missed.filter(({ vanished }) => !vanished).map(({ path, reason }) => ({ path, reason })),
      ...tree.links.filter(({ path }) => !isListed(path)).map(({ path }) => left(path, TOO_LONG)),
      ...tree.unreadable.map(({ path, reason }) => left(path, reason)),
    ],
  };
}

/** Of the names that one file has among the uploads, the first stands for all: later name -> first name. */
export function furtherNames(files: readonly TreeFile[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const further = new Map<string, string>();
  for (const file of files.filter(({ names }) => names > 1)) {
    const id = `${file.device}:${file.inode}`;
    const leader = first.get(id);
    if (leader === undefined) {
      first.set(id, file.path);
    } else {
      further.set(file.path, leader);
    }
  }
  return further;
}

/** Makes the folders in the stage. Returns those that cannot be made there, with the reason. */
async function makeFolders({ env, scan, stage }: Work): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  const top = join(stage, scan.folder);
  await env.disk.makeFolder(top);
  for (const path of scan.tree.folders) {
    const above = refused.get(dirname(path));
    if (above !== undefined) {
      refused.set(path, above);
      continue;
    }
    try {
      await env.disk.makeFolder(join(top, path));
    } catch (error) {
      const reason = notStorable(error);
      if (reason === null) {
        throw error;
      }
      refused.set(path, reason);
    }
  }
  return refused;
}

/** Folders that cannot be stored and hold nothing that is named itself. */
function emptyOnes({ scan: { folder, tree } }: Work, refused: ReadonlyMap<string, string>): Missed[] {
  const parents = new Set([...tree.files.map(({ path }) => dirname(path)), ...tree.folders.map((path) => dirname(path))]);
  return [...refused]
    .filter(([path]) => !parents.has(path))
    .map(([path, reason]) => ({ path: `${folder}/${path}`, reason, vanished: false }));
}

/** In the order of the tree. */
async function stageFiles(
  work: Work,
  refused: ReadonlyMap<string, string>,
  onFile: (bytes: number) => void,
): Promise<readonly (Staged | Missed)[]> {
  const { folder, tree } = work.scan;
  const one = async (file: TreeFile): Promise<Staged | Missed> => {
    const path = `${folder}/${file.path}`;
    const reason = refused.get(dirname(file.path)) ?? (path.length > LONGEST_PATH ? TOO_LONG : undefined);
    return reason === undefined ? stageFile(work, file) : { path, reason, vanished: false };
  };
  const further = furtherNames(tree.files);
  const first = tree.files.filter(({ path }) => !further.has(path));
  const isStorable = (file: TreeFile): boolean => !refused.has(dirname(file.path)) && `${folder}/${file.path}`.length <= LONGEST_PATH;
  const results = new Map<string, Staged | Missed>(await stageTogether(work, first.filter(isStorable), onFile));
  await pMap(
    first.filter(({ path }) => !results.has(path)),
    async (file) => {
      onFile(file.size);
      results.set(file.path, await one(file));
    },
    { concurrency: AT_ONCE },
  );
  for (const file of tree.files.filter(({ path }) => further.has(path))) {
    onFile(file.size);
    const leader = results.get(further.get(file.path) ?? '');
    const named = isStorable(file) && leader !== undefined && 'entry' in leader ? await stageName(work, file, leader.entry) : null;
    results.set(file.path, named ?? asName(await one(file), leader));
  }
  return tree.files.flatMap(({ path }) => results.get(path) ?? []);
}

/** A name that had to be copied, because the backups folder knows no hard links, is still a further name of the same file. */
function asName(staged: Staged | Missed, leader: Staged | Missed | undefined): Staged | Missed {
  if (!('entry' in staged) || leader === undefined || !('entry' in leader)) {
    return staged;
  }
  const isSame = staged.entry.ctime === leader.entry.ctime && staged.entry.sha256 === leader.entry.sha256;
  return isSame ? { ...staged, entry: { ...staged.entry, hardLink: leader.entry.path } } : staged;
}

function recorded(attributes: Attributes, platform: Platform): { readonly mtime: string; readonly uid?: number; readonly gid?: number } {
  return { mtime: String(attributes.mtime), ...recordedOwner(attributes, platform) };
}
