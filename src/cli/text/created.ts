// What `pats-backup backup` and `import` say when they are done.
import type { CreatedBackup } from '../../engine/engine';
import { databaseText, revisionsOf, uploadsText } from './manifest';
import { fieldsText } from './table';
import { countOf, printable, revisionText } from './words';

/** `uploadsLookLike`: folders that no backup holds, but that look like uploads. */
export function createdText(backup: CreatedBackup, verb = 'Created', uploadsLookLike: readonly string[] = []): string {
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
    ['  Not readable', partial.map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`).join('\n')],
  ]);
  const remark =
    partial.length > 0
      ? `\nThe backup is usable, but not complete: ${countOf(partial.length, 'file')} could not be read. Check the permissions and back up again.`
      : '';
  const missing =
    uploadsLookLike.length > 0
      ? `\nThe backup holds no uploads, but these folders look like some: ${uploadsLookLike.map(printable).join(', ')}. Name them in patsBackup.uploads or with --uploads.`
      : '';
  return `${verb} ${printable(backup.backup_name)}.\n${fields}${remark}${missing}`;
}
