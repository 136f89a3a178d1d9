// "Restore Latest Backup...": the newest complete backup that was not taken for a restore.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import type { Parts } from '../window/parts';
import { askAndRestore } from '../flows/restoring';
import type { Handler } from './handler';

export function restoreLatest(parts: Parts): Handler {
  return async () => {
    const project = await parts.projects.pick();
    const { backups } = await parts.engine.list(parts.projects.requestOf(project));
    // A safety backup holds what a restore has just replaced; going back to it is "Undo Last Restore".
    const newest = backups.find((backup) => backup.status === 'ok' && backup.manifest?.trigger !== 'safety');
    if (!newest) {
      throw new BackupError('BACKUP_NOT_FOUND', vscode.l10n.t('There is no complete backup yet.'), vscode.l10n.t('Create a backup first.'));
    }
    return await askAndRestore(parts, project, { name: newest.name, scope: 'all' });
  };
}
