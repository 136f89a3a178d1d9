// Registers the commands; whatever one of them throws ends here.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { showFailure } from '../window/failure';
import { COMMAND_IDS, LINK_IDS } from './ids';
import type { CommandParts } from './parts';
import { COMMANDS, LINKS, LOOKING } from './table';

/** What a keybinding passes. */
function isKey(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'key' in row && row.key === true;
}

/** Menus and palette do not offer the others; a keybinding or a drop asks for them all the same. */
function requireTrust(id: string): void {
  if (!vscode.workspace.isTrusted && !LOOKING.has(id)) {
    throw new BackupError(
      'REFUSED',
      vscode.l10n.t('This folder is not trusted: you can only list and open its backups. Nothing was changed.'),
      vscode.l10n.t('Trust the folder, then try again.'),
    );
  }
}

/** Registers every command. Whatever a handler throws ends here. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const handlers = new Map<string, (...args: unknown[]) => unknown>();
  const registered = [...COMMAND_IDS, ...LINK_IDS].map((id) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        requireTrust(id);
        const handler = handlers.get(id) ?? { ...COMMANDS, ...LINKS }[id](parts);
        handlers.set(id, handler);
        if (isKey(args[0])) {
          const rows = await parts.backups.rowsOfKey();
          return await handler(rows[0], rows);
        }
        return await handler(...args);
      } catch (error) {
        showFailure(parts.log, id, error);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
