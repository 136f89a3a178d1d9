// The projects of this window: its workspace folders, each with its own settings.
import * as vscode from 'vscode';
import type { ProjectRequest } from '../../engine/engine';
import { BackupError, cancelled } from '../../engine/errors';
import { requestFrom } from './project-settings';

export interface OpenProject {
  readonly folder: vscode.WorkspaceFolder;
  readonly name: string;
  /** Absolute path of the folder. */
  readonly root: string;
}

export class Projects {
  /** Folders on the file system of the extension host, in the window's order. */
  all(): OpenProject[] {
    return (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === 'file')
      .map((folder) => ({ folder, name: folder.name, root: folder.uri.fsPath }));
  }

  /** The project of the active editor, or the first; undefined when no folder is open. */
  current(): OpenProject | undefined {
    const all = this.all();
    const active = vscode.window.activeTextEditor?.document.uri;
    const folder = active && vscode.workspace.getWorkspaceFolder(active);
    return all.find((project) => project.folder.index === folder?.index) ?? all[0];
  }

  /** The only project, or the one that the user picks. Dismissing the choice cancels. */
  async pick(): Promise<OpenProject> {
    const all = this.all();
    const [first] = all;
    if (!first) {
      throw new BackupError(
        'PROJECT_NOT_FOUND',
        vscode.l10n.t('No folder is open.'),
        vscode.l10n.t('Open the folder of your project and try again.'),
      );
    }
    if (all.length === 1) {
      return first;
    }
    const items = all.map((project) => ({ label: project.name, description: project.root, project }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Select a project') });
    if (!picked) {
      throw cancelled();
    }
    return picked.project;
  }

  /** Where the settings say that the project's parts are; what they leave out is discovered by the engine. */
  requestOf(project: OpenProject): ProjectRequest {
    const settings = vscode.workspace.getConfiguration('patsBackup', project.folder);
    const request = requestFrom(project.root, (key) => settings.get(key));
    // VS Code leaves the folder's own settings out; the engine would read them by itself.
    return vscode.workspace.isTrusted ? request : { ...request, readOnly: true };
  }

  /** Keeps the user's choice in the folder's settings. */
  async keepDatabase(project: OpenProject, database: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration('patsBackup', project.folder);
    await settings.update('database', database, vscode.ConfigurationTarget.WorkspaceFolder);
  }

  /** Keeps the user's choice in the folder's settings; relative to the folder. */
  async keepUploads(project: OpenProject, uploads: readonly string[]): Promise<void> {
    const settings = vscode.workspace.getConfiguration('patsBackup', project.folder);
    await settings.update('uploads', uploads, vscode.ConfigurationTarget.WorkspaceFolder);
  }
}
