// Hears of migration commands that start in the integrated terminal or as a task, and in which project.
import { migrationCommand } from '../../engine/engine';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { OpenProject, Projects } from '../window/projects';

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
      // Each task that another one depends on starts, and is heard, by itself.
      vscode.tasks.onDidStartTask(({ execution: { task } }) => {
        const place = placeOf(task);
        for (const line of commandLinesOf(task)) {
          this.hear(withFolder(line, folderOfTask(task)), place);
        }
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private hear(commandLine: string, place: vscode.Uri | undefined): void {
    if (migrationCommand(commandLine) !== null || this.isSetting(commandLine, place)) {
      this.tell(place);
      return;
    }
    void namesMigration(commandLine, place).then((isMigration) => {
      if (isMigration) {
        this.tell(place);
      }
    });
  }

  /** The command that the project's settings name, whatever it runs. */
  private isSetting(commandLine: string, place: vscode.Uri | undefined): boolean {
    const project = this.projectAt(place);
    const set = vscode.workspace.getConfiguration('patsBackup', project?.folder).get<unknown>('migrateCommand');
    return typeof set === 'string' && set.trim() !== '' && commandLine.includes(set.trim());
  }

  private tell(place: vscode.Uri | undefined): void {
    const project = this.projectAt(place);
    if (project) {
      this.started.fire(project);
    }
  }

  private projectAt(place: vscode.Uri | undefined): OpenProject | undefined {
    const folder = place && vscode.workspace.getWorkspaceFolder(place);
    return this.projects.all().find((project) => project.folder.index === folder?.index) ?? this.projects.current();
  }
}

/** Whether it runs a script in whose lines a migration stands. What reads such files is loaded with the first command. */
async function namesMigration(commandLine: string, place: vscode.Uri | undefined): Promise<boolean> {
  if (place?.scheme !== 'file') {
    return false;
  }
  const { linesOfScript } = await import('../../engine/migrations/commands/script-files');
  return linesOfScript(commandLine, place.fsPath).some((line) => migrationCommand(line) !== null);
}

function folderOf({ creationOptions }: vscode.Terminal): vscode.Uri | undefined {
  const cwd = 'cwd' in creationOptions ? creationOptions.cwd : undefined;
  return typeof cwd === 'string' ? vscode.Uri.file(cwd) : cwd;
}

/** What the task runs; what an npm task runs is said by its definition, too. */
function commandLinesOf({ execution, definition }: vscode.Task): string[] {
  const { type, script } = definition as { readonly type: string; readonly script?: unknown };
  const named = type === 'npm' && typeof script === 'string' ? [`npm run ${script}`] : [];
  if (execution instanceof vscode.ShellExecution) {
    return [...named, execution.commandLine ?? [execution.command, ...(execution.args ?? [])].map(wordOf).join(' ')];
  }
  return execution instanceof vscode.ProcessExecution ? [...named, [execution.process, ...execution.args].join(' ')] : named;
}

function wordOf(word: string | vscode.ShellQuotedString | undefined): string {
  return typeof word === 'object' ? word.value : (word ?? '');
}

/** The folder in which the task's command runs; undefined: it belongs to no folder. */
function placeOf(task: vscode.Task): vscode.Uri | undefined {
  const folder = folderOfTask(task);
  const { execution, definition } = task;
  const { path } = definition as { readonly path?: unknown };
  const cwd = execution instanceof vscode.CustomExecution ? undefined : execution?.options?.cwd;
  const written = cwd ?? (definition.type === 'npm' && typeof path === 'string' ? path : undefined);
  if (folder?.scheme !== 'file' || written === undefined) {
    return folder;
  }
  const way = withFolder(written, folder);
  return way.includes('${') ? folder : vscode.Uri.file(resolve(folder.fsPath, way));
}

/** A task of the workspace itself, or of the user, runs in the first folder. */
function folderOfTask({ scope }: vscode.Task): vscode.Uri | undefined {
  return typeof scope === 'object' ? scope.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
}

function withFolder(text: string, folder: vscode.Uri | undefined): string {
  return folder === undefined ? text : text.replaceAll(/\$\{(?:workspaceFolder|workspaceRoot|cwd)\}/g, folder.fsPath);
}
