// Runs what the user started: progress with a cancel button, one operation at a time, commands disabled meanwhile.
import * as vscode from 'vscode';
import type { ProjectRequest } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import type { OperationOptions, Phase } from '../../engine/operation';
import type { OpenProject, Projects } from './projects';
import { progressText } from '../text/progress';

/** What is done before anybody wonders shows no progress. */
const UNNOTICED_MS = 500;

type Work<T> = (request: ProjectRequest, options: OperationOptions) => Promise<T>;

export class Operations implements vscode.Disposable {
  private readonly finished = new vscode.EventEmitter<OpenProject>();
  private readonly replaced = new vscode.EventEmitter<OpenProject>();
  private isBusy = false;

  /** Fires after every operation, also a failed or cancelled one: the disk may have changed. */
  readonly onDidFinish = this.finished.event;

  /** Fires after an operation that has replaced live data. */
  readonly onDidReplace = this.replaced.event;

  /** Whether an operation is running in this window. */
  get isRunning(): boolean {
    return this.isBusy;
  }

  constructor(
    private readonly projects: Projects,
    /** Asks which database is meant; rejects when the user does not say. */
    private readonly chooseDatabase: (project: OpenProject) => Promise<void>,
  ) {}

  /** Runs the work; when several databases fit, asks which one and runs it again. */
  async run<T>(project: OpenProject, title: string, work: Work<T>): Promise<T> {
    try {
      return await this.runOnce(project, title, work);
    } catch (error) {
      if (!(error instanceof BackupError) || error.code !== 'DATABASE_AMBIGUOUS') {
        throw error;
      }
    }
    await this.chooseDatabase(project);
    return await this.runOnce(project, title, work);
  }

  /** Runs work that replaces live data: the state it leaves is what the user wanted. */
  async replace<T>(project: OpenProject, title: string, work: Work<T>): Promise<T> {
    return await this.run(project, title, async (request, options) => {
      const result = await work(request, options);
      // Before anybody reads the new state.
      this.replaced.fire(project);
      return result;
    });
  }

  /** Runs work that nobody asked for at this moment: no progress in the way, no questions. */
  async runQuietly<T>(project: OpenProject, title: string, work: Work<T>): Promise<T> {
    return await this.alone(project, () =>
      vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => work(this.projects.requestOf(project), {})),
    );
  }

  dispose(): void {
    this.finished.dispose();
    this.replaced.dispose();
  }

  private async runOnce<T>(project: OpenProject, title: string, work: Work<T>): Promise<T> {
    return await this.alone(project, () => withProgress(title, (options) => work(this.projects.requestOf(project), options)));
  }

  private async alone<T>(project: OpenProject, work: () => Thenable<T>): Promise<T> {
    if (this.isBusy) {
      throw new BackupError(
        'PROJECT_BUSY',
        vscode.l10n.t('Another operation of PATS Backup is running in this window.'),
        vscode.l10n.t('Wait until it is done, or cancel it, then try again.'),
      );
    }
    await this.setBusy(true);
    try {
      return await work();
    } finally {
      await this.setBusy(false);
      this.finished.fire(project);
    }
  }

  private async setBusy(isBusy: boolean): Promise<void> {
    // Until VS Code knows that it is over, nothing else begins, and no state counts that was read meanwhile.
    this.isBusy = true;
    await vscode.commands.executeCommand('setContext', 'patsBackup.busy', isBusy);
    this.isBusy = isBusy;
  }
}

/** From here on it is too late to cancel. */
const NOT_CANCELLABLE: readonly Phase[] = ['replace', 'publish'];

/**
 * Progress with a Cancel button, as long as that has a meaning, for what lasts: VS Code shows at most three new messages in
 * a moment, and the one with the result must be among them.
 */
async function withProgress<T>(title: string, work: (options: OperationOptions) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let message = '';
  let notification: vscode.Progress<{ message: string }> | undefined;
  let close = (): void => undefined;
  let isCancellable = true;
  let timer: NodeJS.Timeout | undefined;
  const showLater = (): void => {
    clearTimeout(timer);
    close();
    timer = setTimeout(show, UNNOTICED_MS);
  };
  const show = (): void => {
    const until = new Promise<void>((resolve) => (close = resolve));
    const options = { location: vscode.ProgressLocation.Notification, cancellable: isCancellable, title };
    void vscode.window.withProgress(options, async (shown, token) => {
      notification = shown;
      notification.report({ message });
      const listener = token.onCancellationRequested(() => {
        controller.abort();
      });
      await until;
      listener.dispose();
    });
  };
  showLater();
  try {
    return await work({
      signal: controller.signal,
      onProgress: (progress) => {
        message = progressText(progress, vscode.env.language);
        notification?.report({ message });
        if (isCancellable === NOT_CANCELLABLE.includes(progress.phase)) {
          isCancellable = !isCancellable;
          showLater();
        }
      },
    });
  } finally {
    clearTimeout(timer);
    close();
  }
}
