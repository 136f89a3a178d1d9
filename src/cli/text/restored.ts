// What `pats-backup restore` and `undo` say when they are done.
import type { RestoreResult } from '../../engine/engine';
import { here } from '../../engine/platform/platform';
import { shownCommand } from '../../engine/platform/shell';
import { printable } from './words';

export function restoredText(result: RestoreResult): string {
  const commands =
    result.commands.length > 0
      ? ['To bring the schema and the migration files together:', ...result.commands.map((command) => `  ${shownCommand(command, here)}`)]
      : [];
  return [
    `Restored ${printable(result.restored)}.`,
    ...revisionLines(result),
    `The state before is kept in ${printable(result.safetyBackup)};`,
    '"pats-backup undo" goes back to it.',
    ...commands,
  ].join('\n');
}

function revisionLines({ revisionBefore, revisionAfter }: RestoreResult): string[] {
  if (revisionBefore === revisionAfter) {
    return revisionAfter === null ? [] : [`The revision is ${printable(revisionAfter)}, as before.`];
  }
  return [`The revision is now ${printable(revisionAfter ?? 'none')}; before it was ${printable(revisionBefore ?? 'none')}.`];
}
