// The task type patsBackup.migrate: "Migrate With Backup" for tasks.json, e.g. as a step that another task depends on.
import * as vscode from 'vscode';
import { failureText, logFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import type { Migrations } from './migrate';

const MIGRATE_TASK = 'patsBackup.migrate';

/** Offers the task for every open project. */
export function provideMigrateTask(parts: Parts, migrations: Migrations): vscode.Disposable {
  const taskOf = (project: OpenProject, definition: vscode.TaskDefinition = { type: MIGRATE_TASK }): vscode.Task =>
    new vscode.Task(
      definition,
      project.folder,
      vscode.l10n.t('Migrate With Backup'),
      'PATS Backup',
      new vscode.CustomExecution(() => Promise.resolve(new MigrationTerminal(parts, migrations, project))),
      [],
    );
  return vscode.tasks.registerTaskProvider(MIGRATE_TASK, {
    provideTasks: () => (vscode.workspace.isTrusted ? parts.projects.all().map((project) => taskOf(project)) : []),
    resolveTask: ({ scope, definition }) => {
      const all = parts.projects.all();
      const project = typeof scope === 'object' ? all.find(({ folder }) => folder.index === scope.index) : all[0];
      return project && taskOf(project, definition);
    },
  });
}

/** Says what goes on; the migration itself has a terminal of its own. Ends with the exit code of the whole. */
class MigrationTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly parts: Parts,
    private readonly migrations: Migrations,
    private readonly project: OpenProject,
  ) {}

  open(): void {
    void this.run();
  }

  close(): void {
    // The migration goes on in its own terminal: ending it half way is what this is meant to prevent.
  }

  private async run(): Promise<void> {
    const say = (sentence: string): void => {
      this.written.fire(`${sentence}\r\n`);
    };
    try {
      const migrated = await this.migrations.migrate(this.project, say);
      this.closed.fire(migrated === null || migrated.succeeded ? 0 : migrated.exitCode || 1);
    } catch (error) {
      logFailure(this.parts.log, MIGRATE_TASK, error);
      say(failureText(error));
      this.closed.fire(1);
    }
  }
}
