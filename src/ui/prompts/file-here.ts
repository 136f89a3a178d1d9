// Files on the machine of the project: those that the user chose, and those that were written.
import { homedir } from 'node:os';
import { dirname } from 'node:path';
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

let lastFolder: string | undefined;

/** Where a new file with data is proposed: where the last one went, or the home folder; never the work tree, where git may take it. */
export function folderForFiles(): string {
  return lastFolder ?? homedir();
}

/** The folder of a file that was written is proposed for the next one. */
export function rememberFolder(file: string): void {
  lastFolder = dirname(file);
}

/** Says that a file was written, without holding up the command; a plain one can be opened. */
export function offerPath(log: vscode.LogOutputChannel, message: string, file: string, canOpen = false): void {
  const open = vscode.l10n.t('Open');
  const reveal = vscode.l10n.t('Reveal');
  const copy = vscode.l10n.t('Copy Path');
  void vscode.window
    .showInformationMessage(message, ...(canOpen ? [open] : []), reveal, copy)
    .then(async (choice) => {
      if (choice === open) {
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
      } else if (choice === reveal) {
        await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
      } else if (choice === copy) {
        await vscode.env.clipboard.writeText(file);
      }
    })
    .then(undefined, (error: unknown) => {
      logFailure(log, 'offer the path', error);
    });
}
