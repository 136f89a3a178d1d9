// The words around "Migrate With Backup": what came of it, and why it cannot start.
import { t } from '@vscode/l10n';
import type { CreatedBackup, LiveCheck, Status } from '../../engine/engine';
import { isSameRevision, revisionText } from './revision';
import { pendingWords, schemaSentence } from './schema';

export type SchemaChange = LiveCheck['schemaChanges'][number];

export interface Evidence {
  /** undefined: the command was ended before it said anything. */
  readonly exitCode: number | undefined;
  readonly backup: Pick<CreatedBackup, 'backup_name' | 'database'>;
  readonly before: Pick<Status, 'revisions'>;
  /** null: could not be read. */
  readonly after: (Pick<Status, 'revisions' | 'state' | 'pending' | 'halfApplied'> & Partial<Pick<Status, 'stateKey'>>) | null;
  /** null: could not be run. */
  readonly check: LiveCheck | null;
  /** Whether the database is byte for byte what it was, as far as its sizes and times tell. */
  readonly isUntouched?: boolean;
}

/** Something that speaks against keeping the database as it is now. */
export type Trouble =
  | { readonly kind: 'exit'; readonly exitCode: number | undefined }
  | { readonly kind: 'half-applied'; readonly traces: readonly string[] }
  | { readonly kind: 'left-behind'; readonly changes: readonly SchemaChange[] }
  | { readonly kind: 'damaged'; readonly problems: readonly string[] }
  | { readonly kind: 'foreign-keys'; readonly count: number }
  | { readonly kind: 'unreadable' };

/** Why a command cannot start. */
export type Missing =
  { readonly kind: 'program'; readonly program: string } | { readonly kind: 'service'; readonly service: string; readonly start: string };

/** How many changes of the schema are worth a word in a message. */
const MOST_NAMED = 3;

