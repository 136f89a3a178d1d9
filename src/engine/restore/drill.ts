// The restore drill: a backup is restored into a temporary place and checked there, touching nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { checkDatabase } from '../sqlite/checks';
import { requireSpace } from '../create/create';
import type { Environment } from '../store/environment';
import { findGoodBackup, uploadFolders } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { stageDatabaseToRestore } from './database';
import { newRestoreId, stagedDatabase, uploadsStage, type RestoreJournal } from './journal';
import { stageUploadsToRestore } from './uploads';
import { verifyBackup } from '../verify/verify';

export interface DrillResult {
  readonly ok: boolean;
  readonly problems: readonly string[];
  /** What could not be checked, a sentence each. */
  readonly warnings: readonly string[];
}

/** Verifies everything, restores into a temporary folder and checks what came out. Problems are results, not exceptions. */
export async function drill(
  env: Environment,
  project: Project,
  { name }: { readonly name: string },
  options: OperationOptions,
): Promise<DrillResult> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const { problems, warnings } = await verifyBackup(env, backup, 'deep', options);
  if (problems.length > 0) {
    return { ok: false, problems, warnings };
  }
  const place = mkdtempSync(join(tmpdir(), 'pats-drill-'));
  try {
    await requireSpace(env, place, backup.sizeBytes);
    const found = await restoreInto(env, place, backup, options);
    return { ok: found.length === 0, problems: found, warnings };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function restoreInto(
  env: Environment,
  place: string,
  backup: Awaited<ReturnType<typeof findGoodBackup>>,
  options: OperationOptions,
): Promise<string[]> {
  const journal: RestoreJournal = {
    version: 1,
    id: newRestoreId(),
    state: 'staging',
    backup: backup.name,
    safetyBackup: '',
    database: null,
    uploads: [],
  };
  const found: string[] = [];
  const { manifest } = backup;
  if (manifest.database_file !== null && manifest.database?.damaged !== true) {
    const live = join(place, 'database', manifest.database_file);
    await stageDatabaseToRestore(env, journal, { mode: 'create', live, fingerprint: [], replaced: false }, backup);
    found.push(...checkDatabase(stagedDatabase(journal, live), 'deep').problems.map((problem) => `The restored database: ${problem}`));
  }
  const files = await readFileList(env.disk, backup.path, manifest);
  for (const folder of uploadFolders(manifest)) {
    const live = join(place, folder);
    await stageUploadsToRestore(env, journal, { live, folder, keep: [] }, backup, options);
    for (const file of (files ?? []).filter((each) => each.path.startsWith(`${folder}/`))) {
      const restored = join(uploadsStage(journal, live).incoming, file.path.slice(folder.length + 1));
      if ((await env.disk.hash(restored)) !== file.sha256) {
        found.push(`The restored file ${file.path} differs from the one that was backed up.`);
      }
    }
  }
  if (manifest.database?.damaged === true) {
    found.push('The database was already damaged when this backup was made.');
  }
  return found;
}
