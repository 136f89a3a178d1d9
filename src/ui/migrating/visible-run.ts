// Runs a shell command as a task, in a terminal that the user sees, and waits for its exit code.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { OpenProject } from '../window/projects';
import { migrationName } from './other-command';
import { here, type Platform } from '../../engine/platform/platform';
import { shellStarts, startsIn } from '../../engine/platform/shell';
import { BackupError } from '../../engine/errors';

/** How long the exit code may come after the end. */
const LATE_MS = 500;

/** The exit code of the first step that failed, or of the last; undefined: the terminal was closed before the command ended. */
export async function runVisibly(project: OpenProject, command: string, platform: Platform = here): Promise<number | undefined> {
  if (!startsIn(project.root, platform)) {
    throw new BackupError(
      'REFUSED',
      vscode.l10n.t('Windows starts no command in {0}: it is a network path.', project.root),
      vscode.l10n.t('Open the folder through a drive letter, or run the command yourself and back up first.'),
    );
  }
  // One terminal at a time: a task that is made anew takes none that there is.
  for (const terminal of vscode.window.terminals.filter(({ name }) => name.includes(migrationName(project)))) {
    terminal.dispose();
  }
  let exitCode: number | undefined;
  for (const start of shellStarts(command, platform)) {
    exitCode = await runStep(project, start);
    if (exitCode !== 0) {
      break;
    }
  }
  return exitCode;
}

async function runStep(
  project: OpenProject,
  { folder, line, ...shell }: ReturnType<typeof shellStarts>[number],
): Promise<number | undefined> {
  const task = new vscode.Task(
    { type: 'shell' },
    project.folder,
    migrationName(project),
    'PATS Backup',
    new vscode.ShellExecution(line, { cwd: join(project.root, folder), ...shell }),
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
