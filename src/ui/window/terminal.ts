// Runs commands in a terminal that the user sees and can go on with.
import * as vscode from 'vscode';
import { here } from '../../engine/platform/platform';
import { typedLines } from '../../engine/platform/shell';
import type { OpenProject } from './projects';

/** Types the commands into a new terminal in the project's folder. */
export function runInTerminal(project: OpenProject, commands: readonly string[]): void {
  // What is handed out on Windows is written for cmd: not every PowerShell knows the same words.
  const shellPath = here.isWindows ? { shellPath: 'cmd.exe' } : {};
  const terminal = vscode.window.createTerminal({ name: 'PATS Backup', cwd: project.root, ...shellPath });
  terminal.show();
  for (const line of commands.flatMap((command) => typedLines(command, here))) {
    terminal.sendText(line);
  }
}
