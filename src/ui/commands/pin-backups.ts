// "Pin" and "Unpin": pinned backups are never removed by retention.
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import { severalBackups } from '../prompts/pick-backup';
import type { Handler } from './handler';

export function pinBackups(parts: Parts): Handler {
  return pinning(parts, true);
}

export function unpinBackups(parts: Parts): Handler {
  return pinning(parts, false);
}

function pinning(parts: Parts, pinned: boolean): Handler {
  return async (row, selected) => {
    const { project, entries } = await severalBackups(parts, row, selected, {
      placeHolder: pinned ? vscode.l10n.t('Select backups to pin') : vscode.l10n.t('Select backups to unpin'),
      fits: ({ status, manifest }) => status === 'ok' && (manifest?.pinned === true) !== pinned,
    });
    const names = entries.filter(({ status }) => status === 'ok').map(({ name }) => name);
    const changed = await parts.engine.setPinned(parts.projects.requestOf(project), { names, pinned });
    parts.log.info(`${pinned ? 'pinned' : 'unpinned'} ${changed.join(', ')}`);
    parts.backups.refresh();
    return changed;
  };
}
