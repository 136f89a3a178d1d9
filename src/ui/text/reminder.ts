// The words of the reminders: before a migration, and after a branch switch.
import { t } from '@vscode/l10n';
import type { RevisionLocation, Status } from '../../engine/engine';
import { revisionText } from './revision';

/** Why it is thought about: a migration became pending, or a command that applies migrations was started. */
export type Occasion = 'pending' | 'command';

/** Why a backup is wanted now. */
export function reminderText(status: Status, occasion: Occasion): string {
  const why =
    status.lastBackup === null
      ? t('there is no backup yet')
      : t('the current state has not been backed up (newest: “{0}”)', status.lastBackup.name);
  if (occasion === 'command') {
    return t('A migration was started, but {0}. Back up now to keep the database as it is at this moment.', why);
  }
  const [first] = status.pending;
  const name = first === undefined ? '' : first.title || first.revision;
  return status.pending.length === 1
    ? t('The migration “{0}” is pending, but {1}. Back up before you apply it.', name, why)
    : t('{0} migrations are pending, but {1}. Back up before you apply them.', status.pending.length, why);
}

/** After a checkout whose files do not know the database's revision. */
export function foreignText(status: Status, backup: string | null, place: RevisionLocation | null): string {
  const parts = [
    t('The database is at revision {0}, which is not in the migration files of this checkout.', revisionText(status.revisions)),
    place === null ? '' : placeText(place),
    backup === null
      ? t('No backup matches these migration files: check out the code that has this revision, or keep the data.')
      : t('The newest matching backup is “{0}”. If you restore it, the current data is kept in a safety backup.', backup),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Where git has the revision. */
export function placeText({ revision, branches, commit }: RevisionLocation): string {
  const short = commit.slice(0, 7);
  return branches.length === 0
    ? t('Revision {0} is in commit {1}.', revision, short)
    : t('Revision {0} is in commit {1} on {2}.', revision, short, branches.slice(0, 3).join(', '));
}
