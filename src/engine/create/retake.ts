// Takes the database's snapshot of a safety backup again, because somebody has committed since: the newer one takes its place.
import { join } from 'node:path';
import { BackupError } from '../errors';
import type { Project } from '../project/project';
import { ChangedMeanwhile } from '../sqlite/last-look';
import type { Environment } from '../store/environment';
import { findGoodBackup } from '../store/list';
import { writeManifest } from '../store/manifest-file';
import { isOwn, sealed } from '../store/seal';
import { migrationsOf, requireDatabase } from './create';
import { restageLocked } from './database-part';

/**
 * The caller keeps everybody from committing to the live database, and takes the whole backup away when this fails: in
 * between it is not whole. Fails with ChangedMeanwhile where another kind of copy than a snapshot is needed.
 */
export async function retakeDatabase(env: Environment, project: Project, name: string): Promise<void> {
  const database = requireDatabase(project);
  const { path, manifest } = await findGoodBackup(env.disk, project.backups, name);
  const { database: old, database_file: file } = manifest;
  if (file === null || old === undefined || old === null || old.damaged === true) {
    throw new ChangedMeanwhile();
  }
  try {
    const record = await restageLocked(env, database, old.source, join(path, file));
    const next = { ...manifest, ...migrationsOf(join(path, file), project, { file, record }), database: record };
    await writeManifest(env.disk, path, isOwn(manifest) ? sealed(next) : next);
  } catch (error) {
    // It was sound a moment ago: the whole backup is made again, as what it is now needs it.
    throw error instanceof BackupError && ['DATABASE_DAMAGED', 'NOT_A_DATABASE'].includes(error.code) ? new ChangedMeanwhile() : error;
  }
}
