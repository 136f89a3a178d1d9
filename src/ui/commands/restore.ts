// "Restore...": everything of a backup, or only its database or its uploads.
import * as vscode from 'vscode';
import type { BackupEntry, RestoreScope } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import { oneBackup } from '../prompts/pick-backup';
import { askAndRestore } from '../flows/restoring';
import { backupNodes } from '../backups/nodes';
import type { Handler } from './handler';

/** On a row everything; from the palette it asks how much. */
export function restore(parts: Parts): Handler {
  return async (row) => {
    const { project, entry } = await whichBackup(parts, row);
    const scope = backupNodes(row, undefined).length > 0 ? 'all' : await whichScope(entry);
    return await askAndRestore(parts, project, { name: entry.name, scope });
  };
}

export function restoreDatabase(parts: Parts): Handler {
  return restoreOf(parts, 'database');
}

export function restoreUploads(parts: Parts): Handler {
  return restoreOf(parts, 'uploads');
}

function restoreOf(parts: Parts, scope: RestoreScope): Handler {
  return async (row) => {
    const { project, entry } = await whichBackup(parts, row);
    return await askAndRestore(parts, project, { name: entry.name, scope });
  };
}

function whichBackup(parts: Parts, row: unknown): ReturnType<typeof oneBackup> {
  return oneBackup(parts, row, {
    placeHolder: vscode.l10n.t('Select a backup to restore'),
    fits: (backup) => backup.status === 'ok',
  });
}

async function whichScope(entry: BackupEntry): Promise<RestoreScope> {
  const hasDatabase = Boolean(entry.manifest?.database_file);
  if (!hasDatabase || entry.manifest?.uploads_included !== true) {
    return 'all';
  }
  const scopes: (vscode.QuickPickItem & { readonly scope: RestoreScope })[] = [
    { label: vscode.l10n.t('Everything'), description: vscode.l10n.t('database and uploads'), scope: 'all' },
    { label: vscode.l10n.t('Database Only'), scope: 'database' },
    { label: vscode.l10n.t('Uploads Only'), scope: 'uploads' },
  ];
  const picked = await vscode.window.showQuickPick(scopes, { placeHolder: vscode.l10n.t('Select what to restore from “{0}”', entry.name) });
  if (!picked) {
    throw cancelled();
  }
  return picked.scope;
}
