// Retention's decisions in words: the summary, and the question before anything is deleted.
import { t } from '@vscode/l10n';
import type { PruneDecision } from '../../engine/engine';
import type { Question } from './restore';

const NAMES_SHOWN = 10;

/** The names that go. */
export function goingNames(decisions: readonly PruneDecision[]): string[] {
  return decisions.filter(({ action }) => action === 'remove').map(({ name }) => name);
}

/** "2 of 5 backups would be deleted. The others are kept." */
export function pruneSummary(decisions: readonly PruneDecision[]): string {
  const going = goingNames(decisions).length;
  if (decisions.length === 0) {
    return t('There are no backups.');
  }
  if (going === 0) {
    return decisions.length === 1
      ? t('Nothing to delete: the only backup is kept.')
      : t('Nothing to delete: all {0} backups are kept.', decisions.length);
  }
  return t('{0} of {1} backups would be deleted. The others are kept.', going, decisions.length);
}

/** The button of the preview. */
export function removeButton(count: number): string {
  return count === 1 ? t('Delete 1') : t('Delete {0}', count);
}

/** After the removal. */
export function prunedText(count: number): string {
  return count === 1 ? t('1 backup was deleted.') : t('{0} backups were deleted.', count);
}

export function pruneQuestion(names: readonly string[]): Question {
  const rest = names.length - NAMES_SHOWN;
  const lines = names.slice(0, NAMES_SHOWN).map((name) => `• ${name}`);
  return {
    message: names.length === 1 ? t('Permanently delete 1 backup?') : t('Permanently delete {0} backups?', names.length),
    detail: [...lines, ...(rest > 0 ? [t('• and {0} more', rest)] : []), '', t('This cannot be undone. All other backups are kept.')].join(
      '\n',
    ),
    button: names.length === 1 ? t('Delete Backup') : t('Delete Backups'),
  };
}
