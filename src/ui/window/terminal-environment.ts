// Puts the command line on the PATH of the integrated terminal, running on the editor's own Node.
import { delimiter } from 'node:path';
import * as vscode from 'vscode';

/** The collection is kept by VS Code, so that a terminal of the next session has it before the extension is active. */
export function provideCommandLine(context: vscode.ExtensionContext): void {
  const variables = context.environmentVariableCollection;
  variables.description = vscode.l10n.t('Makes the command `pats-backup` available.');
  variables.prepend('PATH', context.asAbsolutePath('bin') + delimiter);
  variables.replace('PATS_BACKUP_NODE', process.execPath);
}
