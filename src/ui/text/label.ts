// What a backup is called in lists: the words of a person where there are some, else what it was made for.
import { t } from '@vscode/l10n';
import type { BackupEntry, Manifest } from '../../engine/engine';

/** Names that nobody chose. */
const GIVEN_NAME = /^(auto|pre_migration|pre_restore|scheduled|agent|backup)_\d{8}_\d{6}(_.*)?$/;

/** Its own name or note; "Before migration", "Before restore of demo", "main - add reminders". `others`: where a safety backup's restore is looked up. */
export function backupLabel(entry: BackupEntry, others: readonly BackupEntry[] = []): string {
  const { name, status, manifest } = entry;
  if (status === 'incomplete' || manifest === undefined || !GIVEN_NAME.test(name)) {
    return name;
  }
  const note = manifest.note?.split('\n', 1)[0]?.trim() ?? '';
  if (note !== '' && !isEnginesOwn(note, manifest)) {
    return note;
  }
  switch (manifest.trigger) {
    case 'pre-migration':
      return t('Before migration');
    case 'safety':
      return safetyLabel(manifest, others);
    case 'scheduled':
      return t('Scheduled');
    case 'agent':
      return t('By a coding agent');
    case 'auto':
    case 'manual':
    case undefined:
      return gitLabel(manifest) ?? name;
  }
}

/** What a restore notes on its safety backup says in English what the label says. */
function isEnginesOwn(note: string, { trigger, safety }: Manifest): boolean {
  return trigger === 'safety' && safety !== undefined && note === `Before the restore of ${safety.restored}`;
}

/** "Before restore of demo"; before an undo, which restores a safety backup, "Before undo". */
function safetyLabel({ safety }: Manifest, others: readonly BackupEntry[]): string {
  const restored = others.find(({ name }) => name === safety?.restored);
  if (safety === undefined) {
    return t('Before restore');
  }
  return restored?.manifest?.trigger === 'safety' || safety.restored.startsWith('pre_restore_')
    ? t('Before undo of a restore')
    : t('Before restore of {0}', restored === undefined ? safety.restored : backupLabel(restored));
}

/** "main - add reminders", with git's * when files were changed; null: there was no git. */
function gitLabel({ git }: Manifest): string | null {
  if (git === null || git === undefined) {
    return null;
  }
  const branch = `${git.branch ?? t('detached HEAD')}${git.dirty ? '*' : ''}`;
  const what = git.subject ?? git.commit?.slice(0, 7) ?? '';
  return what === '' ? branch : `${branch} - ${what}`;
}
