// Opens a backup's metadata in an editor.
import { join } from 'node:path';
import * as vscode from 'vscode';

const MANIFEST_FILE = 'backup_metadata.json';

/** Opens backup_metadata.json of the backup in this folder. */
export async function openManifest(backupPath: string): Promise<void> {
  const uri = vscode.Uri.file(join(backupPath, MANIFEST_FILE));
  await vscode.window.showTextDocument(uri, { preview: true });
}

/** Whether the folder has a metadata file at all: an incomplete one may not. */
export async function hasManifest(backupPath: string): Promise<boolean> {
  const uri = vscode.Uri.file(join(backupPath, MANIFEST_FILE));
  return Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
}
