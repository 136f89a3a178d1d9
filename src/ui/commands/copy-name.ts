// "Copy Name": the names of the selected backups, one a line.
import * as vscode from 'vscode';
import { severalBackups } from '../prompts/pick-backup';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

export function copyName(parts: Parts): Handler {
  return async (row, selected) => {
    const { entries } = await severalBackups(parts, row, selected, { placeHolder: vscode.l10n.t('Select backups to copy their names') });
    await vscode.env.clipboard.writeText(entries.map(({ name }) => name).join('\n'));
  };
}
