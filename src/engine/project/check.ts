// Refuses projects whose folders lie in one another so that a backup would hold itself or a restore would remove backups.
import { BackupError } from '../errors';
import { contains, realPathOf, shown } from './paths';
import type { Project } from './project';
import { said } from '../said';

/** Compares where the paths really are, links included. Fails with BACKUPS_INSIDE_UPLOADS or SETTINGS_INVALID. */
export async function checkProject(project: Project): Promise<void> {
  const backups = await realPathOf(project.backups);
  const database = project.database === null ? null : await realPathOf(project.database);
  const name = (path: string): string => (path === project.root ? path : shown(path, project.root));
  for (const folder of project.uploads) {
    const uploads = await realPathOf(folder);
    if (contains(uploads, backups)) {
      throw overlap(
        said`The backups folder ${name(project.backups)} is inside the uploads folder ${name(folder)}.`,
        'Set patsBackup.backupsFolder to a folder outside the uploads.',
      );
    }
    if (contains(backups, uploads)) {
      throw overlap(
        said`The uploads folder ${name(folder)} is inside the backups folder ${name(project.backups)}.`,
        'Set patsBackup.backupsFolder to a folder that holds nothing but backups.',
      );
    }
  }
  if (database !== null && contains(backups, database)) {
    throw overlap(
      said`The database ${name(project.database ?? database)} is inside the backups folder ${name(project.backups)}.`,
      'Set patsBackup.backupsFolder to a folder that holds nothing but backups.',
    );
  }
}

function overlap(message: string, remedy: string): BackupError {
  return new BackupError('BACKUPS_INSIDE_UPLOADS', said`${message} Nothing was changed.`, remedy);
}
