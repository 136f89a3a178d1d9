// Files on the machine of the project: those that the user chose, and those that were written.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { logFailure } from '../window/failure';

/** The path of a file on the machine of the project; a window may offer those of the machine in front of the user, too. */
export function pathHere(file: vscode.Uri): string {
  if (file.scheme !== 'file') {
    throw new BackupError(
      'REFUSED',
      vscode.l10n.t('That file is not on the computer where the project is. Nothing was changed.'),
      vscode.l10n.t('Choose a file in the project, or copy it there first.'),
    );
  }
  return file.fsPath;
}

/** Says that a file was written, without holding up the command; a plain one can be opened. */
export function offerPath(log: vscode.LogOutputChannel, message: string, file: string, canOpen = false): void {
  const open = vscode.l10n.t('Open');
  const copy = vscode.l10n.t('Copy Path');
  void vscode.window
    .showInformationMessage(message, ...(canOpen ? [open] : []), copy)
    .then(async (choice) => {
      if (choice === open) {
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
      } else if (choice === copy) {
        await vscode.env.clipboard.writeText(file);
      }
    })
    .then(undefined, (error: unknown) => {
      logFailure(log, 'offer the path', error);
    });
}
