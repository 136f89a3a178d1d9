// "Delete Dump...": removes an SQL dump from the backups folder.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { confirmed } from '../prompts/confirm';
import type { Parts } from '../window/parts';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function deleteDump(parts: Parts): Handler {
  return async (row) => {
    if (!isNode(row) || row.kind !== 'dump') {
      throw new BackupError('USAGE', vscode.l10n.t('No SQL dump was chosen.'), vscode.l10n.t('Right-click a dump in the Backups view.'));
    }
    const { dump, project } = row;
    await confirmed({
      message: vscode.l10n.t('Delete the SQL dump “{0}”?', dump.name),
      detail: vscode.l10n.t('This cannot be undone.'),
      button: vscode.l10n.t('Delete'),
    });
    await parts.operations.run(project, vscode.l10n.t('Deleting'), async () => {
      await vscode.workspace.fs.delete(vscode.Uri.file(dump.path), { useTrash: false });
    });
    parts.log.info(`deleted ${dump.path}`);
  };
}
