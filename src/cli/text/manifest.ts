// What a manifest says, in readable form.
import type { CreatedBackup, Manifest } from '../../engine/engine';
import { fieldsText } from './table';
import { ageText, countOf, printable, revisionText, sizeText, timeText } from './words';

/** The database's revisions; format 1.0 knows at most one. */
export function revisionsOf(manifest: Manifest): readonly string[] {
  return manifest.migrations?.revisions ?? (manifest.alembic_revision === null ? [] : [manifest.alembic_revision]);
}

/** What `pats-backup show` prints. */
export function manifestText(backup: CreatedBackup, now: Date): string {
  const partial = (backup.partial ?? []).map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`);
  const skipped = (backup.skipped ?? []).map((entry) => `${printable(entry.path)}: ${printable(entry.reason)}`);
  return fieldsText([
    ['Backup', printable(backup.backup_name)],
    ['Folder', backup.path],
    ['Created', `${timeText(backup.created_at)} (${ageText(backup.created_at, now)})`],
    ['Trigger', backup.trigger ?? ''],
    ['Note', printable(backup.note ?? '')],
    ['Pinned', backup.pinned ? 'yes' : ''],
    ['Git', gitText(backup.git)],
    ['Database', databaseText(backup)],
    ['Revision', printable(revisionText(revisionsOf(backup)))],
    ['Heads', printable((backup.migrations?.heads ?? []).join(', '))],
    ['Uploads', uploadsText(backup)],
    ['Not readable', partial.join('\n')],
    ['Left out', skipped.join('\n')],
    ['Format', backup.backup_version],
    ['Created by', printable(backup.created_by ?? '')],
  ]);
}

/** "pats.db, 1.2 MB". */
export function databaseText(manifest: Manifest): string {
  if (manifest.database_file === null) {
    return 'none';
  }
  const { database } = manifest;
  const size = database ? `, ${database.size === 0 ? 'empty: it has no tables yet' : sizeText(database.size)}` : '';
  return `${printable(manifest.database_file)}${size}${database?.damaged ? ', damaged' : ''}`;
}

/** "12 files, 3.4 MB, 1 link". */
export function uploadsText(manifest: Manifest): string {
  if (!manifest.uploads_included) {
    return 'none';
  }
  const { files } = manifest;
  const links = manifest.links?.length ? `, ${countOf(manifest.links.length, 'link')}` : '';
  if (!files) {
    return 'included';
  }
  if (Array.isArray(files)) {
    return `${countOf(files.length, 'file')}, ${sizeText(files.reduce((sum, file) => sum + file.size, 0))}${links}`;
  }
  return `${countOf(files.count, 'file')}${links}`;
}

function gitText(git: Manifest['git']): string {
  if (!git) {
    return '';
  }
  const commit = git.commit ? `${git.commit.slice(0, 7)}${git.dirty ? ', with changes' : ''}` : 'no commit';
  return printable(git.branch ? `${git.branch} (${commit})` : commit);
}
