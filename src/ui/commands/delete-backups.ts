// "Delete...": asks, then moves backups to the trash where there is one, else removes them for good.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import { severalBackups } from '../prompts/pick-backup';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { sizeText } from '../text/size';
import type { Handler } from './handler';

const NAMES_SHOWN = 10;

export function deleteBackups(parts: Parts): Handler {
  return async (row, selected) => {
    const { project, entries } = await severalBackups(parts, row, selected, {
      placeHolder: vscode.l10n.t('Select backups to delete'),
    });
    const useTrash = hasTrash();
    await ask(entries, useTrash);
    const left = useTrash ? await moveToTrash(parts, project, entries) : entries;
    if (left.length === 0) {
      return;
    }
    const names = left.map((entry) => entry.name);
    const remove = vscode.l10n.t('Deleting');
    const removed = await parts.operations.run(project, remove, (request, options) => parts.engine.remove(request, { names }, options));
    parts.log.info(`deleted ${removed.join(', ')}`);
  };
}

/** Servers and browsers have none. */
function hasTrash(): boolean {
  const isDesktop = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  return isDesktop && vscode.workspace.getConfiguration('files').get<boolean>('enableTrash', true);
}

async function ask(entries: readonly BackupEntry[], useTrash: boolean): Promise<void> {
  const [first] = entries;
  const message =
    entries.length === 1
      ? vscode.l10n.t('Delete the backup “{0}”?', first?.name ?? '')
      : vscode.l10n.t('Delete {0} backups?', entries.length);
  const fate = useTrash
    ? vscode.l10n.t('You can restore deleted backups from the trash.')
    : vscode.l10n.t('This cannot be undone (no trash is available here).');
  await confirm(message, [namesAndSize(entries), fate].join('\n\n'), vscode.l10n.t('Delete'));
}

async function confirm(message: string, detail: string, button: string): Promise<void> {
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) !== button) {
    throw cancelled();
  }
}

function namesAndSize(entries: readonly BackupEntry[]): string {
  const total = sizeText(
    entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    reader().locale,
  );
  if (entries.length === 1) {
    return total;
  }
  const rest = entries.length - NAMES_SHOWN;
  const lines = entries.slice(0, NAMES_SHOWN).map((entry) => `• ${entry.name}`);
  return [...lines, ...(rest > 0 ? [vscode.l10n.t('• and {0} more', rest)] : []), vscode.l10n.t('Together {0}.', total)].join('\n');
}

/** What the trash did not take, once the user agreed to do without it; some file systems have none. */
async function moveToTrash(parts: Parts, project: OpenProject, entries: readonly BackupEntry[]): Promise<readonly BackupEntry[]> {
  const left = await parts.operations.run(project, vscode.l10n.t('Moving to the trash'), () => notTaken(parts, entries));
  if (left.length > 0) {
    await confirm(
      vscode.l10n.t('They cannot be moved to the trash. Delete them permanently?'),
      [namesAndSize(left), vscode.l10n.t('This cannot be undone.')].join('\n\n'),
      vscode.l10n.t('Delete Permanently'),
    );
  }
  return left;
}

/** Moves one after the other until the trash refuses one. */
async function notTaken({ log }: Parts, entries: readonly BackupEntry[]): Promise<readonly BackupEntry[]> {
  for (const [index, entry] of entries.entries()) {
    try {
      await vscode.workspace.fs.delete(vscode.Uri.file(entry.path), { recursive: true, useTrash: true });
    } catch (error) {
      log.warn(`The trash refused: ${error instanceof Error ? error.message : String(error)}`);
      return entries.slice(index);
    }
  }
  return [];
}
