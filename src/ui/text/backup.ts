// How a backup reads in the tree, in a quick pick and to a screen reader.
import { t } from '@vscode/l10n';
import type { BackupEntry, DumpEntry, Storage, Trigger } from '../../engine/engine';
import { plain } from './markdown';
import { revisionsOf, revisionText } from './revision';
import { relationWords } from './schema';
import { sizeText } from './size';
import type { Reader } from './reader';
import { sharesText } from './storage';
import { exactTime, momentOf, relativeTime } from './time';
import { verificationFact, verificationWords } from './verification';

/** "2 hours ago · 1.4 MB · 1a2b3c4d"; for an incomplete folder its reason. `label`: what stands before it. */
export function backupDescription(entry: BackupEntry, reader: Reader, label = entry.name): string {
  return description(entry, reader, label, null);
}

/** `whole`: the label that is cut short in a row; null: not in a row. */
function description(entry: BackupEntry, { now, locale }: Reader, label: string, whole: string | null): string {
  if (entry.status === 'incomplete') {
    return t('incomplete: {0}', entry.reason ?? t('no reason known'));
  }
  const made = entry.manifest && momentOf(entry.manifest);
  const verified = verificationWords(entry.verification, { now, locale });
  const isDamaged = entry.verification?.ok === false;
  return [
    // The end of a row is cut off in a narrow view.
    isDamaged ? verified : '',
    made ? relativeTime(made, now, locale, whole === null ? 'long' : 'narrow') : '',
    ...flaws(entry),
    // What fits needs no words in the row: its badge and its tooltip say so.
    entry.relation?.relation === 'equal' ? '' : relationWords(entry.relation),
    whole ?? '',
    entry.manifest?.note === label ? '' : (entry.manifest?.note ?? ''),
    sizeText(entry.sizeBytes, locale),
    entry.manifest ? revisionText(revisionsOf(entry.manifest)) : '',
    placeWords(entry, label),
    isDamaged ? '' : verified,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** So many characters leave room for the age beside them in a view of 300 pixels. */
const ROW_LABEL = 16;

/** A row of the tree: a label that is cut short, unless it is a name, and all of it in the description, whose age is brief. */
export function backupRow(
  entry: BackupEntry,
  { now, locale }: Reader,
  label: string,
): { readonly label: string; readonly description: string } {
  const short = label === entry.name || label.length <= ROW_LABEL ? label : `${label.slice(0, ROW_LABEL - 1).replace(/[\s-]+$/, '')}…`;
  return { label: short, description: description(entry, { now, locale }, label, short === label ? '' : label) };
}

/** Branch and commit, where the label does not say them. */
function placeWords({ manifest }: BackupEntry, label: string): string {
  const { branch = null, commit = null } = manifest?.git ?? {};
  return [branch, commit?.slice(0, 7)].filter((word) => word && !label.includes(word)).join(' ');
}

/** What a complete backup is not all the same: never by colour or icon alone. */
function flaws({ manifest }: BackupEntry): string[] {
  return [
    ...(manifest?.database?.damaged === true ? [t('damaged copy')] : []),
    ...(manifest?.partial && manifest.partial.length > 0 ? [t('not all files')] : []),
    ...(manifest?.pinned === true ? [t('pinned')] : []),
  ];
}

/** What a screen reader says for the tree item. */
export function backupSpeech(entry: BackupEntry, reader: Reader, label = entry.name): string {
  if (entry.status === 'incomplete') {
    return t('Incomplete backup {0}. {1}', entry.name, entry.reason ?? '').trim();
  }
  const made = entry.manifest && momentOf(entry.manifest);
  return [
    t('Backup {0}', label),
    made ? relativeTime(made, reader.now, reader.locale) : '',
    sizeText(entry.sizeBytes, reader.locale),
    entry.manifest ? t('revision {0}', revisionText(revisionsOf(entry.manifest))) : '',
    relationWords(entry.relation),
    entry.manifest?.trigger ? triggerText(entry.manifest.trigger) : '',
    ...flaws(entry),
    verificationWords(entry.verification, reader),
    entry.manifest?.note === label ? '' : (entry.manifest?.note ?? ''),
    entry.name === label ? '' : entry.name,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Why a backup was made, in words. */
export function triggerText(trigger: Trigger): string {
  switch (trigger) {
    case 'manual':
      return t('created by you');
    case 'auto':
      return t('created by a script');
    case 'pre-migration':
      return t('created before a migration');
    case 'safety':
      return t('safety backup, created before a restore');
    case 'scheduled':
      return t('created on schedule');
    case 'agent':
      return t('created by a coding agent');
  }
}

/** The file's name; of one that we named, without its timestamp, so that there is room for the age beside it. */
export function dumpLabel(name: string): string {
  return name.replace(/^(database_dump)_\d{8}_\d{6}(?=\.)/, '$1');
}

/** "2 hours ago · 1.4 MB" for a SQL dump. */
export function dumpDescription(dump: DumpEntry, { now, locale }: Reader): string {
  return `${relativeTime(new Date(dump.modifiedAt), now, locale)} · ${sizeText(dump.sizeBytes, locale)}`;
}

/** The whole manifest in readable form, as Markdown. */
export function backupTooltip(entry: BackupEntry, reader: Reader, share?: Share): string {
  const { manifest } = entry;
  const title = `**${plain(entry.name)}**`;
  const warning = entry.status === 'incomplete' ? [`$(warning) ${plain(t('Incomplete: {0}', entry.reason ?? t('no reason known')))}`] : [];
  if (!manifest) {
    return [title, ...warning, factTable([[t('Size'), sizeText(entry.sizeBytes, reader.locale)]])].join('\n\n');
  }
  const note = manifest.note ? [`*${plain(manifest.note)}*`] : [];
  return [title, ...warning, ...note, factTable(backupFacts(entry, manifest, reader, share))].join('\n\n');
}

type Share = Storage['backups'][number];
type Fact = readonly [name: string, value: string];

/** Everything that the manifest says, by name. */
export function backupFacts(entry: BackupEntry, manifest: NonNullable<BackupEntry['manifest']>, reader: Reader, share?: Share): Fact[] {
  const { git, migrations, database } = manifest;
  const made = momentOf(manifest);
  const rows: (Fact | null)[] = [
    [t('Created'), made ? `${exactTime(made, reader.locale)} (${relativeTime(made, reader.now, reader.locale)})` : manifest.created_at],
    manifest.trigger ? [t('Why'), triggerText(manifest.trigger)] : null,
    manifest.safety ? [t('Before restoring'), manifest.safety.restored] : null,
    [t('Revision'), revisionText(revisionsOf(manifest))],
    relationWords(entry.relation) === '' ? null : [t('Compared with migration files'), relationWords(entry.relation)],
    migrations?.tool ? [t('Migration tool'), migrations.tool] : null,
    migrations && migrations.heads.length > 0 ? [t('Latest migration at backup time'), revisionText(migrations.heads)] : null,
    git ? [t('Git'), gitText(git)] : null,
    [t('Database'), databaseText(manifest, reader.locale)],
    database?.journal_mode ? [t('Journal mode'), database.journal_mode] : null,
    database?.foreign_key_violations ? [t('Foreign key violations'), `${database.foreign_key_violations}`] : null,
    [t('Uploads'), uploadsText(manifest, reader.locale)],
    manifest.skipped && manifest.skipped.length > 0 ? [t('Left out'), pathsText(manifest.skipped)] : null,
    manifest.partial && manifest.partial.length > 0 ? [t('Could not be read'), pathsText(manifest.partial)] : null,
    manifest.pinned ? [t('Pinned'), t('never deleted automatically')] : null,
    [t('Verified'), verificationFact(entry, reader)],
    [t('Size'), sizeText(entry.sizeBytes, reader.locale)],
    share ? [t('Disk usage'), sharesText(share, reader.locale)] : null,
    [t('Format'), manifest.backup_version],
    manifest.created_by ? [t('Created by'), manifest.created_by] : null,
  ];
  return rows.filter((row) => row !== null);
}

/** "main at 1a2b3c4 (with uncommitted changes)". */
export function gitText(git: { readonly branch: string | null; readonly commit: string | null; readonly dirty: boolean }): string {
  const branch = git.branch ?? t('detached HEAD');
  const place = git.commit === null ? t('{0}, no commit yet', branch) : t('{0} at {1}', branch, git.commit.slice(0, 7));
  return git.dirty ? t('{0}, with uncommitted changes', place) : place;
}

function databaseText(manifest: NonNullable<BackupEntry['manifest']>, locale: string): string {
  if (manifest.database_file === null) {
    return t('none');
  }
  if (!manifest.database) {
    return manifest.database_file;
  }
  const size = sizeText(manifest.database.size, locale);
  const place = t('{0}, {1}', manifest.database.source, size);
  return manifest.database.damaged === true ? t('{0}, damaged when it was copied', place) : place;
}

function uploadsText(manifest: NonNullable<BackupEntry['manifest']>, locale: string): string {
  if (!manifest.uploads_included) {
    return t('none');
  }
  const { files } = manifest;
  if (files === undefined) {
    return t('included');
  }
  const [count, size] = Array.isArray(files) ? [files.length, files.reduce((sum, file) => sum + file.size, 0)] : [files.count, files.size];
  return count === 1 ? t('1 file, {0}', sizeText(size, locale)) : t('{0} files, {1}', count, sizeText(size, locale));
}

function pathsText(entries: readonly { readonly path: string }[]): string {
  const shown = entries.slice(0, 5).map((entry) => entry.path);
  const rest = entries.length - shown.length;
  return rest > 0 ? t('{0} and {1} more', shown.join(', '), rest) : shown.join(', ');
}

function factTable(rows: readonly Fact[]): string {
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${plain(name)} | ${plain(value)} |`)].join('\n');
}
