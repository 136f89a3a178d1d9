// The restore drill: a backup is restored into a temporary place and checked there, touching nothing.
import { join } from 'node:path';
import { requireSpace } from '../create/create';
import { unfitText } from '../files/fitting';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { checkDatabase } from '../sqlite/checks';
import { makeScratch } from '../sqlite/scratch';
import type { Environment } from '../store/environment';
import { flawsOf } from '../store/flaws';
import { findGoodBackup, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import { readFileList } from '../store/manifest-file';
import { verifyAndKeep } from '../verify/keep';
import { requireAllRead } from '../verify/verify';
import type { Warned } from '../warnings';
import { stageDatabaseToRestore } from './database';
import { backupsObstacles, lastingObstacles } from './obstacles';
import { roomObstacles } from './room';
import { databaseStage, makeStageRoot, removeTree, uploadsStage } from './stage';
import { restoreTarget, targetProject } from './target';
import { lossesOf, unfitNamesOf } from './unfit';
import { stageUploadsToRestore } from './uploads';
import { said } from '../said';

export interface DrillResult extends Warned {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

/** Verifies everything, restores into a temporary folder and checks what came out. Problems are results, not exceptions. */
export async function drill(
  env: Environment,
  project: Project,
  { name }: { readonly name: string },
  options: OperationOptions,
): Promise<DrillResult> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const verification = await verifyAndKeep(env, project.backups, backup, 'deep', options);
  const warnings = [...verification.warnings, ...flawsOf(backup.manifest).filter(({ code }) => code === 'FILES_MISSING')];
  if (verification.problems.length > 0) {
    return { ok: false, problems: verification.problems, warnings };
  }
  requireAllRead(verification);
  const scratch = makeScratch();
  // Apart from the scratch folder's own lock, which Windows lets nobody remove while it is held.
  const place = join(scratch.folder, 'restored');
  try {
    await env.disk.makeFolder(place);
    await requireSpace(env, place, backup.sizeBytes);
    const there = await foreseenFor(env, project, backup);
    // What the live disk cannot hold this one may hold as little.
    const found = there.isUnfit ? [] : await restoreInto(env, place, backup, options);
    const problems = [...found, ...there.obstacles];
    return { ok: problems.length === 0, problems, warnings: [...warnings, ...there.warnings] };
  } finally {
    await removeTree(env, place);
    scratch.remove();
  }
}

interface Foreseen extends Warned {
  readonly obstacles: readonly string[];
  /** Names of the backup are among them. */
  readonly isUnfit: boolean;
}

/** What would stand in the way of the real restore, and what it could not bring back; nothing where the live data is unknown. */
async function foreseenFor(env: Environment, project: Project, backup: GoodBackup): Promise<Foreseen> {
  if (project.databasePlace !== undefined || (project.database === null && project.uploads.length === 0)) {
    return { obstacles: [], warnings: [], isUnfit: false };
  }
  const target = restoreTarget(project, backup, 'all');
  // Backups on a disk that may only be read are restored from with another backups folder.
  const isPlace = (await backupsObstacles(project)).length === 0;
  const unfit = unfitText(await unfitNamesOf(env, target, backup));
  const obstacles = [
    ...(await lastingObstacles(env, target)),
    ...(isPlace ? await roomObstacles(env, targetProject(project, target), target, backup) : []),
    ...(unfit === null ? [] : [unfit]),
  ];
  return { obstacles, isUnfit: unfit !== null, warnings: await lossesOf(env, target, backup) };
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
    found.push(...checkDatabase(fresh, 'deep').problems.map((problem) => said`The restored database: ${problem}`));
  }
  const files = await readFileList(env.disk, backup.path, manifest);
  for (const folder of uploadFolders(manifest)) {
    const live = join(place, folder);
    const { root, incoming } = uploadsStage(id, live);
    await env.disk.makeFolder(live);
    await makeStageRoot(env.disk, root, place);
    await stageUploadsToRestore(env, id, { live, folder, keep: [], special: [] }, backup, options);
    for (const file of (files ?? []).filter((each) => each.path.startsWith(`${folder}/`))) {
      if ((await env.disk.hash(join(incoming, file.path.slice(folder.length + 1)))) !== file.sha256) {
        found.push(said`The restored file ${file.path} differs from the one that was backed up.`);
      }
    }
  }
  if (manifest.database?.damaged === true) {
    found.push('The database was already damaged when this backup was made.');
  }
  return found;
}
