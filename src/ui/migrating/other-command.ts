// What is offered when the command of a migration could not do its work: another command, and the terminal with what it said.
import * as vscode from 'vscode';
import { inFolder, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { terminalOf } from '../window/terminal';

/** Never fails. */
export async function offerOtherCommand(parts: Parts, project: OpenProject, command: string, text: string): Promise<void> {
  const change = vscode.l10n.t('Change Command...');
  const show = vscode.l10n.t('Show Terminal');
  try {
    const choice = await vscode.window.showErrorMessage(inFolder(parts, project, text), change, show);
    if (choice === change) {
      await changeCommand(project, command);
    } else if (choice === show) {
      showMigrationTerminal(project);
    }
  } catch (error) {
    showFailure(parts.log, 'change the migration command', error);
  }
}

/** The terminal in which the migration ran, or else one in the project's folder. */
export function showMigrationTerminal(project: OpenProject): void {
  const name = migrationName(project);
  const ours = vscode.window.terminals.filter((terminal) => terminal.name.includes(name)).at(-1);
  (ours ?? terminalOf(project)).show();
}

/** What the task is called, and with it the terminal in which it runs. */
export function migrationName({ name }: OpenProject): string {
  return vscode.l10n.t('Migration of {0}', name);
}

/** Keeps the new command in the folder's settings, and offers to run it. */
async function changeCommand(project: OpenProject, command: string): Promise<void> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Migration Command of {0}', project.name),
    prompt: vscode.l10n.t('Runs in the project folder. Leave empty to use the command of the migration tool.'),
    value: command,
    ignoreFocusOut: true,
  });
  if (typed === undefined) {
    return;
  }
  const settings = vscode.workspace.getConfiguration('patsBackup', project.folder);
  await settings.update('migrateCommand', typed.trim() === '' ? undefined : typed.trim(), vscode.ConfigurationTarget.WorkspaceFolder);
  const migrate = vscode.l10n.t('Migrate');
  const text = vscode.l10n.t('The migration command of {0} was changed.', project.name);
  if ((await vscode.window.showInformationMessage(text, migrate)) === migrate) {
    await vscode.commands.executeCommand('patsBackup.migrate', { project });
  }
}
