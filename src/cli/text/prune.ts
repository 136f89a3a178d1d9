// What retention decides, with its reasons.
import type { PruneDecision } from '../../engine/engine';
import { tableText } from './table';
import { countOf, printable } from './words';

/** Every backup with its fate and the reason, and how many go: "2 of 5 backups removed". */
export function pruneText(decisions: readonly PruneDecision[], outcome: string): string {
  const going = decisions.filter((decision) => decision.action === 'remove').length;
  if (decisions.length === 0) {
    return 'There are no backups.';
  }
  const lines = tableText(
    [
      { title: 'ACTION', text: (decision) => decision.action },
      { title: 'BACKUP', text: (decision) => printable(decision.name) },
      { title: 'WHY', text: (decision) => printable(decision.reason) },
    ],
    decisions,
    Number.POSITIVE_INFINITY,
  );
  return [...lines, `${going} of ${countOf(decisions.length, 'backup')} ${outcome}.`].join('\n');
}
