// Runs a shell command as a task, in a terminal that the user sees, and waits for its exit code.
import * as vscode from 'vscode';
import type { OpenProject } from '../window/projects';
import { here } from '../../engine/platform/platform';

/** How long the exit code may come after the end. */
const LATE_MS = 500;

/** undefined: the terminal was closed before the command ended. */
export async function runVisibly(project: OpenProject, command: string): Promise<number | undefined> {
  const task = new vscode.Task(
    { type: 'shell' },
    project.folder,
    vscode.l10n.t('Migration of {0}', project.name),
    'PATS Backup',
    new vscode.ShellExecution(command, { cwd: project.root, ...shell() }),
    [],
  );
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.Dedicated,
    clear: false,
    showReuseMessage: false,
  };
  const listeners: vscode.Disposable[] = [];
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      let started: vscode.TaskExecution | undefined;
      const isOurs = (execution: vscode.TaskExecution): boolean => execution === started || execution.task === task;
      listeners.push(
        vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
          if (isOurs(execution)) {
            resolve(exitCode);
          }
        }),
        vscode.tasks.onDidEndTask(({ execution }) => {
          if (isOurs(execution)) {
            setTimeout(() => {
              resolve(undefined);
            }, LATE_MS);
          }
        }),
      );
      vscode.tasks.executeTask(task).then((execution) => {
        started = execution;
      }, reject);
    });
  } finally {
    vscode.Disposable.from(...listeners).dispose();
  }
}

/** The commands are written for a shell that knows `&&`; the PowerShell of Windows does not. */
function shell(): vscode.ShellExecutionOptions {
  return here.isWindows ? { executable: 'cmd.exe', shellArgs: ['/d', '/c'] } : {};
}
