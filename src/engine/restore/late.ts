// Uploads that were saved after the safety backup had read them and before they were replaced: they are added to it.
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import pMap from 'p-map';
import { needsSeal } from '../create/create';
import { NOTHING_REUSABLE, stageUploads } from '../create/uploads-part';
import { BackupError, reportOf } from '../errors';
import { reasonOf, type Tree, type TreeFile } from '../files/tree';
import type { Environment } from '../store/environment';
import { findGoodBackup, type GoodBackup } from '../store/list';
import type { FileEntry } from '../store/manifest';
import { isOwn, sealed } from '../store/seal';
import { completeFileList, readFileList, replaceFileList, writeManifest } from '../store/manifest-file';
import { savedUntilLockedOut } from './contents';
import type { JournaledUploads, RestoreJournal } from './journal';
import { said } from '../said';

const AT_ONCE = 8;

/**
 * Compares what was moved out (`tree`, at `movedOut`) with the safety backup, and adds what that lacks or has otherwise. Returns the paths added.
 * Fails when a file cannot be kept: then what was moved out must stay.
 */
export async function keepLateUploads(
  env: Environment,
  backups: string,
  safetyBackup: string,
  { folder }: JournaledUploads,
  movedOut: string,
  tree: Tree,
): Promise<string[]> {
  const [unreadable] = tree.unreadable;
  if (unreadable !== undefined) {
    throw notKept(join(movedOut, unreadable.path), unreadable.reason);
  }
  return keep(env, backups, safetyBackup, folder, movedOut, tree, (error) => {
    throw error;
  });
}

/**
 * The same for what somebody saved in its place before the database was taken again: rows of the safety backup may speak of
 * it. Returns warnings: it stays live in any case.
 */
export async function keepSavedUploads(
  env: Environment,
  backups: string,
  journal: RestoreJournal,
  uploads: JournaledUploads,
): Promise<string[]> {
  const warnings: string[] = [];
  const warn = (error: unknown): void => {
    warnings.push(reportOf(error instanceof BackupError ? error : notKept(uploads.live, reasonOf(error))).message);
  };
  try {
    const saved = await savedUntilLockedOut(env, journal, uploads);
    for (const { path, reason } of saved?.unreadable ?? []) {
      warn(notKept(join(uploads.live, path), reason));
    }
    if (saved !== null && saved.files.length + saved.links.length > 0) {
      await keep(env, backups, journal.safetyBackup, uploads.folder, uploads.live, saved, warn);
    }
  } catch (error) {
    warn(error);
  }
  return warnings;
}

/** `onPartial` hears of each file that cannot be kept, and may throw to stop before anything is added. */
async function keep(
  env: Environment,
  backups: string,
  safetyBackup: string,
  folder: string,
  root: string,
  tree: Tree,
  onPartial: (error: BackupError) => void,
): Promise<string[]> {
  const safety = await findGoodBackup(env.disk, backups, safetyBackup);
  await completeFileList(env.disk, safety.path, safety.manifest);
  const files = (await readFileList(env.disk, safety.path, safety.manifest)) ?? [];
  const late = await lateIn(env, tree, folder, root, safety, files);
  if (late.files.length + late.links.length > 0) {
    await addTo(env, safety, files, folder, root, late, onPartial);
  }
  return [...late.files, ...late.links].map(({ path }) => `${folder}/${path}`);
}

async function lateIn(
  env: Environment,
  tree: Tree,
  folder: string,
  root: string,
  { manifest }: GoodBackup,
  files: readonly FileEntry[],
): Promise<Tree> {
  const kept = new Map(files.map((file) => [file.path, file]));
  const isAlike = (file: TreeFile): boolean => {
    const record = kept.get(`${folder}/${file.path}`);
    return record?.size === file.size && record.mtime === String(file.mtime);
  };
  const isUntouched = (file: TreeFile): boolean => isAlike(file) && kept.get(`${folder}/${file.path}`)?.ctime === String(file.ctime);
  // Being moved changes that time too; only the content tells then.
  const isKept = async (file: TreeFile): Promise<boolean> =>
    isAlike(file) && (await env.disk.hash(join(root, file.path))) === kept.get(`${folder}/${file.path}`)?.sha256;
  const others = tree.files.filter((file) => !isUntouched(file));
  const known = await pMap(others, isKept, { concurrency: AT_ONCE });
  const links = new Map((manifest.links ?? []).map((link) => [link.path, link.target]));
  const late = {
    files: others.filter((_file, index) => known[index] === false),
    links: tree.links.filter(({ path, target }) => links.get(`${folder}/${path}`) !== target),
  };
  const above = new Set([...late.files, ...late.links].flatMap(({ path }) => parentsOf(path)));
  return { ...tree, ...late, folders: tree.folders.filter((path) => above.has(path)), special: [], unreadable: [] };
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

async function addTo(
  env: Environment,
  { path, manifest }: GoodBackup,
  files: readonly FileEntry[],
  folder: string,
  root: string,
  late: Tree,
  onPartial: (error: BackupError) => void,
): Promise<void> {
  const stage = join(path, `.tmp-late-${randomBytes(4).toString('hex')}`);
  await env.disk.makeFolder(stage);
  try {
    const part = await stageUploads(env, [{ root, source: '', folder, tree: late }], NOTHING_REUSABLE, stage, {});
    for (const { path: of, reason } of [...part.partial, ...part.skipped]) {
      onPartial(notKept(of, reason));
    }
    for (const file of part.files) {
      await env.disk.ensureFolder(dirname(join(path, file.path)));
      await env.disk.rename(join(stage, file.path), join(path, file.path));
    }
    const added = new Map(part.files.map((file) => [file.path, file]));
    const all = [...files.filter((file) => !added.has(file.path)), ...part.files];
    const names = new Set(part.links.map((link) => link.path));
    const links = [...(manifest.links ?? []).filter((link) => !names.has(link.path)), ...part.links];
    const { record, publish } = await replaceFileList(env.disk, path, all);
    const next = { ...manifest, files: record, ...(links.length === 0 ? {} : { links }) };
    // Undo makes links that lead out only from what is known to be this user's own, and nobody else may get a seal here.
    const isAsMade = manifest.seal === undefined ? !needsSeal(manifest.links ?? [], files) : isOwn(manifest);
    await writeManifest(env.disk, path, isAsMade ? sealed(next) : next);
    await publish();
  } finally {
    await env.disk.remove(stage);
  }
}

function notKept(path: string, reason: string): BackupError {
  return new BackupError(
    'READ_FAILED',
    said`${path} was saved while the restore ran, and could not be added to the safety backup: ${reason}.`,
    'It stays where it is. Make it readable, then run "pats-backup recover".',
  );
}
