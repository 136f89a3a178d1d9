// The restore drill: a backup is restored into a temporary place and checked there, touching nothing.
import { mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireSpace } from '../create/create';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { checkDatabase } from '../sqlite/checks';
import { takeLock } from '../sqlite/lock';
import type { Environment } from '../store/environment';
import { findGoodBackup, uploadFolders, type GoodBackup } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { hasOwnMark, markedName } from '../store/own-state';
import { verifyBackup } from '../verify/verify';
import { stageDatabaseToRestore } from './database';
import { lastingObstacles } from './obstacles';
import { databaseStage, makeStageRoot, removeTree, uploadsStage } from './stage';
import { restoreTarget } from './target';
import { stageUploadsToRestore } from './uploads';

export interface DrillResult {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

const PLACE = 'pats-drill';
/** Held as long as the drill lasts, so that a later one knows a place that nobody uses any more. */
const LOCK = 'lock';

/** Verifies everything, restores into a temporary folder and checks what came out. Problems are results, not exceptions. */
export async function drill(
  env: Environment,
  project: Project,
  { name }: { readonly name: string },
  options: OperationOptions,
): Promise<DrillResult> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  await sweepDrills(env);
  const { problems } = await verifyBackup(env, backup, 'deep', options);
  if (problems.length > 0) {
    return { ok: false, problems };
  }
  const found = await inTemporaryPlace(env, async (place) => {
    await requireSpace(env, place, backup.sizeBytes);
    return restoreInto(env, place, backup, options);
  });
  found.push(...(await obstaclesFor(env, project, backup)));
  return { ok: found.length === 0, problems: found };
}

/** What would stand in the way of the real restore; a project whose live data is unknown has nothing that does. */
async function obstaclesFor(env: Environment, project: Project, backup: GoodBackup): Promise<string[]> {
  if (project.database === null && project.uploads.length === 0) {
    return [];
  }
  return lastingObstacles(env, restoreTarget(project, backup, 'all'));
}

async function inTemporaryPlace<T>(env: Environment, work: (place: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(tmpdir());
  const place = join(folder, markedName(folder, PLACE));
  mkdirSync(place, { mode: 0o700 });
  const lock = await takeLock(join(place, LOCK), 0);
  try {
    return await work(place);
  } finally {
    lock?.release();
    await removeTree(env, place);
  }
}

/** Removes the copies of data that drills of this user left when they were killed. */
export async function sweepDrills(env: Environment): Promise<void> {
  const folder = realpathSync(tmpdir());
  const names = await env.disk.list(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(`${PLACE}-`) && hasOwnMark(folder, each))) {
    const place = join(folder, name);
    const lock = await takeLock(join(place, LOCK), 0).catch(() => null);
    if (lock !== null) {
      lock.release();
      await removeTree(env, place).catch(() => undefined);
    }
  }
}

async function restoreInto(env: Environment, place: string, backup: GoodBackup, options: OperationOptions): Promise<string[]> {
  const id = { id: '00000000' };
  const found: string[] = [];
  const { manifest } = backup;
  if (manifest.database_file !== null && manifest.database?.damaged !== true) {
    const live = join(place, 'database', manifest.database_file);
    const { root, fresh } = databaseStage(id, live);
    await env.disk.makeFolder(join(place, 'database'));
    await makeStageRoot(env.disk, root, place);
    await stageDatabaseToRestore(env, id, { mode: 'create', live }, backup);
    found.push(...checkDatabase(fresh, 'deep').problems.map((problem) => `The restored database: ${problem}`));
  }
  const files = await readFileList(env.disk, backup.path, manifest);
  for (const folder of uploadFolders(manifest)) {
    const live = join(place, folder);
    const { root, incoming } = uploadsStage(id, live);
    await env.disk.makeFolder(live);
    await makeStageRoot(env.disk, root, place);
    await stageUploadsToRestore(env, id, { live, folder, keep: [] }, backup, options);
    for (const file of (files ?? []).filter((each) => each.path.startsWith(`${folder}/`))) {
      if ((await env.disk.hash(join(incoming, file.path.slice(folder.length + 1)))) !== file.sha256) {
        found.push(`The restored file ${file.path} differs from the one that was backed up.`);
      }
    }
  }
  if (manifest.database?.damaged === true) {
    found.push('The database was already damaged when this backup was made.');
  }
  return found;
}
