// The question before backups are deleted: what they are still good for, what is freed, and whether there is a way back.
import { t } from '@vscode/l10n';
import type { BackupEntry, Storage } from '../../engine/engine';
import { sizeText } from './size';

const NAMES_SHOWN = 10;

interface Deletion {
  readonly entries: readonly BackupEntry[];
  /** Everything in the folder, newest first. */
  readonly all: readonly BackupEntry[];
  readonly shareOf: (path: string) => Storage['backups'][number] | undefined;
  readonly useTrash: boolean;
  readonly locale: string;
}

export function deletionQuestion(deletion: Deletion): { readonly message: string; readonly detail: string } {
  const { entries, useTrash } = deletion;
  const [first] = entries;
  return {
    message: entries.length === 1 ? t('Delete the backup “{0}”?', first?.name ?? '') : t('Delete {0} backups?', entries.length),
    detail: [
      ...neededFor(deletion),
      namesAndSize(deletion),
      useTrash ? t('You can restore deleted backups from the trash.') : t('This cannot be undone (no trash is available here).'),
    ].join('\n\n'),
  };
}

/** The names, where there are several, and what deleting them frees. */
export function namesAndSize({ entries, shareOf, useTrash, locale }: Deletion): string {
  const shares = entries.map(({ path }) => shareOf(path));
  const sum = (key: 'ownBytes' | 'sharedBytes'): number => shares.reduce((total, share) => total + (share?.[key] ?? 0), 0);
  const isKnown = shares.every((share) => share !== undefined);
  const size = sizeText(isKnown ? sum('ownBytes') : entries.reduce((total, { sizeBytes }) => total + sizeBytes, 0), locale);
  const frees = !isKnown ? t('Size: {0}.', size) : useTrash ? t('Frees {0} when the trash is emptied.', size) : t('Frees {0}.', size);
  const shared = isKnown && sum('sharedBytes') > 0 ? ` ${t('{0} shared with other backups.', sizeText(sum('sharedBytes'), locale))}` : '';
  const rest = entries.length - NAMES_SHOWN;
  const names = entries.length === 1 ? [] : entries.slice(0, NAMES_SHOWN).map(({ name }) => `• ${name}`);
  return [...names, ...(rest > 0 ? [t('• and {0} more', rest)] : []), `${frees}${shared}`].join('\n');
}

/** Pinned, the newest good one, needed by undo: why somebody might want to keep them. */
function neededFor({ entries, all }: Deletion): string[] {
  const has = (entry: BackupEntry | undefined): entry is BackupEntry => entries.some(({ name }) => name === entry?.name);
  const pinned = entries.filter(({ manifest }) => manifest?.pinned === true);
  const newest = all.find(isGood);
  const undo = all.find(isForUndo);
  const isOne = entries.length === 1;
  const reasons = [
    ...(pinned.length === 0 ? [] : [isOne ? t('It is pinned.') : pinnedWords(pinned.length)]),
    ...(!has(newest) ? [] : [isOne ? t('It is the newest good backup.') : t('“{0}” is the newest good backup.', newest.name)]),
    ...(!has(undo) ? [] : [isOne ? t('“Undo Last Restore” needs it.') : t('“Undo Last Restore” needs “{0}”.', undo.name)]),
  ];
  return reasons.length === 0 ? [] : [reasons.join(' ')];
}

function pinnedWords(count: number): string {
  return count === 1 ? t('1 of them is pinned.') : t('{0} of them are pinned.', count);
}

function isGood({ status, manifest, verification }: BackupEntry): boolean {
  return status === 'ok' && manifest?.trigger !== 'safety' && manifest?.database?.damaged !== true && verification?.ok !== false;
}

/** The engine's rule: of this project, and taken for a restore that took place. */
function isForUndo({ name, status, manifest }: BackupEntry): boolean {
  const isOwn = manifest?.backup_name === name && manifest.imported_at === undefined;
  return status === 'ok' && isOwn && manifest.trigger === 'safety' && manifest.safety !== undefined;
}
