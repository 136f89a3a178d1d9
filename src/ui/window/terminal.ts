// Runs commands in a terminal that the user sees and can go on with: one for each project, as long as nothing runs in it.
import * as vscode from 'vscode';
import { here, type Platform } from '../../engine/platform/platform';
import { typedLines, typingShell } from '../../engine/platform/shell';
import type { OpenProject } from './projects';

const NAME = 'PATS Backup';

interface Ours {
  readonly terminal: vscode.Terminal;
  /** What was typed into it has not ended, as far as its shell says. */
  isBusy: boolean;
}

const ours = new Map<string, Ours>();

/** Types the commands into a terminal in the project's folder. */
export function runInTerminal(project: OpenProject, commands: readonly string[], platform: Platform = here): void {
  const terminal = terminalOf(project, platform);
  const mine = ours.get(project.root);
  const lines = commands.flatMap((command) => typedLines(command, platform));
  if (mine !== undefined) {
    mine.isBusy = true;
    let left = lines.length;
    const listener = vscode.window.onDidEndTerminalShellExecution((ended) => {
      if (ended.terminal === terminal) {
        left -= 1;
        mine.isBusy = left > 0;
      }
      if (!mine.isBusy || terminal.exitStatus !== undefined) {
        listener.dispose();
      }
    });
  }
  terminal.show();
  for (const line of lines) {
    terminal.sendText(line);
  }
}

/** Whether it is open, and still in the project's folder, where the commands are meant to be typed. */
function isUsable({ exitStatus, shellIntegration }: vscode.Terminal, { root }: OpenProject): boolean {
  return exitStatus === undefined && shellIntegration?.cwd?.fsPath === root;
}

/** The terminal of the project, if nothing runs in it; else a new one. */
export function terminalOf(project: OpenProject, platform: Platform = here): vscode.Terminal {
  const known = ours.get(project.root);
  if (known !== undefined && !known.isBusy && isUsable(known.terminal, project)) {
    return known.terminal;
  }
  const terminal = vscode.window.createTerminal({ name: NAME, cwd: project.root, ...typingShell(platform) });
  ours.set(project.root, { terminal, isBusy: false });
  return terminal;
}
