// "Migrate With Backup": back up, run the project's command where the user sees it, check what came out, offer the way back.
import * as vscode from 'vscode';
import type { Container, CreatedBackup, LiveCheck, Status } from '../../engine/engine';
import { BackupError, cancelled } from '../../engine/errors';
import { inFolder, logFailure, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { tellSuccess } from '../window/success';
import type { MigrationReminder } from '../reminding/reminder';
import { askAndRestore, restoreAndReport } from '../flows/restoring';
import type { FailedMigrations } from '../schema/failed-migration';
import type { ProjectStates } from '../schema/states';
import { cannotStartText, failedMigrationText, insteadText, isHarmless, leftBehind, migratedText, noCommandText } from '../text/migration';
import { offerOtherCommand, showMigrationTerminal } from './other-command';
import { troubles } from './outcome';
import { isOnPath, missingFor, startOf } from './start';
import type { Evidence, Trouble } from '../text/migration';
import { runVisibly } from './visible-run';

const QUIET_MS = 10_000;

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
    const before = await this.parts.engine.status(this.parts.projects.requestOf(project), { still: true });
    if (before.state === 'current') {
      const { message, remedy } = noCommandText(before);
      say(`${message} ${remedy}`);
      tellSuccess(this.parts, project, `${message} ${remedy}`);
      return null;
    }
    const command = await this.commandThatStarts(project, before, say);
    const backup = await this.backUp(project, before, say);
    say(`> ${command}`);
    const exitCode = await runVisibly(project, command);
    const after = (await this.states.read(project, { still: true }))?.status ?? null;
    const isUntouched = after?.stateKey === before.stateKey;
    const evidence: Evidence = { exitCode, backup, before, after, check: await this.check(project, backup), isUntouched };
    const found = troubles(evidence);
    await this.keepInMind(project, evidence, found, after);
    const text = found.length === 0 ? migratedText(evidence) : failedMigrationText(evidence, found);
    this.parts.log.info(`migrate: ${text}`);
    say(text);
    this.report(project, evidence, command, text, found);
    return { exitCode, backup: backup.backup_name, succeeded: found.length === 0 };
  }

  /** The project's command, or the one of this machine where that cannot start. Where none can, that is said, and nothing is done. */
  private async commandThatStarts(project: OpenProject, status: Status, say: Say): Promise<string> {
    const { engine, projects, log } = this.parts;
    const command = commandOf(status);
    const container = (): Promise<Container | null> => engine.container(projects.requestOf(project)).catch(() => null);
    const start = startOf(command, await missingFor(command, isOnPath, container), status);
    if ('command' in start) {
      if (start.insteadOf !== undefined) {
        const text = insteadText(start.command, start.insteadOf);
        log.warn(text);
        say(text);
        vscode.window.setStatusBarMessage(`$(info) ${text}`, QUIET_MS);
      }
      return start.command;
    }
    const text = cannotStartText(command, start);
    log.warn(text);
    say(text);
    void offerOtherCommand(this.parts, project, command, text);
    throw cancelled();
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

  /** Of a state that the newest backup holds there is one already. */
  private async backUp(project: OpenProject, status: Status, say: Say): Promise<CreatedBackup> {
    const known = await this.knownBackup(project, status);
    if (known !== null) {
      say(vscode.l10n.t('Already backed up: “{0}”. Nothing has changed since.', known.backup_name));
      return known;
    }
    const { engine, operations, log } = this.parts;
    const created = await operations.run(project, vscode.l10n.t('Backing up before the migration'), (request, options) =>
      engine.create(request, { trigger: 'pre-migration' }, options),
    );
    log.info(`created ${created.path}`);
    say(vscode.l10n.t('Backed up: “{0}”.', created.backup_name));
    return created;
  }

  private async knownBackup(project: OpenProject, { lastBackup, changedSinceBackup }: Status): Promise<CreatedBackup | null> {
    if (lastBackup === null || changedSinceBackup !== false) {
      return null;
    }
    const { engine, projects } = this.parts;
    const found = await engine.show(projects.requestOf(project), { name: lastBackup.name }).catch(() => null);
    // What was kept before a restore may be tidied away, and what is damaged or incomplete is no way back.
    return found === null || found.trigger === 'safety' || found.warnings.length > 0 ? null : found;
  }

  private async check(project: OpenProject, backup: CreatedBackup): Promise<LiveCheck | null> {
    try {
      return await this.parts.engine.checkLive(this.parts.projects.requestOf(project), { since: backup.backup_name });
    } catch (error) {
      logFailure(this.parts.log, 'check after the migration', error);
      return null;
    }
  }

  private report(project: OpenProject, evidence: Evidence, command: string, text: string, found: readonly Trouble[]): void {
    const { parts } = this;
    if (found.length === 0) {
      const show = vscode.l10n.t('Show Schema');
      void vscode.window.showInformationMessage(inFolder(parts, project, text), show).then((choice) => {
        if (choice === show) {
          void vscode.commands.executeCommand('patsBackup.schema.focus');
        }
      });
    } else if (isHarmless(evidence, found)) {
      void offerOtherCommand(parts, project, command, text);
    } else {
      void this.offerRestore(project, evidence, text).catch((error: unknown) => {
        showFailure(parts.log, 'restore after a failed migration', error);
      });
    }
  }

  private async offerRestore(project: OpenProject, { backup, after }: Evidence, text: string): Promise<void> {
    const restore = vscode.l10n.t('Restore');
    const terminal = vscode.l10n.t('Show Terminal');
    const choice = await vscode.window.showErrorMessage(inFolder(this.parts, project, text), restore, terminal, vscode.l10n.t('Keep'));
    if (choice === terminal) {
      showMigrationTerminal(project);
    }
    if (choice !== restore) {
      return;
    }
    const now = (await this.states.read(project))?.status;
    const isAsItWas = now !== undefined && after !== null && now.stateKey === after.stateKey;
    // The plan was made before the migration began, and the message says it: one click is enough, unless something happened since.
    await (isAsItWas
      ? restoreAndReport(this.parts, project, { name: backup.backup_name, scope: 'database' })
      : askAndRestore(this.parts, project, { name: backup.backup_name, scope: 'database' }));
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
