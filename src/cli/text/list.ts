// What `pats-backup list` prints.
import type { BackupEntry, BackupList } from '../../engine/engine';
import { revisionsOf } from './manifest';
import { tableText, type Column } from './table';
import { ageText, countOf, printable, revisionText, sizeText } from './words';

/** A line for each backup, newest first, its note or what is wrong with it below; then the SQL dumps. */
export function listText(list: BackupList, now: Date, width: number): string {
  const lines = list.backups.length > 0 ? backupLines(list.backups, now, width) : [`There are no backups in ${list.backupsFolder} yet.`];
  if (list.dumps.length > 0) {
    const dumps = tableText(
      [
        { title: 'SQL DUMP', text: (dump) => printable(dump.name) },
        { title: 'WHEN', text: (dump) => ageText(dump.modifiedAt, now) },
        { title: 'SIZE', text: (dump) => sizeText(dump.sizeBytes), align: 'right' },
      ],
      list.dumps,
      width,
    );
    lines.push('', ...dumps);
  }
  return lines.join('\n');
}

function backupLines(backups: readonly BackupEntry[], now: Date, width: number): string[] {
  const columns: Column<BackupEntry>[] = [
    { title: 'BACKUP', text: (backup) => printable(backup.name) },
    { title: 'WHEN', text: (backup) => (backup.manifest ? ageText(backup.manifest.created_at, now) : '') },
    { title: 'SIZE', text: (backup) => sizeText(backup.sizeBytes), align: 'right' },
    { title: 'REVISION', text: revisionCell },
    { title: 'TRIGGER', text: (backup) => backup.manifest?.trigger ?? '' },
  ];
  const [titles = '', ...rows] = tableText(columns, backups, width);
  const lines = backups.flatMap((backup, index) => [rows[index] ?? '', ...remarksOf(backup, now).map((remark) => `  ${remark}`)]);
  return [titles, ...lines];
}

/** "a1b2c3, behind by 2": what the revision means for the migration files of this checkout. */
function revisionCell({ manifest, relation }: BackupEntry): string {
  if (!manifest) {
    return '';
  }
  const revisions = printable(revisionText(revisionsOf(manifest)));
  return relation?.relation === 'behind'
    ? `${revisions}, behind by ${relation.behind}`
    : relation?.relation === 'unknown'
      ? `${revisions}, not in the files`
      : revisions;
}

function remarksOf(backup: BackupEntry, now: Date): string[] {
  const { manifest, verification } = backup;
  const missing = manifest?.partial?.length ?? 0;
  return [
    ...(backup.status === 'incomplete' ? [`incomplete: ${printable(backup.reason ?? 'unknown reason')}`] : []),
    ...(manifest?.pinned ? ['pinned'] : []),
    ...(manifest?.database?.damaged ? ['damaged: a copy of a database that SQLite found damaged'] : []),
    ...(missing > 0 ? [`not complete: ${countOf(missing, 'file')} could not be read`] : []),
    ...(verification?.ok === false ? [`damaged: found ${ageText(verification.at, now)}, see "pats-backup verify"`] : []),
    ...(manifest?.note ? [`"${printable(manifest.note)}"`] : []),
  ];
}
