// "Restore State Before Migration...": the database as it was before the migration that failed.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { askAndRestore } from '../flows/restoring';
import { projectOfNode } from '../schema/nodes';
import type { Handler } from './handler';
import type { CommandParts } from './parts';

export function restoreBeforeMigration(parts: CommandParts): Handler {
  return async (row) => {
    const project = projectOfNode(row, parts.projects) ?? (await parts.projects.pick());
    const failed = parts.states.of(project)?.failed;
    if (failed === undefined) {
      throw new BackupError(
        'BACKUP_NOT_FOUND',
        vscode.l10n.t('No failed migration of this project is known.'),
        vscode.l10n.t('Select a backup to restore in the Backups view.'),
      );
    }
    return await askAndRestore(parts, project, { name: failed.backup, scope: 'database' });
  };
}
