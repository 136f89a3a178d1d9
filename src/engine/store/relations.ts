// How the revisions of each backup relate to the migration files of this checkout.
import { relationsOf } from '../migrations/state/state';
import type { Project } from '../project/project';
import type { Environment } from './environment';
import { isGood, listBackups, revisionsOf } from './list';
import type { BackupEntry, BackupList } from './list';

/** The entries with their relation, where they hold a database. One look at the files for all of them. */
function withRelations(project: Project, entries: readonly BackupEntry[]): BackupEntry[] {
  const revisions = entries.map((entry) => (isGood(entry) && entry.manifest.database_file !== null ? revisionsOf(entry.manifest) : []));
  const relations = relationsOf(revisions, project);
  return entries.map((entry, index) => {
    const relation = relations[index];
    return relation === undefined || !isGood(entry) || entry.manifest.database_file === null ? entry : { ...entry, relation };
  });
}

/** Everything in the backups folder, each backup with its relation to the migration files. */
export async function listWithRelations(env: Environment, project: Project): Promise<BackupList> {
  const list = await listBackups(env.disk, project.backups);
  return { ...list, backups: withRelations(project, list.backups) };
}
