// What `pats-backup backup` and `import` say when they are done.
import type { CreatedBackup } from '../../engine/engine';
import { databaseText, revisionsOf, uploadsText } from './manifest';
import { fieldsText } from './table';
import { warningsText } from './warnings';
import { countOf, printable, revisionText } from './words';

/** Warnings that the text does not tell already. */
export function createdNotes({ warnings }: CreatedBackup): string {
  return warningsText(warnings.filter(({ code }) => code !== 'FILES_MISSING' && code !== 'DATABASE_WAS_DAMAGED'));
}

export function createdText(backup: CreatedBackup, verb = 'Created'): string {
  const partial = backup.partial ?? [];
  const skipped = backup.skipped ?? [];
  const fields = fieldsText([
    [
      '  Database',
      `${databaseText(backup)}${backup.database_file === null ? '' : `, revision ${printable(revisionText(revisionsOf(backup)))}`}`,
    ],
    ['  Uploads', uploadsText(backup)],
    ['  Folder', backup.path],
    ['  Stood still', backup.pausedMs === undefined ? '' : `the containers, for ${backup.pausedMs} ms`],
    ['  Left out', skipped.map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`).join('\n')],
    ['  Missing', partial.map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`).join('\n')],
    ['  Not kept', (backup.unkept ?? []).map(printable).join('\n')],
  ]);
  const remark =
    partial.length > 0
      ? `\nThe backup is usable, but not complete: ${countOf(partial.length, 'file')} could not be backed up. Mend what is named above and back up again.`
      : '';
  return `${verb} ${printable(backup.backup_name)}.\n${fields}${remark}`;
}
