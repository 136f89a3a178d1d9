// Hears of migration commands that start in the integrated terminal or as a task, and in which project.
import * as vscode from 'vscode';
import { migrationCommand } from '../../engine/migrations/command-line';
import { resolveScript } from '../../engine/migrations/command-scripts';
import { scriptFilesIn } from '../../engine/migrations/script-files';
import type { OpenProject, Projects } from '../projects';

export class MigrationStarts implements vscode.Disposable {
  private readonly started = new vscode.EventEmitter<OpenProject>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires after the start: nothing can be held back. */
  readonly onDidStart = this.started.event;

  constructor(private readonly projects: Projects) {
    this.subscriptions = vscode.Disposable.from(
      this.started,
      vscode.window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
        this.hear(execution.commandLine.value, execution.cwd ?? folderOf(terminal));
      }),
      vscode.tasks.onDidStartTask(({ execution: { task } }) => {
        const scope = typeof task.scope === 'object' ? task.scope.uri : undefined;
        this.hear(commandLineOf(task), scope);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private hear(commandLine: string, place: vscode.Uri | undefined): void {
    const scripts = place?.scheme === 'file' ? resolveScript(commandLine, scriptFilesIn(place.fsPath)) : [];
    const isMigration = [commandLine, ...scripts].some((line) => migrationCommand(line) !== null);
    const project = isMigration ? this.projectAt(place) : undefined;
    if (project) {
      this.started.fire(project);
    }
  }

  private projectAt(place: vscode.Uri | undefined): OpenProject | undefined {
    const folder = place && vscode.workspace.getWorkspaceFolder(place);
    return this.projects.all().find((project) => project.folder.index === folder?.index) ?? this.projects.current();
  }
}

function folderOf({ creationOptions }: vscode.Terminal): vscode.Uri | undefined {
  const cwd = 'cwd' in creationOptions ? creationOptions.cwd : undefined;
  return typeof cwd === 'string' ? vscode.Uri.file(cwd) : cwd;
}

function commandLineOf({ execution }: vscode.Task): string {
  if (execution instanceof vscode.ShellExecution) {
    return execution.commandLine ?? [execution.command, ...(execution.args ?? [])].map(wordOf).join(' ');
  }
  return execution instanceof vscode.ProcessExecution ? [execution.process, ...execution.args].join(' ') : '';
}

function wordOf(word: string | vscode.ShellQuotedString | undefined): string {
  return typeof word === 'object' ? word.value : (word ?? '');
}
