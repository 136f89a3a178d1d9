// "Migrate With Backup": back up, run the project's command where the user sees it, check what came out, offer the way back.
import * as vscode from 'vscode';
import type { CreatedBackup, LiveCheck, Status } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import { logFailure, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import type { MigrationReminder } from '../reminding/reminder';
import { restoreAndReport } from '../flows/restoring';
import type { FailedMigrations } from '../schema/failed-migration';
import type { ProjectStates } from '../schema/states';
import { failedMigrationText, leftBehind, migratedText, noCommandText } from '../text/migration';
import { troubles } from './outcome';
import type { Evidence, Trouble } from '../text/migration';
import { runVisibly } from './visible-run';

/** Gets each sentence as the work goes on, for whoever shows it in a terminal. */
export type Say = (sentence: string) => void;

export interface Migrated {
  readonly exitCode: number | undefined;
  readonly backup: string;
  readonly succeeded: boolean;
}

export class Migrations {
  private readonly running = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly states: ProjectStates,
    private readonly failures: FailedMigrations,
    private readonly reminder: MigrationReminder,
  ) {}

  /** Ends when the command has ended and the result was checked; the offer to restore stays as long as the user wants. null: there was nothing to migrate. */
  async migrate(project: OpenProject, say: Say = () => undefined): Promise<Migrated | null> {
    if (this.running.has(project.root)) {
      throw new BackupError(
        'PROJECT_BUSY',
        vscode.l10n.t('A migration of this project is running.'),
        vscode.l10n.t('Wait until its terminal has finished, then try again.'),
      );
    }
    this.running.add(project.root);
    try {
      return await this.reminder.without(project, () => this.run(project, say));
    } finally {
      this.running.delete(project.root);
    }
  }

  private async run(project: OpenProject, say: Say): Promise<Migrated | null> {
    const before = await this.parts.engine.status(this.parts.projects.requestOf(project));
    if (before.state === 'current') {
      const { message, remedy } = noCommandText(before);
      say(`${message} ${remedy}`);
      void vscode.window.showInformationMessage(`${message} ${remedy}`);
      return null;
    }
    const command = commandOf(before);
    const backup = await this.backUp(project);
    say(vscode.l10n.t('Backed up: “{0}”.', backup.backup_name));
    say(`> ${command}`);
    const exitCode = await runVisibly(project, command);
    const after = (await this.states.read(project))?.status ?? null;
    const evidence: Evidence = { exitCode, backup, before, after, check: await this.check(project, backup) };
    const found = troubles(evidence);
    await this.keepInMind(project, evidence, found, after);
    const text = found.length === 0 ? migratedText(evidence) : failedMigrationText(evidence, found);
    this.parts.log.info(`migrate: ${text}`);
    say(text);
    this.report(project, backup, text, found);
    return { exitCode, backup: backup.backup_name, succeeded: found.length === 0 };
  }

  /** What it left is shown until a restore or another revision, whatever becomes of the message. */
  private async keepInMind(project: OpenProject, evidence: Evidence, found: readonly Trouble[], after: Status | null): Promise<void> {
    const left = leftBehind(evidence, found);
    if (after !== null && left.length > 0) {
      const { revisions, stateKey } = after;
      await this.failures.remember(project, { backup: evidence.backup.backup_name, revisions, left, stateKey });
      await this.states.read(project);
    }
  }

  private async backUp(project: OpenProject): Promise<CreatedBackup> {
    const { engine, operations, log } = this.parts;
    const created = await operations.run(project, vscode.l10n.t('Backing up before the migration'), (request, options) =>
      engine.create(request, { trigger: 'pre-migration' }, options),
    );
    log.info(`created ${created.path}`);
    return created;
  }

  private async check(project: OpenProject, backup: CreatedBackup): Promise<LiveCheck | null> {
    try {
      return await this.parts.engine.checkLive(this.parts.projects.requestOf(project), { since: backup.backup_name });
    } catch (error) {
      logFailure(this.parts.log, 'check after the migration', error);
      return null;
    }
  }

  private report(project: OpenProject, backup: CreatedBackup, text: string, found: readonly Trouble[]): void {
    if (found.length === 0) {
      void vscode.window.showInformationMessage(text);
      return;
    }
    const restore = vscode.l10n.t('Restore');
    const keep = vscode.l10n.t('Keep As It Is');
    // The plan was made before the migration began, and the message says it: one click is enough.
    void vscode.window
      .showErrorMessage(text, restore, keep)
      .then((choice) =>
        choice === restore ? restoreAndReport(this.parts, project, { name: backup.backup_name, scope: 'database' }) : undefined,
      )
      .then(undefined, (error: unknown) => {
        showFailure(this.parts.log, 'restore after a failed migration', error);
      });
  }
}

/** The command that fits the state: the setting's, where there is one. */
function commandOf(status: Status): string {
  const command = status.commands.apply;
  // Onto what a failed migration left, the next one fails as well, or makes it worse.
  if (status.state === 'half-applied' || command === undefined) {
    const { message, remedy } = noCommandText(status);
    throw new BackupError('REFUSED', message, remedy);
  }
  return command;
}
