// "Edit Note...": changes the note of a backup; nothing else in it changes.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import { oneBackup } from '../prompts/pick-backup';
import type { Handler } from './handler';

export function editNote(parts: Parts): Handler {
  return async (row) => {
    const { project, entry } = await oneBackup(parts, row, {
      placeHolder: vscode.l10n.t('Select a backup to edit its note'),
      fits: (backup) => backup.status === 'ok',
    });
    const note = await vscode.window.showInputBox({
      title: vscode.l10n.t('Note of “{0}”', entry.name),
      value: entry.manifest?.note ?? '',
      prompt: vscode.l10n.t('Leave empty to remove the note.'),
      ignoreFocusOut: true,
    });
    if (note === undefined) {
      throw cancelled();
    }
    await parts.engine.setNote(parts.projects.requestOf(project), { name: entry.name, note: note.trim() });
    parts.backups.refresh();
  };
}
