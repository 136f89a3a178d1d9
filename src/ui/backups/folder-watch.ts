// Follows the backups folders on disk, also outside the workspace, and says when a listing is out of date.
import { basename } from 'node:path';
import * as vscode from 'vscode';

const SETTLE_MS = 300;

export class FolderWatch implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly watchers = new Map<string, vscode.Disposable>();
  private timer: NodeJS.Timeout | undefined;

  /** Fires once a burst of changes has settled. */
  readonly onDidChange = this.changed.event;

  /** Watches the folder from now on; it need not exist yet. */
  watch(folder: string): void {
    if (this.watchers.has(folder)) {
      return;
    }
    const base = vscode.Uri.file(folder);
    const watchers = [
      // Backups appear by a rename of their folder, of which no event tells the files inside.
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, '*')),
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, '*/backup_metadata.json')),
    ];
    for (const watcher of watchers) {
      watcher.onDidCreate(this.onEvent);
      watcher.onDidChange(this.onEvent);
      watcher.onDidDelete(this.onEvent);
    }
    this.watchers.set(folder, vscode.Disposable.from(...watchers));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
    vscode.Disposable.from(...this.watchers.values()).dispose();
  }

  private readonly onEvent = (uri: vscode.Uri): void => {
    // Stages, the lock and the journal come and go with every operation.
    if (basename(uri.fsPath).startsWith('.')) {
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.changed.fire();
    }, SETTLE_MS);
  };
}
