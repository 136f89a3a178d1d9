// What lies in a backup, opened for reading: uploads through a file system that nobody can write to, databases as copies.
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';

const SCHEME = 'pats-backup-file';

export class StoredFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly copies: string[] = [];

  readonly onDidChangeFile = this.changed.event;

  private readonly registration = vscode.workspace.registerFileSystemProvider(SCHEME, this, { isReadonly: true });

  /** Opens a file in whatever editor the user has for it. */
  async open(path: string): Promise<void> {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path).with({ scheme: SCHEME }), { preview: true });
  }

  /** Opens a copy, because some viewers write to a database or beside it at once. `title` tells it from others of its name. */
  async openDatabase(path: string, title: string): Promise<vscode.Uri> {
    const folder = await mkdtemp(join(tmpdir(), 'pats-backup-view-'));
    this.copies.push(folder);
    const copy = join(folder, `${title} ${basename(path)}`);
    await copyFile(path, copy);
    await chmod(copy, 0o400);
    const uri = vscode.Uri.file(copy);
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
    if (!(vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom)) {
      void offerViewers();
    }
    return uri;
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
    for (const folder of this.copies) {
      void rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return { ...(await vscode.workspace.fs.stat(onDisk(uri))), permissions: vscode.FilePermission.Readonly };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return vscode.workspace.fs.readFile(onDisk(uri));
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return vscode.workspace.fs.readDirectory(onDisk(uri));
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

/** VS Code has none of its own, and says only that the file is binary. */
async function offerViewers(): Promise<void> {
  const find = vscode.l10n.t('Find a Viewer');
  const text = vscode.l10n.t('VS Code needs an extension to show SQLite databases. The tables below a backup open without one.');
  if ((await vscode.window.showInformationMessage(text, find)) === find) {
    await vscode.commands.executeCommand('workbench.extensions.search', 'sqlite viewer');
  }
}

function onDisk(uri: vscode.Uri): vscode.Uri {
  return uri.with({ scheme: 'file' });
}
