// What the status bar says about the database and the newest backup.
import { t } from '@vscode/l10n';
import type { Status } from '../../engine/engine';
import { isSameRevision, revisionText } from './revision';
import type { Reader } from './backup';
import { relativeTo } from './restore';
import { relativeTime } from './time';

export interface StatusText {
  /** May hold icons, as the status bar takes them. */
  readonly text: string;
  /** Full sentences, also for screen readers. */
  readonly sentence: string;
  readonly isWarning: boolean;
}

/** null: there is nothing to say, the item is hidden. */
export function statusText(status: Status, root: string, reader: Reader): StatusText | null {
  if (status.database === null) {
    return null;
  }
  const file = fileName(status.database);
  const place = relativeTo(root, status.database);
  const { lastBackup } = status;
  if (lastBackup === null) {
    return {
      text: t('$(database) {0}: no backup yet', file),
      sentence: t('The database {0} is at {1}. There is no backup of it yet.', place, revisionPhrase(status.revisions)),
      isWarning: false,
    };
  }
  const made = new Date(lastBackup.createdAt);
  const age = Number.isNaN(made.getTime()) ? lastBackup.createdAt : relativeTime(made, reader.now, reader.locale);
  if (isSameRevision(status.revisions, lastBackup.revisions)) {
    return {
      text: `$(database) ${file}`,
      sentence: [
        t('The database {0} is at {1}, like the newest backup “{2}” ({3}).', place, revisionPhrase(status.revisions), lastBackup.name, age),
        changeSentence(status.changedSinceBackup),
      ]
        .join(' ')
        .trim(),
      isWarning: false,
    };
  }
  return {
    text: t('$(warning) {0}: revision differs from newest backup', file),
    sentence: t(
      'The database {0} is at {1}; the newest backup “{2}” ({3}) is at {4}. Create a backup to keep the current state.',
      place,
      revisionPhrase(status.revisions),
      lastBackup.name,
      age,
      revisionPhrase(lastBackup.revisions),
    ),
    isWarning: true,
  };
}

function changeSentence(changed: boolean | null): string {
  if (changed === null) {
    return '';
  }
  return changed ? t('Data has changed since.') : t('Nothing has changed since.');
}

function revisionPhrase(revisions: readonly string[]): string {
  return revisions.length === 0 ? t('no revision') : t('revision {0}', revisionText(revisions));
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