/** After a success: the new revision, what was checked, and the backup from before. */
export function migratedText({ backup, before, after }: Evidence): string {
  const parts = [
    after === null || isSameRevision(before.revisions, after.revisions)
      ? t('The migration command succeeded, but the revision is still {0}.', revisionText(before.revisions))
      : t('Migrated from {0} to {1}.', revisionText(before.revisions), revisionText(after.revisions)),
    after !== null && after.pending.length > 0 ? t('Still {0}.', pendingWords(after.pending.length)) : '',
    t('SQLite’s checks found nothing wrong. The state before is in “{0}”.', backup.backup_name),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** After a failure: what happened, what is safe, what a restore does. */
export function failedMigrationText(evidence: Evidence, found: readonly Trouble[]): string {
  const { backup, before, after } = evidence;
  if (isHarmless(evidence, found)) {
    return [...found.map(troubleText), t('Nothing was changed.')].join(' ');
  }
  const moved = after !== null && !isSameRevision(before.revisions, after.revisions);
  const parts = [
    ...found.map(troubleText),
    moved ? t('The database is at revision {0} now.', revisionText(after.revisions)) : '',
    found.every(({ kind }) => kind === 'exit') && isUntouched(evidence) ? t('Revision and schema are as before.') : '',
    t(
      'The state before the migration is safe in “{0}”. Restore brings that database back; anything written since is kept in a safety backup.',
      backup.backup_name,
    ),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Whether a command that failed left everything as it was: there is nothing to restore. */
export function isHarmless({ isUntouched = false }: Evidence, found: readonly Trouble[]): boolean {
  return isUntouched && found.every(({ kind }) => kind === 'exit');
}

/** Why a command cannot start; the command and what is missing. */
export function cannotStartText(command: string, missing: Missing): string {
  return [missingText(missing), t('The migration command cannot start: {0}', command), t('Nothing was changed.')].join(' ');
}

/** What runs in the place of a command that cannot start. */
export function insteadText(command: string, missing: Missing): string {
  return [missingText(missing), t('Running on this computer instead: {0}', command)].join(' ');
}

function missingText(missing: Missing): string {
  return missing.kind === 'program'
    ? t('“{0}” is not installed or not on the PATH.', missing.program)
    : t('The service “{0}” is not running (start it with: {1}).', missing.service, missing.start);
}

function isUntouched({ before, after, check }: Evidence): boolean {
  return after !== null && check?.schemaChanges.length === 0 && isSameRevision(before.revisions, after.revisions);
}

function troubleText(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'exit':
      return exitText(trouble.exitCode);
    case 'half-applied':
      return [t('It was only partly applied.'), ...trouble.traces].join(' ');
    case 'left-behind':
      return t('The revision is the same as before, but the schema is not: {0}.', changesText(trouble.changes));
    case 'damaged':
      return t('The database is damaged: {0}', trouble.problems.slice(0, 3).join('; '));
    case 'foreign-keys':
      return trouble.count === 1
        ? t('A row now refers to a row that does not exist.')
        : t('{0} rows now refer to rows that do not exist.', trouble.count);
    case 'unreadable':
      return t('The database could not be checked afterwards.');
  }
}

/** What a shell says when it finds no such program, or may not run it (POSIX, 2.8.2). */
const NOT_STARTED: readonly number[] = [126, 127];

function exitText(exitCode: number | undefined): string {
  if (exitCode === undefined) {
    return t('The migration command was stopped before it finished.');
  }
  return NOT_STARTED.includes(exitCode)
    ? t('The migration command could not start (exit code {0}): a program that it needs is missing.', exitCode)
    : t('The migration failed (exit code {0}).', exitCode);
}

/** "new table half; changed table notes"; the rest is counted. */
function changesText(changes: readonly SchemaChange[]): string {
  const named = changes.slice(0, MOST_NAMED).map((change) => changeText(change));
  const rest = changes.length - named.length;
  return [...named, ...(rest > 0 ? [t('and {0} more', rest)] : [])].join('; ');
}

/** What a failed migration left, for the view and the status bar; empty: nothing that is known. */
export function leftBehind(evidence: Evidence, found: readonly Trouble[]): readonly string[] {
  const { before, after } = evidence;
  const isMoved = after !== null && !isSameRevision(before.revisions, after.revisions);
  const left = found.flatMap((trouble): readonly string[] => {
    switch (trouble.kind) {
      case 'half-applied':
        return trouble.traces;
      case 'left-behind':
        return trouble.changes.map((change) => changeText(change));
      case 'damaged':
        return trouble.problems.slice(0, MOST_NAMED);
      case 'foreign-keys':
        return [troubleText(trouble)];
      case 'exit':
        return isMoved ? [t('revision {0}', revisionText(after.revisions))] : [];
      case 'unreadable':
        return [];
    }
  });
  return [...new Set(left)];
}

function changeText({ kind, type, name, columns }: SchemaChange): string {
  const [added, removed] = [columns?.added.join(', ') ?? '', columns?.removed.join(', ') ?? ''];
  if (added !== '' && removed === '') {
    return t('new in {0} “{1}”: {2}', type, name, added);
  }
  if (removed !== '') {
    return added === ''
      ? t('gone from {0} “{1}”: {2}', type, name, removed)
      : t('new in {0} “{1}”: {2}; gone: {3}', type, name, added, removed);
  }
  switch (kind) {
    case 'added':
      return t('new {0} “{1}”', type, name);
    case 'removed':
      return t('{0} “{1}” is gone', type, name);
    case 'changed':
      return t('changed {0} “{1}”', type, name);
  }
}

/** Why there is nothing to run, and what to do instead. */
export function noCommandText(status: Status): { readonly message: string; readonly remedy: string } {
  const message = schemaSentence(status);
  switch (status.state) {
    case 'half-applied':
      return { message, remedy: t('Restore the backup from before the failed migration, fix the migration, then try again.') };
    case 'current':
      return { message, remedy: t('There is nothing to migrate.') };
    case 'unknown-revision':
    case 'ahead':
    case 'diverged':
      return { message, remedy: t('Check out the code that has this revision, or restore a backup that matches these migration files.') };
    case 'behind':
    case 'several-heads':
    case 'never-migrated':
    case 'no-migrations':
    case 'no-database':
    case 'cannot-analyse':
      return { message, remedy: status.commandProblem ?? t('Set the migration command in patsBackup.migrateCommand.') };
  }
}
