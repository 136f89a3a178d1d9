// The one status bar item: the database, and whether its revision is that of the newest backup.
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import { BackupError } from '../engine/errors';
import { failureText, logFailure } from './failure';
import type { OpenProject, Projects } from './projects';
import { reader } from './reader';
import { statusText } from './text/status';
import type { StatusText } from './text/status';

const SETTLE_MS = 500;

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('patsBackup.status', vscode.StatusBarAlignment.Left, 0);
  private readonly subscriptions: vscode.Disposable;
  private watched: { database: string; watcher: vscode.Disposable } | undefined;
  private fingerprint = '';
  private timer: NodeJS.Timeout | undefined;
  private generation = 0;
  private shown: StatusText | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly projects: Projects,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.item.name = 'PATS Backup';
    this.item.command = 'patsBackup.showMenu';
    this.subscriptions = vscode.Disposable.from(
      this.item,
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) {
          this.databaseMayHaveChanged();
        }
      }),
    );
  }

  /** What the item says now; null while it is hidden. */
  get current(): StatusText | null {
    return this.shown;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watched?.watcher.dispose();
    this.subscriptions.dispose();
  }

  /** Reads the state again and shows it; of several calls at once the last one counts. */
  async refresh(): Promise<void> {
    const generation = ++this.generation;
    const project = this.projects.current();
    // The state is read by opening a database that the folder names: only where the folder is trusted.
    const text = project && vscode.workspace.isTrusted ? await this.read(project) : null;
    if (generation === this.generation) {
      this.show(text);
    }
  }

  private async read(project: OpenProject): Promise<StatusText | null> {
    try {
      const status = await this.engine.status(this.projects.requestOf(project));
      await this.watchDatabase(status.database);
      return statusText(status, project.root, reader());
    } catch (error) {
      logFailure(this.log, 'status', error);
      return unknownState(error);
    }
  }

  private show(text: StatusText | null): void {
    this.shown = text;
    if (text === null) {
      this.item.hide();
      return;
    }
    this.item.text = text.text;
    this.item.tooltip = text.sentence;
    this.item.accessibilityInformation = { label: text.sentence, role: 'button' };
    this.item.backgroundColor = text.isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }

  private async watchDatabase(database: string | null): Promise<void> {
    if (database !== this.watched?.database) {
      this.watched?.watcher.dispose();
      this.watched = database === null ? undefined : { database, watcher: this.watcherOf(database) };
    }
    this.fingerprint = await fingerprintOf(database);
  }

  private watcherOf(database: string): vscode.Disposable {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(database)), `${basename(database)}*`);
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const onEvent = (): void => {
      this.databaseMayHaveChanged();
    };
    return vscode.Disposable.from(watcher, watcher.onDidChange(onEvent), watcher.onDidCreate(onEvent), watcher.onDidDelete(onEvent));
  }

  /** Reading a database touches its side files too, so that only what changes its contents counts. */
  private databaseMayHaveChanged(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.refreshIfChanged();
    }, SETTLE_MS);
  }

  private async refreshIfChanged(): Promise<void> {
    const isSeen = vscode.window.state.focused;
    if (isSeen && (await fingerprintOf(this.watched?.database ?? null)) !== this.fingerprint) {
      await this.refresh();
    }
  }
}

/** Size and time of the database and of its WAL; an empty WAL is as good as none. */
async function fingerprintOf(database: string | null): Promise<string> {
  if (database === null) {
    return '';
  }
  const parts = await Promise.all(
    [database, `${database}-wal`].map(async (path) => {
      const stats = await Promise.resolve(vscode.workspace.fs.stat(vscode.Uri.file(path))).catch(() => undefined);
      return stats && stats.size > 0 ? `${stats.size}@${stats.mtime}` : '';
    }),
  );
  return parts.join(' ');
}

function unknownState(error: unknown): StatusText | null {
  if (!(error instanceof BackupError) || error.code === 'CANCELLED' || error.code === 'ENGINE_STOPPED') {
    return null;
  }
  const sentence = failureText(error);
  return error.code === 'DATABASE_AMBIGUOUS'
    ? { text: vscode.l10n.t('$(database) choose a database'), sentence, isWarning: false }
    : { text: vscode.l10n.t('$(database) state unknown'), sentence, isWarning: false };
}
