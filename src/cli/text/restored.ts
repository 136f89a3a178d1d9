// What `pats-backup restore` and `undo` say when they are done.
import type { RestoreResult } from '../../engine/engine';
import { tableText } from './plan';
import { here } from '../../engine/platform/platform';
import { shownCommand } from '../../engine/platform/shell';
import { printable } from './words';

export function restoredText(result: RestoreResult): string {
  const commands =
    result.commands.length > 0
      ? ['To bring the schema and the migration files together:', ...result.commands.map((command) => `  ${shownCommand(command, here)}`)]
      : [];
  return [
    ...restoredLines(result),
    ...revisionLines(result),
    `The state before is kept in ${printable(result.safetyBackup)};`,
    '"pats-backup undo" brings it back.',
    ...commands,
  ].join('\n');
}

function restoredLines({ restored, part }: RestoreResult): string[] {
  return part === undefined
    ? [`Restored ${printable(restored)}.`]
    : [
        `Restored from ${printable(restored)}:`,
        ...part.tables.map((table) => `  ${tableText(table)}`),
        ...part.files.map((path) => `  ${printable(path)}`),
      ];
}

function revisionLines({ revisionBefore, revisionAfter }: RestoreResult): string[] {
  if (revisionBefore === revisionAfter) {
    return revisionAfter === null ? [] : [`The revision is ${printable(revisionAfter)}, as before.`];
  }
  return [`The revision is now ${printable(revisionAfter ?? 'none')}; before it was ${printable(revisionBefore ?? 'none')}.`];
}
