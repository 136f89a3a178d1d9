// What backups take on the disk, in words, and whether that is worth a warning.
import { t } from '@vscode/l10n';
import type { BackupEntry, Storage } from '../../engine/engine';
import type { Reader } from './reader';
import { sizeText } from './size';
import { momentOf, relativeTime } from './time';

const MB = 1024 * 1024;
/** Below this a backup of anything but a small project fails. */
const LOW_DISK_BYTES = 1024 * MB;

/** "last good 2h ago · 12 backups, 340 MB" for the view's title, which has room for little more. */
export function storageSummary(backups: readonly BackupEntry[], totalBytes: number, reader: Reader): string {
  const good = backups.filter(({ status }) => status === 'ok');
  if (good.length === 0) {
    return '';
  }
  const size = sizeText(totalBytes, reader.locale);
  const amount = good.length === 1 ? t('1 backup, {0}', size) : t('{0} backups, {1}', good.length, size);
  return `${healthText(backups, reader)} · ${amount}`;
}

/** The age of the newest backup that can be relied on. */
function healthText(backups: readonly BackupEntry[], { now, locale }: Reader): string {
  const newest = backups.find(
    ({ status, manifest, verification }) =>
      status === 'ok' && manifest?.database?.damaged !== true && manifest?.trigger !== 'safety' && verification?.ok !== false,
  );
  const made = newest?.manifest && momentOf(newest.manifest);
  return made ? t('last good {0}', relativeTime(made, now, locale, 'narrow')) : t('none is good');
}

/** "1.2 MB of its own, 40 MB shared with other backups". */
export function sharesText({ ownBytes, sharedBytes }: { readonly ownBytes: number; readonly sharedBytes: number }, locale: string): string {
  const own = sizeText(ownBytes, locale);
  return sharedBytes === 0
    ? t('{0}, shared with no other backup', own)
    : t('{0} not shared, {1} shared with other backups', own, sizeText(sharedBytes, locale));
}

/** What is worth a warning; null: nothing. `warnAtMb` 0 switches the warning about the size off. */
export function storageWarning({ totalBytes, freeBytes }: Storage, warnAtMb: number, locale: string): string | null {
  if (freeBytes !== null && freeBytes < LOW_DISK_BYTES) {
    return t(
      'Only {0} are free on the disk with your backups. Existing backups are safe, but the next one may fail. Delete what you no longer need.',
      sizeText(freeBytes, locale),
    );
  }
  if (warnAtMb > 0 && totalBytes > warnAtMb * MB) {
    return t('Backups use {0}, more than patsBackup.warnAtSize. They are safe. Review which ones to delete.', sizeText(totalBytes, locale));
  }
  return null;
}
