// Reads the longest unverified backup again while nobody works in the window, and speaks only of what it found damaged.
import * as vscode from 'vscode';
import type { BackupEntry, VerifyResult } from '../../engine/engine';
import type { BackupNode } from '../backups/nodes';
import { damageFoundText } from '../text/repair';
import { logFailure, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { decideVerification } from './decide-verification';

const TICK_MS = 60_000;
const DEFAULT_DAYS = 7;

export class BackgroundVerification implements vscode.Disposable {
  private readonly timer: NodeJS.Timeout;
  /** When to ask again, by the project's root; a moment in milliseconds. */
  private readonly nextAt = new Map<string, number>();
  /** By the project's root and the backup's name. */
  private readonly triedAt = new Map<string, Map<string, number>>();
  private running: AbortController | undefined;

  constructor(private readonly parts: Parts) {
    this.timer = setInterval(() => void this.look(), TICK_MS);
  }

  /** After a change of the settings everything is asked anew. */
  restart(): void {
    this.running?.abort();
    this.nextAt.clear();
  }

  /** Reads one backup of each project in which one is due, unless somebody is at work. */
  async look(now = new Date(), isIdle = !vscode.window.state.active): Promise<void> {
    if (!isIdle || this.running !== undefined || this.parts.operations.isRunning || !vscode.workspace.isTrusted) {
      return;
    }
    this.running = new AbortController();
    try {
      for (const project of this.parts.projects.all()) {
        await this.lookAt(project, now, this.running.signal);
      }
    } finally {
      this.running = undefined;
    }
  }

  dispose(): void {
    clearInterval(this.timer);
    this.running?.abort();
  }

  private async lookAt(project: OpenProject, now: Date, signal: AbortSignal): Promise<void> {
    const days = vscode.workspace.getConfiguration('patsBackup', project.folder).get<number>('verifyEvery', DEFAULT_DAYS);
    if (days <= 0 || now.getTime() < (this.nextAt.get(project.root) ?? 0)) {
      return;
    }
    const { engine, projects, log } = this.parts;
    const triedAt = this.triedAt.get(project.root) ?? new Map<string, number>();
    this.triedAt.set(project.root, triedAt);
    try {
      const { backups } = await engine.list(projects.requestOf(project));
      const { name, askAgainMs } = decideVerification({ days, backups, triedAt, now });
      this.nextAt.set(project.root, now.getTime() + (askAgainMs ?? TICK_MS));
      const entry = backups.find((each) => each.name === name);
      if (entry === undefined) {
        return;
      }
      triedAt.set(entry.name, now.getTime());
      const [result] = await engine.verify(projects.requestOf(project), { names: [entry.name], background: true }, { signal });
      if (result !== undefined) {
        log.info(`background verification ${result.name}: ${result.ok ? 'ok' : result.problems.join(' ')}`);
        this.tell(project, entry, result);
      }
    } catch (error) {
      // Nobody asked at this moment: the log is enough.
      logFailure(log, 'background verification', error);
      this.nextAt.set(project.root, now.getTime() + 60 * TICK_MS);
    }
  }

  private tell(project: OpenProject, entry: BackupEntry, result: VerifyResult): void {
    const { backups, projects, log } = this.parts;
    backups.refresh();
    if (result.ok) {
      return;
    }
    const repair = vscode.l10n.t('Repair...');
    const showLog = vscode.l10n.t('Show Log');
    const text = damageFoundText(result, projects.all().length > 1 ? project.name : null);
    void vscode.window
      .showWarningMessage(text, repair, showLog)
      .then(async (choice) => {
        if (choice === repair) {
          await vscode.commands.executeCommand('patsBackup.repair', { kind: 'backup', project, entry } satisfies BackupNode);
        } else if (choice === showLog) {
          log.show();
        }
      })
      .then(undefined, (error: unknown) => {
        showFailure(log, 'background verification', error);
      });
  }
}
