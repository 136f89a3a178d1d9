// What `pats-backup backup` and `import` say when they are done.
import type { CreatedBackup } from '../../engine/engine';
import { databaseText, revisionsOf, uploadsText } from './manifest';
import { fieldsText } from './table';
import { countOf, printable, revisionText } from './words';

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
    ['  Left out', skipped.map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`).join('\n')],
    ['  Not checked', (backup.database?.unchecked ?? []).map(printable).join('\n')],
    ['  Not readable', partial.map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`).join('\n')],
  ]);
  const remark =
    partial.length > 0
      ? `\nThe backup is usable, but not complete: ${countOf(partial.length, 'file')} could not be read. Check the permissions and back up again.`
      : '';
  return `${verb} ${printable(backup.backup_name)}.\n${fields}${remark}`;
}
