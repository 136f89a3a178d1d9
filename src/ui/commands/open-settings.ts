// "Open Settings": the settings of this extension.
import * as vscode from 'vscode';
import type { Handler } from './handler';

export function openSettings(): Handler {
  return async () => {
    await vscode.commands.executeCommand('workbench.action.openSettings', '@ext:pats.pats-backup');
  };
}
