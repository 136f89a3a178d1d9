// "Open Settings": the settings of this extension, those of the folder.
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

const OURS = { query: '@ext:pats.pats-backup' };

export function openSettings({ projects }: Parts): Handler {
  return async () => {
    const count = projects.all().length;
    // In a window with one folder its settings are those of the workspace; of several, VS Code asks which one.
    const scope = count === 0 ? 'openSettings' : count === 1 ? 'openWorkspaceSettings' : 'openFolderSettings';
    await vscode.commands.executeCommand(`workbench.action.${scope}`, count === 0 ? OURS.query : OURS);
  };
}
