// "Compare With Current" and "Compare With...": what differs between a backup and the live data, or another backup.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { backupNodes } from '../backups/nodes';
import { showComparison } from '../flows/comparing';
import { oneBackup, pickBackup } from '../prompts/pick-backup';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

const fits = ({ status }: BackupEntry): boolean => status === 'ok';

export function compareWithCurrent(parts: Parts): Handler {
  return async (row) => {
    const { project, entry } = await oneBackup(parts, row, {
      placeHolder: vscode.l10n.t('Select a backup to compare with the current data'),
      fits,
    });
    return await showComparison(parts, project, null, entry.name);
  };
}

/** Two selected rows, the older one first; else a second one is asked for. */
export function compareWith(parts: Parts): Handler {
  return async (row, selected) => {
    const [first, second] = backupNodes(row, selected);
    if (first !== undefined && second?.project.root === first.project.root) {
      const [older, newer] = [first.entry, second.entry].sort((one, other) => (madeAt(one) < madeAt(other) ? -1 : 1)) as [
        BackupEntry,
        BackupEntry,
      ];
      return await showComparison(parts, first.project, older.name, newer.name);
    }
    const { project, entry } = await oneBackup(parts, row, { placeHolder: vscode.l10n.t('Select a backup to compare'), fits });
    const placeHolder = vscode.l10n.t('Select a backup to compare “{0}” with', entry.name);
    const other = await pickBackup(parts, project, { placeHolder, fits: (each) => fits(each) && each.name !== entry.name });
    return await showComparison(parts, project, entry.name, other.name);
  };
}

function madeAt({ manifest }: BackupEntry): number {
  return new Date(manifest?.created_at ?? 0).getTime();
}
