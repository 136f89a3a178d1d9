// The safety backup: what undo goes back to.
import { statSync } from 'node:fs';
import { makeBackup } from '../create/create';
import { BackupError } from '../errors';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import type { RestoreJournal } from './journal';
import type { RestoreTarget } from './target';
import { said } from '../said';

/** Backs up exactly what the restore is going to replace, under the name that its journal says. Fails when it would lack anything. */
export async function takeSafetyBackup(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  journal: RestoreJournal,
  options: OperationOptions,
): Promise<void> {
  const { database } = target;
  const isThere = database !== null && statSync(database.live, { throwIfNoEntry: false })?.isFile() === true;
  const safety = await makeBackup(
    env,
    aimed,
    {
      name: journal.safetyBackup,
      trigger: 'safety',
      note: said`Before the restore of ${journal.backup}`,
      allowDamaged: true,
      database: isThere,
      uploads: target.uploads.length > 0,
      safety: {
        restored: journal.backup,
        database: database === null ? 'untouched' : isThere ? 'present' : 'absent',
        uploads: target.uploads.length > 0 ? 'present' : 'untouched',
      },
    },
    { ...options, onProgress: (progress) => options.onProgress?.({ ...progress, phase: 'safety' }) },
  );
  const [first] = safety.partial ?? [];
  if (first !== undefined) {
    throw new BackupError(
      'READ_FAILED',
      said`The safety backup would not hold everything: ${first.path}: ${first.reason}.`,
      'Nothing was changed. Make the file readable or move it away, then restore again.',
    );
  }
}
