// "Open Table", "Open Upload" and "Open Database": what lies in a backup, for reading only.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import { isInside, type InsideNode } from '../backups/inside-nodes';
import { isNode } from '../backups/nodes';
import { showMoreRows, showTable } from '../flows/looking-inside';
import { oneBackup } from '../prompts/pick-backup';
import type { Handler } from './handler';
import type { CommandParts } from './parts';

export function openTable(parts: CommandParts): Handler {
  return async (row) => await showTable(parts, insideRow(row, 'table'));
}

export function moreRows(parts: CommandParts): (path: unknown) => Promise<void> {
  return async (path) => {
    await showMoreRows(parts, String(path));
  };
}

export function openUpload(parts: CommandParts): Handler {
  return async (row) => {
    const { entry, path } = insideRow(row, 'file');
    await parts.stored.open(join(entry.path, path));
  };
}

/** Opens a copy in the viewer that the user has for databases. */
export function openDatabase(parts: CommandParts): Handler {
  return async (row) => {
    const inside = isNode(row) && isInside(row) ? row.entry : undefined;
    const entry =
      inside ?? (await oneBackup(parts, row, { placeHolder: vscode.l10n.t('Select a backup to open its database'), fits })).entry;
    const file = entry.manifest?.database_file;
    if (!file) {
      throw new BackupError(
        'NOTHING_TO_RESTORE',
        vscode.l10n.t('“{0}” holds no database.', entry.name),
        vscode.l10n.t('Select another backup.'),
      );
    }
    return await parts.stored.openDatabase(join(entry.path, file), entry.name);
  };
}

const fits = ({ status, manifest }: BackupEntry): boolean => status === 'ok' && Boolean(manifest?.database_file);

/** These commands belong to rows: the palette does not offer them. */
export function insideRow<K extends InsideNode['kind']>(row: unknown, ...kinds: K[]): Extract<InsideNode, { readonly kind: K }> {
  const isWanted = (node: InsideNode): node is Extract<InsideNode, { readonly kind: K }> => kinds.some((kind) => kind === node.kind);
  if (isNode(row) && isInside(row) && isWanted(row)) {
    return row;
  }
  throw new BackupError('USAGE', vscode.l10n.t('Nothing is selected.'), vscode.l10n.t('Select a table or a file below a backup.'));
}
