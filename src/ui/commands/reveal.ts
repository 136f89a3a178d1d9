// "Reveal in File Explorer": shows where a backup or a dump lies.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import { oneBackup } from '../prompts/pick-backup';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function reveal(parts: Parts): Handler {
  return async (row) => {
    if (isNode(row) && row.kind === 'dump') {
      await show(row.dump.path, dirname(row.dump.path));
      return;
    }
    const { entry } = await oneBackup(parts, row, { placeHolder: vscode.l10n.t('Select a backup to show') });
    await show(entry.path, entry.path);
  };
}

/** On a remote machine the system's file manager is not the user's: the explorer view, or else a terminal in the folder. */
async function show(path: string, folder: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) {
    await vscode.commands.executeCommand('revealFileInOS', uri);
  } else if (vscode.workspace.getWorkspaceFolder(uri)) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
  } else {
    vscode.window.createTerminal({ name: 'PATS Backup', cwd: folder }).show();
  }
}
