// Undo of a restore: the safety backup that the last restore left is restored, as far as the restore had replaced anything.
import { SAFETY_PREFIX } from '../create/create';
import { BackupError } from '../errors';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { isUndoTarget, listBackups } from '../store/list';
import { planRestore, type RestorePlan } from './plan';
import { restoreBackup, type RestoreResult } from './restore';
import type { RestoreParams } from './target';
import { inRow, said } from '../said';

/** What "undo" would restore. Fails with NOTHING_TO_UNDO when no safety backup is left. */
export async function undoParams(env: Environment, project: Project): Promise<RestoreParams> {
  const { backups } = await listBackups(env.disk, project.backups);
  const safety = backups.find(isUndoTarget);
  // Their names begin with the time: undo never goes back beyond the last restore.
  const lost = backups.find(({ name, status }) => status !== 'ok' && name.startsWith(SAFETY_PREFIX) && name > (safety?.name ?? ''));
  if (lost !== undefined) {
    throw new BackupError(
      'BACKUP_INCOMPLETE',
      inRow(
        [
          said`"${lost.name}", which holds the state before the last restore, cannot be used.`,
          ...(lost.reason === undefined ? [] : [lost.reason]),
        ],
        ' ',
      ),
      'Nothing was changed. Make it readable, or delete it and restore a backup of your choice.',
    );
  }
  if (safety === undefined) {
    throw new BackupError(
      'NOTHING_TO_UNDO',
      'There is no restore to undo: no safety backup is left.',
      'Restore a backup of your choice instead.',
    );
  }
  const what = safety.manifest.safety;
  const scope = what?.database === 'untouched' ? 'uploads' : what?.uploads === 'untouched' ? 'database' : 'all';
  return { name: safety.name, scope };
}

/** The plan of going back to the state before the last restore. */
export async function planUndo(env: Environment, project: Project, _params: unknown, options: OperationOptions): Promise<RestorePlan> {
  return planRestore(env, project, await undoParams(env, project), options);
}

/** Goes back to the state before the last restore; the caller holds the lock. */
export async function undoRestore(env: Environment, project: Project, _params: unknown, options: OperationOptions): Promise<RestoreResult> {
  return restoreBackup(env, project, await undoParams(env, project), options);
}
