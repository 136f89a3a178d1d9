// What the status bar says about the database, its schema and the newest backup.
import { t } from '@vscode/l10n';
import type { Status } from '../../engine/engine';
import { isSameRevision, revisionText } from './revision';
import type { Reader } from './reader';
import { relativeTo } from './restore';
import { schemaSentence, schemaWords } from './schema';
import { relativeTime } from './time';

export interface StatusText {
  /** May hold icons, as the status bar takes them. */
  readonly text: string;
  /** Full sentences, also for screen readers. */
  readonly sentence: string;
  readonly isWarning: boolean;
}

/** What a failed migration left, and the backup from before it. */
interface Failed {
  readonly left: readonly string[];
  readonly backup: string;
}

/** null: there is nothing to say, the item is hidden. */
export function statusText(status: Status, root: string, reader: Reader, failed?: Failed): StatusText | null {
  const { databasePlace = null } = status;
  if (status.database === null && databasePlace === null) {
    return null;
  }
  const file = databasePlace ?? fileName(status.database ?? '');
  const words = wordsOf(status, failed);
  const old = status.warnings.filter(({ code }) => code === 'NOT_CURRENT').map(({ message }) => message);
  const sentence = [placeSentence(status, root), ...old, failedSentence(failed), adviceSentence(status), backupSentence(status, reader)]
    .filter((part) => part !== '')
    .join(' ');
  if (words !== null) {
    return { text: `${words.isWarning ? '$(warning)' : '$(question)'} ${file}: ${words.text}`, sentence, isWarning: words.isWarning };
  }
  if (status.lastBackup === null) {
    return { text: t('$(database) {0}: no backup yet', file), sentence, isWarning: false };
  }
  if (!knowsFiles(status) && !isSameRevision(status.revisions, status.lastBackup.revisions)) {
    return { text: t('$(warning) {0}: revision differs from newest backup', file), sentence, isWarning: true };
  }
  return { text: `$(database) ${file}`, sentence, isWarning: false };
}

/** What a failed migration left matters more than what is pending. */
function wordsOf(status: Status, failed: Failed | undefined): ReturnType<typeof schemaWords> {
  return failed === undefined || status.state === 'half-applied'
    ? schemaWords(status)
    : { text: t('left by a failed migration: {0}', shortList(failed.left)), isWarning: true };
}

function shortList(left: readonly string[]): string {
  const [first = ''] = left;
  return left.length > 1 ? t('{0} and {1} more', first, left.length - 1) : first;
}

function failedSentence(failed: Failed | undefined): string {
  return failed === undefined
    ? ''
    : t('A migration failed and left: {0}. The state before is safe in “{1}”.', failed.left.join('; '), failed.backup);
}

/** Without migration files the newest backup is all that a revision can be compared with. */
function knowsFiles({ state }: Status): boolean {
  return state !== 'no-migrations' && state !== 'cannot-analyse';
}

function placeSentence(status: Status, root: string): string {
  const place = status.databasePlace ?? relativeTo(root, status.database ?? '');
  return knowsFiles(status)
    ? `${place}: ${schemaSentence(status)}`
    : t('The database {0} is at {1}.', place, revisionPhrase(status.revisions));
}

/** What to do about it, where that is clear. */
function adviceSentence(status: Status): string {
  switch (status.state) {
    case 'behind':
    case 'never-migrated':
      return status.pending.length === 0 ? '' : t('Next: {0}.', status.pending.map(({ title, revision }) => title || revision).join(', '));
    case 'several-heads':
      return t('Merge them first.');
    case 'half-applied':
      return t('Restore the backup from before the migration; only that undoes it completely.');
    case 'unknown-revision':
    case 'ahead':
    case 'diverged':
    case 'cannot-analyse':
      return status.problems.map(({ message }) => message).join(' ');
    case 'current':
    case 'no-migrations':
    case 'no-database':
      return '';
  }
}

function backupSentence(status: Status, reader: Reader): string {
  const { lastBackup } = status;
  if (lastBackup === null) {
    return t('It has not been backed up yet.');
  }
  const made = new Date(lastBackup.createdAt);
  const age = Number.isNaN(made.getTime()) ? lastBackup.createdAt : relativeTime(made, reader.now, reader.locale);
  const compared = isSameRevision(status.revisions, lastBackup.revisions)
    ? t('It is at the same revision as the newest backup “{0}” ({1}).', lastBackup.name, age)
    : t('The newest backup “{0}” ({1}) is at {2}.', lastBackup.name, age, revisionPhrase(lastBackup.revisions));
  return `${compared} ${changeSentence(status.changedSinceBackup)}`.trim();
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
