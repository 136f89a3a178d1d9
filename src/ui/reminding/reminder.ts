// Reminds of a backup before a migration, or takes it, as the setting patsBackup.beforeMigration says.
import * as vscode from 'vscode';
import type { Status } from '../../engine/engine';
import { inFolder, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import type { ProjectStates, StateChange } from '../schema/states';
import { reminderText } from '../text/reminder';
import { becamePending, beforeMigration } from './decide';
import type { Occasion } from '../text/reminder';
import type { BeforeMigration } from './decide';
import { MigrationStarts } from './migration-starts';
import type { Told } from './told';

const QUIET_MS = 10_000;

export class MigrationReminder implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  /** Projects whose migration takes care of the backup itself. */
  private readonly cared = new Set<string>();
  /** What is not answered yet, a project and an occasion: never a second message of the kind. */
  private readonly open = new Set<string>();
  /** The last state of each project that was decided on: what it had pending is no news. */
  private readonly decided = new Map<string, Status>();
  /** Projects whose next state is what the user has just made with this extension: no news. */
  private readonly silent = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly states: ProjectStates,
    private readonly told: Told,
  ) {
    const starts = new MigrationStarts(parts.projects);
    this.subscriptions = vscode.Disposable.from(
      starts,
      states.onDidRead((change) => {
        this.hear(change);
      }),
      // What changes while the state after a backup is read is the application's, and no backup holds it.
      parts.operations.onDidReplace((project) => this.silent.add(project.root)),
      starts.onDidStart((project) => {
        this.start(project);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** Says nothing about a project while this work runs: it takes care of the backup itself. */
  async without<T>(project: OpenProject, work: () => Promise<T>): Promise<T> {
    this.cared.add(project.root);
    try {
      return await work();
    } finally {
      this.cared.delete(project.root);
      this.silent.add(project.root);
    }
  }

  private hear({ state: { project, status } }: StateChange): void {
    if (status === undefined) {
      return;
    }
    const before = this.decided.get(project.root);
    // New migration files are news all the same.
    const isOurs = !this.parts.operations.isRunning && this.silent.delete(project.root) && before?.heads.join() === status.heads.join();
    if (isOurs) {
      void this.told.add(project, 'migration', status.stateKey);
    }
    const isDecided = isOurs || !becamePending(before, status) || this.consider(project, status, 'pending');
    if (isDecided) {
      this.decided.set(project.root, status);
    }
  }

  private start(project: OpenProject): void {
    const known = this.states.isFresh(project) ? this.states.of(project)?.status : undefined;
    // What was known before the command counts: the migration may have written by the time it is read again.
    const reading = known === undefined ? this.states.read(project).then((state) => state?.status) : Promise.resolve(known);
    void reading.then((status) => {
      if (status !== undefined) {
        this.consider(project, status, 'command');
      }
    });
  }

  /** Returns false when it is to be thought about again, with the next state. */
  private consider(project: OpenProject, status: Status, occasion: Occasion): boolean {
    const key = `${occasion} ${project.root}`;
    const decision = beforeMigration({
      mode: settingsOf(project).get<BeforeMigration>('beforeMigration', 'remind'),
      occasion,
      status,
      told: this.told.of(project, 'migration'),
      isAsked: this.open.has(key),
      isBusy: this.parts.operations.isRunning,
    });
    if (this.cared.has(project.root) || decision === 'nothing') {
      return true;
    }
    if (decision === 'later') {
      return false;
    }
    this.open.add(key);
    const work = decision === 'remind' ? this.remind(project, status, occasion) : this.backUp(project);
    void this.told
      .add(project, 'migration', status.stateKey)
      .then(() => work)
      .then(undefined, (error: unknown) => {
        showFailure(this.parts.log, 'before a migration', error);
      })
      .finally(() => this.open.delete(key));
    return true;
  }

  private async remind(project: OpenProject, status: Status, occasion: Occasion): Promise<void> {
    const backUp = vscode.l10n.t('Back Up');
    const migrate = vscode.l10n.t('Migrate...');
    const show = vscode.l10n.t('Show Pending');
    const never = vscode.l10n.t("Don't Ask Again");
    // A command is running already, or none is known that could be run.
    const next = occasion === 'pending' && status.commands.apply !== undefined ? migrate : show;
    const choice = await vscode.window.showWarningMessage(
      inFolder(this.parts, project, reminderText(status, occasion)),
      backUp,
      next,
      never,
    );
    if (choice === backUp) {
      await this.backUpUnlessDone(project, status, occasion);
    } else if (choice === migrate) {
      await vscode.commands.executeCommand('patsBackup.migrate', { project });
    } else if (choice === show) {
      await vscode.commands.executeCommand('patsBackup.showPending');
    } else if (choice === never) {
      await settingsOf(project).update('beforeMigration', 'off', vscode.ConfigurationTarget.WorkspaceFolder);
    }
  }

  /** The message may have stood there for long: what was pending may be applied by now, and backed up already. */
  private async backUpUnlessDone(project: OpenProject, then: Status, occasion: Occasion): Promise<void> {
    const now = (await this.states.read(project))?.status;
    if (now?.lastBackup && now.changedSinceBackup === false) {
      vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Already backed up: “{0}”', now.lastBackup.name), QUIET_MS);
      return;
    }
    const isAsThen = occasion === 'command' && now?.stateKey === then.stateKey;
    await this.backUp(project, now === undefined || now.pending.length > 0 || isAsThen);
  }

  private async backUp(project: OpenProject, isBefore = true): Promise<void> {
    const { engine, operations, log } = this.parts;
    const doing = isBefore ? vscode.l10n.t('Backing up before the migration') : vscode.l10n.t('Creating backup');
    const created = await operations.runQuietly(project, doing, (request) =>
      engine.create(request, { trigger: isBefore ? 'pre-migration' : 'manual' }),
    );
    log.info(`created ${created.path}`);
    const done = isBefore
      ? vscode.l10n.t('$(check) Backed up before the migration: “{0}”', created.backup_name)
      : vscode.l10n.t('$(check) Backed up: “{0}”', created.backup_name);
    vscode.window.setStatusBarMessage(done, QUIET_MS);
  }
}

function settingsOf(project: OpenProject): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('patsBackup', project.folder);
}
