// "Show Actions...": what can be done now, opened by the status bar item.
import * as vscode from 'vscode';
import type { Parts } from '../parts';
import type { CommandId } from './ids';
import type { Handler } from './table';

interface Action extends vscode.QuickPickItem {
  readonly command?: CommandId | `${string}.focus`;
}

export function showMenu(parts: Parts): Handler {
  return async () => {
    const picked = await vscode.window.showQuickPick(actions(parts), { placeHolder: vscode.l10n.t('PATS Backup: what is to be done?') });
    if (picked?.command) {
      await vscode.commands.executeCommand(picked.command);
    }
  };
}

async function actions(parts: Parts): Promise<Action[]> {
  const project = parts.projects.current();
  const listing = project && (await parts.engine.list(parts.projects.requestOf(project)));
  const good = listing?.backups.filter((backup) => backup.status === 'ok') ?? [];
  const canWrite = vscode.workspace.isTrusted && project !== undefined;
  const offered: (Action | false)[] = [
    canWrite && { label: vscode.l10n.t('$(add) Create Backup'), command: 'patsBackup.createBackup' },
    canWrite && { label: vscode.l10n.t('$(edit) Create Backup With Name...'), command: 'patsBackup.createNamedBackup' },
    canWrite && good.length > 0 && { label: vscode.l10n.t('$(history) Restore...'), command: 'patsBackup.restore' },
    canWrite &&
      good.some((backup) => backup.manifest?.trigger === 'safety') && {
        label: vscode.l10n.t('$(discard) Undo Last Restore'),
        command: 'patsBackup.undoRestore',
      },
    good.length > 0 && canWrite && { label: vscode.l10n.t('$(verified) Verify'), command: 'patsBackup.verify' },
    { label: vscode.l10n.t('$(list-tree) Show Backups'), command: 'patsBackup.backups.focus' },
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    canWrite && { label: vscode.l10n.t('$(database) Choose Database...'), command: 'patsBackup.chooseDatabase' },
    { label: vscode.l10n.t('$(gear) Open Settings'), command: 'patsBackup.openSettings' },
    { label: vscode.l10n.t('$(output) Show Log'), command: 'patsBackup.showLog' },
  ];
  return offered.filter((action) => action !== false);
}
