// Runs commands in a terminal that the user sees and can go on with.
import * as vscode from 'vscode';
import type { OpenProject } from './projects';

/** Types the commands into a new terminal in the project's folder. */
export function runInTerminal(project: OpenProject, commands: readonly string[]): void {
  const terminal = vscode.window.createTerminal({ name: 'PATS Backup', cwd: project.root });
  terminal.show();
  for (const command of commands) {
    terminal.sendText(command);
  }
}
