// "Delete...": asks, then moves backups to the trash where there is one, else removes them for good.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import { severalBackups } from '../prompts/pick-backup';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { deletionQuestion, namesAndSize } from '../text/deletion';
import type { Handler } from './handler';

export function deleteBackups(parts: Parts): Handler {
  return async (row, selected) => {
    const { project, entries } = await severalBackups(parts, row, selected, {
      placeHolder: vscode.l10n.t('Select backups to delete'),
    });
    const useTrash = hasTrash();
    const { backups: all } = await parts.engine.list(parts.projects.requestOf(project));
    const deletion = { entries, all, shareOf: (path: string) => parts.backups.shareOf(path), useTrash, locale: reader().locale };
    const { message, detail } = deletionQuestion(deletion);
    await confirm(message, detail, vscode.l10n.t('Delete'));
    const left = useTrash ? await moveToTrash(parts, project, deletion) : entries;
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

async function confirm(message: string, detail: string, button: string): Promise<void> {
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) !== button) {
    throw cancelled();
  }
}

/** What the trash did not take, once the user agreed to do without it; some file systems have none. */
async function moveToTrash(
  parts: Parts,
  project: OpenProject,
  deletion: Parameters<typeof deletionQuestion>[0],
): Promise<readonly BackupEntry[]> {
  const left = await parts.operations.run(project, vscode.l10n.t('Moving to the trash'), () => notTaken(parts, deletion.entries));
  if (left.length > 0) {
    await confirm(
      vscode.l10n.t('They cannot be moved to the trash. Delete them permanently?'),
      [namesAndSize({ ...deletion, entries: left, useTrash: false }), vscode.l10n.t('This cannot be undone.')].join('\n\n'),
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
