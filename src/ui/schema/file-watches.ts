// Watches files and folders outside and inside the workspace, and changes the set without losing events of those that stay.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';

/** Written by whoever reads migrations; never a migration. */
const NOISE = /[/\\]__pycache__([/\\]|$)|\.py[co]$|\.swp$|~$|-shm$|\.lock$/;

export class FileWatches implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<string>();
  private readonly watchers = new Map<string, vscode.Disposable>();

  /** Fires with the path for every event; whoever listens waits until they have settled. */
  readonly onDidChange = this.changed.event;

  /** Watches exactly these from now on: a folder with all that is below it, a file with the side files that begin with its name. */
  async set(paths: readonly string[]): Promise<void> {
    const wanted = new Map(await Promise.all([...new Set(paths)].map(async (path) => [path, await patternOf(path)] as const)));
    for (const [key, watcher] of this.watchers) {
      if (![...wanted].some((entry) => keyOf(entry) === key)) {
        watcher.dispose();
        this.watchers.delete(key);
      }
    }
    for (const entry of wanted) {
      if (!this.watchers.has(keyOf(entry))) {
        this.watchers.set(keyOf(entry), this.watch(entry[1]));
      }
    }
  }

  dispose(): void {
    this.changed.dispose();
    vscode.Disposable.from(...this.watchers.values()).dispose();
  }

  private watch(pattern: vscode.RelativePattern): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(this.onEvent),
      watcher.onDidChange(this.onEvent),
      watcher.onDidDelete(this.onEvent),
    );
  }

  private readonly onEvent = (uri: vscode.Uri): void => {
    if (!NOISE.test(uri.fsPath)) {
      this.changed.fire(uri.fsPath);
    }
  };
}

async function patternOf(path: string): Promise<vscode.RelativePattern> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder
    ? new vscode.RelativePattern(vscode.Uri.file(path), '**/*')
    : new vscode.RelativePattern(vscode.Uri.file(dirname(path)), `${escaped(basename(path))}*`);
}

function keyOf([path, { pattern }]: readonly [string, vscode.RelativePattern]): string {
  return `${path}|${pattern}`;
}

/** A file's name may hold what means something in a pattern. */
function escaped(name: string): string {
  return name.replaceAll(/[[\]{}*?]/g, '[$&]');
}
