// Retention's decisions as a page: every backup with its fate, why, and what deleting it frees.
import { t } from '@vscode/l10n';
import type { PruneDecision, Storage } from '../../engine/engine';
import { commandLink, escaped } from './html';
import { goingNames, pruneSummary, removeButton } from './prune';
import { sizeText } from './size';

/** Asks which of the backups that the page shows as such are deleted: the command, the project's folder, their names. */
export const DELETE_PRUNED = 'patsBackup.deletePruned';

/** The body of the page. */
export function prunePage(decisions: readonly PruneDecision[], storage: Storage, project: string, root: string, locale: string): string {
  const going = goingNames(decisions);
  const part = (action: PruneDecision['action'], title: string): string[] => {
    const rows = decisions
      .filter((decision) => decision.action === action)
      .map(({ name, reason }) => {
        const bytes = storage.backups.find((each) => each.name === name)?.ownBytes;
        const size = bytes === undefined ? '' : sizeText(bytes, locale);
        return `<tr><th scope="row">${escaped(name)}</th><td>${escaped(reason)}</td><td>${escaped(size)}</td></tr>`;
      });
    return rows.length === 0 ? [] : [`<h2>${escaped(title)}</h2>`, `<table>${rows.join('')}</table>`];
  };
  return [
    `<h1>${escaped(t('Prune preview: {0}', project))}</h1>`,
    `<p class="lead">${escaped(pruneSummary(decisions))}</p>`,
    `<nav>${[
      ...(going.length > 0 ? [commandLink(`${removeButton(going.length)}...`, DELETE_PRUNED, root, going)] : []),
      commandLink(t('Open Settings'), 'workbench.action.openSettings', 'patsBackup.retention'),
    ].join('')}</nav>`,
    ...part('remove', t('Would be deleted')),
    ...part('keep', t('Kept')),
  ].join('\n');
}
