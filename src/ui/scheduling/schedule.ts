// Takes a backup every so many hours while the window is open, if something changed.
import * as vscode from 'vscode';
import { logFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { decideSchedule } from './decide';

const TICK_MS = 60_000;

export class Schedule implements vscode.Disposable {
  private readonly timer: NodeJS.Timeout;
  /** When to ask again, by the project's root; a moment in milliseconds. */
  private readonly nextAt = new Map<string, number>();
  private isAtWork = false;

  constructor(private readonly parts: Parts) {
    this.timer = setInterval(() => void this.look(), TICK_MS);
  }

  /** After a change of the settings everything is asked anew, and now. */
  restart(): void {
    this.nextAt.clear();
    void this.look();
  }

  /** Takes the backups that are due now. */
  async look(now = new Date()): Promise<void> {
    if (this.isAtWork || this.parts.operations.isRunning || !vscode.workspace.isTrusted) {
      return;
    }
    this.isAtWork = true;
    try {
      for (const project of this.parts.projects.all()) {
        await this.lookAt(project, now);
      }
    } finally {
      this.isAtWork = false;
    }
  }

  dispose(): void {
    clearInterval(this.timer);
  }

  private async lookAt(project: OpenProject, now: Date): Promise<void> {
    const hours = vscode.workspace.getConfiguration('patsBackup', project.folder).get<number>('schedule', 0);
    if (hours <= 0 || now.getTime() < (this.nextAt.get(project.root) ?? 0)) {
      return;
    }
    const { engine, operations, projects, log } = this.parts;
    try {
      const { database, databasePlace = null, lastBackup, changedSinceBackup } = await engine.status(projects.requestOf(project));
      const lastBackupAt = lastBackup === null ? null : new Date(lastBackup.createdAt);
      const decision = decideSchedule({ hours, lastBackupAt, changed: changedSinceBackup, now });
      this.nextAt.set(project.root, now.getTime() + (decision.askAgainMs ?? TICK_MS));
      if (!decision.backUp || (database ?? databasePlace) === null) {
        return;
      }
      const title = vscode.l10n.t('Scheduled backup');
      const created = await operations.runQuietly(project, title, (request, options) =>
        engine.create(request, { trigger: 'scheduled' }, options),
      );
      log.info(`scheduled backup ${created.path}`);
    } catch (error) {
      // Nobody asked at this moment: the log is enough, and the view shows the age of the newest good backup.
      logFailure(log, 'scheduled backup', error);
      this.nextAt.set(project.root, now.getTime() + Math.min(hours, 1) * 60 * TICK_MS);
    }
  }
}
