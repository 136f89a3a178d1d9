// "Import...": an exported file becomes a backup of this project.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import { pathHere } from '../prompts/file-here';
import { importFile } from '../flows/importing';
import type { Parts } from '../window/parts';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

/** The second argument may be the file: so a drop names it. */
export function importBackup(parts: Parts): Handler {
  return async (row, dropped) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const file = dropped instanceof vscode.Uri ? dropped : await askForFile(project.folder.uri);
    return await importFile(parts, project, pathHere(file));
  };
}

async function askForFile(folder: vscode.Uri): Promise<vscode.Uri> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Import an exported backup'),
      openLabel: vscode.l10n.t('Import'),
      defaultUri: folder,
      filters: { [vscode.l10n.t('Exported backup')]: ['zip', 'age'] },
    })) ?? [];
  if (!file) {
    throw cancelled();
  }
  return file;
}
