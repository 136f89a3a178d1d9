// The last verification of a backup in words: its result and its age.
import { t } from '@vscode/l10n';
import type { BackupEntry } from '../../engine/engine';
import type { Reader } from './reader';
import { relativeTime } from './time';

type Record = BackupEntry['verification'];

/** For the row: "verified 2 hours ago" or "damaged: what"; empty when it was never verified. */
export function verificationWords(record: Record, { now, locale }: Reader): string {
  if (!record) {
    return '';
  }
  return record.ok ? t('verified {0}', relativeTime(new Date(record.at), now, locale)) : t('damaged: {0}', record.problems[0] ?? '');
}

/** For the tooltip, which has room for everything. */
export function verificationFact({ verification: record, manifest }: BackupEntry, { now, locale }: Reader): string {
  if (!record) {
    return isCheckedWhenMade(manifest) ? t('when it was created: intact') : t('never');
  }
  const age = relativeTime(new Date(record.at), now, locale);
  if (!record.ok) {
    return t('{0}: damaged. {1}', age, record.problems.slice(0, 5).join(' '));
  }
  return record.depth === 'deep' ? t('{0}, deeply: intact', age) : t('{0}: intact', age);
}

/** Backups of ours are read and checked before they count as made; older ones, and copies of damaged databases, were not. */
function isCheckedWhenMade(manifest: BackupEntry['manifest']): boolean {
  return manifest?.files !== undefined && manifest.database?.damaged !== true;
}
