// Repairs a backup: a damaged file is replaced, in every backup that shares it, by what its hash proves to be the true content.
import { dirname, join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import type { Disk } from '../files/disk';
import { explained, explainFileError } from '../files/explain';
import { isSafeRelative } from '../files/paths';
import { walkTree } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { makeScratch } from '../sqlite/scratch';
import { discardStage, makeStage } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { findGoodBackup, listBackups, type BackupEntry, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import { readFileList } from '../store/manifest-file';
import { verifyBackups } from '../verify/backups';
import { sharersOf, type Sharer } from '../verify/sharers';
import { requireAllRead, verifyBackup } from '../verify/verify';
import { warning, type Warned, type Warning } from '../warnings';
import { Sources, type Expected, type Source } from './sources';
import { said } from '../said';

export interface RepairParams {
  readonly name: string;
}

/** What a repair did, or would do. */
export interface RepairResult extends Warned {
  readonly name: string;
  readonly repaired: readonly {
    /** In the backup, `/`-separated. */
    readonly path: string;
    /** Names of all backups that share the file, this one first. */
    readonly backups: readonly string[];
    /** The backup with the true content; null: the live data have it. */
    readonly from: string | null;
  }[];
  /** What is wrong and cannot be mended, each with the reason. */
  readonly unrepaired: readonly { readonly path: string; readonly reason: string }[];
}

interface Mending {
  readonly path: string;
  readonly expected: Expected & { readonly mtime?: string };
  readonly source: Source;
  /** The places of the one file in all backups that share it, this backup's first. */
  readonly targets: readonly Target[];
}

interface Target {
  readonly backup: string;
  /** Absolute. */
  readonly file: string;
}

interface Plan {
  readonly mendings: readonly Mending[];
  readonly unrepaired: RepairResult['unrepaired'];
}

const LOST = 'No other backup has it as it was, and the live data have not either.';

/** Says what `repair` would do. Changes nothing. Fails with BACKUP_NOT_FOUND or BACKUP_INCOMPLETE. */
export async function planRepair(
  env: Environment,
  project: Project,
  { name }: RepairParams,
  options: OperationOptions,
): Promise<RepairResult> {
  const scratch = makeScratch();
  try {
    const { backup, all } = await lookedUp(env, project, name);
    return resultOf(name, await plan(env, project, backup, all, scratch.folder, options));
  } finally {
    scratch.remove();
  }
}

/**
 * Mends what can be mended and verifies all backups concerned. The caller holds the lock of the backups folder. Nothing is
 * written but content whose hash is the recorded one; the damaged file is replaced by rename, so that it is there, old or new.
 */
export async function repair(env: Environment, project: Project, { name }: RepairParams, options: OperationOptions): Promise<RepairResult> {
  const { backup, all } = await lookedUp(env, project, name);
  return explained(project.backups, async () => {
    const stage = await makeStage(env.disk, project.backups, 'repair');
    try {
      const planned = await plan(env, project, backup, all, stage, options);
      throwIfCancelled(options.signal);
      env.beginChange?.();
      const result = resultOf(name, await carryOut(env, planned, stage, options));
      return { ...result, warnings: [...result.warnings, ...(await verifiedAgain(env, project, result, options))] };
    } finally {
      await discardStage(env.disk, stage);
    }
  });
}

/** From the first replacement on nothing fails as a whole: what did not work is told beside what did. */
async function carryOut(env: Environment, { mendings, unrepaired }: Plan, stage: string, options: OperationOptions): Promise<Plan> {
  const mended: Mending[] = [];
  const failed: { path: string; reason: string }[] = [];
  for (const mending of mendings) {
    const targets: Target[] = [];
    try {
      if (mended.length > 0) {
        throwIfCancelled(options.signal);
      }
      await mend(env, mending, stage, targets);
    } catch (error) {
      const place = mending.targets[targets.length]?.file ?? stage;
      failed.push({ path: mending.path, reason: said`${mending.path}: ${reportOf(explainFileError(error, place)).message}` });
    }
    if (targets.length > 0) {
      mended.push({ ...mending, targets });
    }
  }
  return { mendings: mended, unrepaired: [...failed, ...unrepaired] };
}

/** The records say that these backups are damaged; only reading them again says that they are not. */
async function verifiedAgain(
  env: Environment,
  project: Project,
  { repaired }: RepairResult,
  options: OperationOptions,
): Promise<Warning[]> {
  const names = [...new Set(repaired.flatMap(({ backups }) => backups))];
  if (names.length === 0) {
    return [];
  }
  try {
    const { onProgress } = options;
    await verifyBackups(env, project, { names, background: true }, onProgress === undefined ? {} : { onProgress });
    return [];
  } catch (error) {
    return [warning('STATE_UNKNOWN', said`What was repaired could not be verified again: ${reportOf(error).message}`)];
  }
}

async function lookedUp(env: Environment, project: Project, name: string): Promise<{ backup: GoodBackup; all: readonly BackupEntry[] }> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  return { backup, all: (await listBackups(env.disk, project.backups)).backups };
}

async function plan(
  env: Environment,
  project: Project,
  backup: GoodBackup,
  all: readonly BackupEntry[],
  folder: string,
  options: OperationOptions,
): Promise<Plan> {
  const found = await verifyBackup(env, backup, 'contents', options);
  requireAllRead(found);
  const expected = await expectations(env, backup);
  const safe = await placesIn(env, backup);
  const sources = new Sources(env, project, backup, all, options);
  const sharers = await sharersOf(
    env,
    backup,
    found.damaged.map(({ path }) => path),
    all,
  );
  const mendings: Mending[] = [];
  const unrepaired: { path: string; reason: string }[] = [];
  for (const { path, problem } of found.damaged) {
    const record = expected.get(path);
    const isUpload = path.includes('/');
    if (record === undefined || !safe.has(dirname(path))) {
      unrepaired.push({ path, reason: said`${problem} Its folder in the backup is not a folder of its own.` });
      continue;
    }
    const source = isUpload ? await sources.ofUpload(path, record) : await sources.ofDatabase(path, record, folder);
    if (source === null) {
      unrepaired.push({ path, reason: said`${problem} ${LOST}` });
    } else {
      mendings.push({ path, expected: record, source, targets: targetsOf(backup, path, sharers.get(path) ?? []) });
    }
  }
  const isAboutFile = (problem: string): boolean => found.damaged.some((file) => file.problem === problem);
  // What was added, or what SQLite or the manifest itself say, is nobody's content to bring back.
  unrepaired.push(...found.problems.filter((problem) => !isAboutFile(problem)).map((reason) => ({ path: '', reason })));
  return { mendings, unrepaired };
}

function targetsOf(backup: GoodBackup, path: string, sharers: readonly Sharer[]): Target[] {
  return [
    { backup: backup.name, file: join(backup.path, path) },
    ...sharers.map((sharer) => ({ backup: sharer.backup.name, file: join(sharer.backup.path, sharer.file.path) })),
  ];
}

/** What the manifest says of each file, by path. */
async function expectations(env: Environment, { path, manifest }: GoodBackup): Promise<Map<string, Mending['expected']>> {
  const files = await readFileList(env.disk, path, manifest).catch(() => null);
  const found = new Map<string, Mending['expected']>(
    (files ?? []).filter((file) => isSafeRelative(file.path)).map((file) => [file.path, file]),
  );
  const { database, database_file: name } = manifest;
  for (const part of database && name !== null ? [{ ...database, name }, ...(database.side_files ?? [])] : []) {
    if (name !== null && part.name.startsWith(name) && !/[/\\]/.test(part.name)) {
      found.set(part.name, { size: part.size, sha256: part.sha256 });
    }
  }
  return found;
}

/** The folders of a backup that are its own, "." among them: nothing is written through a link. */
async function placesIn(env: Environment, backup: GoodBackup): Promise<Set<string>> {
  const places = new Set(['.']);
  for (const folder of uploadFolders(backup.manifest)) {
    places.add(folder);
    for (const sub of (await walkTree(env.disk, join(backup.path, folder))).folders) {
      places.add(`${folder}/${sub}`);
    }
  }
  return places;
}

/** Writes the true content beside, brings it to the disk, reads it back, and gives it the place of the damaged file everywhere. */
async function mend(env: Environment, { path, expected, source, targets }: Mending, stage: string, done: Target[]): Promise<void> {
  const { disk } = env;
  const fresh = join(stage, 'fresh');
  await disk.remove(fresh);
  await disk.copy(source.file, fresh);
  await disk.setMode(fresh, 0o600);
  if (expected.mtime !== undefined) {
    await disk.setTimes(fresh, BigInt(expected.mtime));
  }
  await disk.sync(fresh);
  if ((await disk.hash(fresh)) !== expected.sha256) {
    throw new BackupError('WRITE_FAILED', said`${path} changed while it was copied.`, 'Try again. The backup was left as it was.');
  }
  for (const target of targets) {
    const name = join(stage, 'name');
    await disk.remove(name);
    // Where there are no hard links, none was shared either.
    await disk.hardLink(fresh, name).catch(() => copySynced(disk, fresh, name));
    await disk.rename(name, target.file);
    done.push(target);
    await disk.syncFolder(dirname(target.file));
  }
}

async function copySynced(disk: Disk, from: string, to: string): Promise<void> {
  await disk.copy(from, to);
  await disk.sync(to);
}

function resultOf(name: string, { mendings, unrepaired }: Plan): RepairResult {
  return {
    name,
    repaired: mendings.map(({ path, targets, source }) => ({
      path,
      backups: [...new Set(targets.map(({ backup }) => backup))],
      from: source.backup,
    })),
    unrepaired,
    warnings: unrepaired.map(({ reason }) => warning('NOT_MENDED', reason)),
  };
}
