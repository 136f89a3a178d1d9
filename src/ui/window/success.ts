// Says what became of something that the user started: with a button, which keeps VS Code from cutting the message to a line.
import * as vscode from 'vscode';
import { ACT_ON_BACKUP } from '../text/backup-page';
import { inFolder, showFailure } from './failure';
import type { Parts } from './parts';
import type { OpenProject } from './projects';

/** `name`: the backup whose details the button shows; without one it shows the log. `isWarning`: something is to be looked at. */
export function tellSuccess(parts: Parts, project: OpenProject | null, text: string, name?: string, isWarning = false): void {
  const { log } = parts;
  const button = name === undefined ? vscode.l10n.t('Show Log') : vscode.l10n.t('Details');
  const show = isWarning ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(project === null ? text : inFolder(parts, project, text), button)
    .then(async (choice) => {
      if (choice === button && name !== undefined && project !== null) {
        await vscode.commands.executeCommand(ACT_ON_BACKUP, 'patsBackup.showDetails', project.root, name);
      } else if (choice === button) {
        log.show();
      }
    })
    .then(undefined, (error: unknown) => {
      showFailure(log, 'show', error);
    });
}
