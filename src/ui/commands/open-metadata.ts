// "Open Metadata": shows backup_metadata.json; the editor knows its schema.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { hasManifest, openManifest } from '../window/manifest-editor';
import type { Parts } from '../window/parts';
import { oneBackup } from '../prompts/pick-backup';
import type { Handler } from './handler';

export function openMetadata(parts: Parts): Handler {
  return async (row) => {
    const { entry } = await oneBackup(parts, row, { placeHolder: vscode.l10n.t('Select a backup to open its metadata') });
    if (!(await hasManifest(entry.path))) {
      throw new BackupError(
        'MANIFEST_INVALID',
        vscode.l10n.t('“{0}” has no metadata file.', entry.name),
        vscode.l10n.t('The folder is not a complete backup. Check its contents, then delete it or move it elsewhere.'),
      );
    }
    await openManifest(entry.path);
  };
}
