// The schema state as a sentence.
import type { FileRelation, MigrationCommands, SchemaState } from '../../engine/engine';
import { t } from '@vscode/l10n';
import { revisionText } from './revision';

/** Where the database stands against the migration files, as one full sentence. */
export function schemaSentence(schema: Pick<SchemaState, 'state' | 'revisions' | 'heads' | 'pending'>): string {
  const revision = revisionText(schema.revisions);
  switch (schema.state) {
    case 'current':
      return t('The database is at revision {0}, the latest migration.', revision);
    case 'behind':
      return schema.pending.length === 1
        ? t('The database is at revision {0}; 1 migration is pending.', revision)
        : t('The database is at revision {0}; {1} migrations are pending.', revision, schema.pending.length);
    case 'ahead':
      return t('The database is at revision {0}, newer than the migration files.', revision);
    case 'diverged':
      return t(
        'The database is at revision {0}. It has migrations that the migration files lack, and lacks some that they have.',
        revision,
      );
    case 'unknown-revision':
      return t('The database is at revision {0}, which is not in the migration files. It may belong to another branch.', revision);
    case 'several-heads':
      return t('The migration files have several heads: {0}.', revisionText(schema.heads));
    case 'half-applied':
      return t('A migration was only partly applied; the database is at revision {0}.', revision);
    case 'never-migrated':
      return t('No migration has been applied to the database yet.');
    case 'no-migrations':
      return t('No migrations were found in this project.');
    case 'no-database':
      return t('There is no database.');
    case 'cannot-analyse':
      return t('Could not compare the database with the migration files.');
  }
}

/** What is not as it should be, in a few words for the status bar and the view; null: all is well. */
export function schemaWords(
  schema: Pick<SchemaState, 'state' | 'revisions' | 'heads' | 'pending'>,
): { readonly text: string; readonly isWarning: boolean } | null {
  const warning = (text: string): { text: string; isWarning: boolean } => ({ text, isWarning: true });
  const revision = revisionText(schema.revisions.map((id) => (/^[0-9a-f]{12,}$/.test(id) ? id.slice(0, 8) : id)));
  switch (schema.state) {
    case 'behind':
      return warning(pendingWords(schema.pending.length));
    case 'never-migrated':
      return schema.pending.length > 0 ? warning(t('never migrated, {0}', pendingWords(schema.pending.length))) : null;
    case 'ahead':
      return warning(t('revision {0} is newer than the migration files', revision));
    case 'diverged':
      return warning(t('revision {0} is on a different branch', revision));
    case 'unknown-revision':
      return warning(t('unknown revision {0} (another branch?)', revision));
    case 'several-heads':
      return warning(t('several heads, merge them first'));
    case 'half-applied':
      return warning(t('partly applied migration'));
    case 'no-database':
      return warning(t('database is missing'));
    case 'cannot-analyse':
      return { text: t('schema state unknown'), isWarning: false };
    case 'current':
    case 'no-migrations':
      return null;
  }
}

/** "1 migration pending", "2 migrations pending". */
export function pendingWords(count: number): string {
  return count === 1 ? t('1 migration pending') : t('{0} migrations pending', count);
}

/** How a backup's revision relates to the migration files here, in words; empty where there is nothing to compare. */
export function relationWords(relation: FileRelation | undefined): string {
  switch (relation?.relation) {
    case 'equal':
      return t('up to date');
    case 'behind':
      return relation.behind === 1 ? t('1 migration behind') : t('{0} migrations behind', relation.behind);
    case 'unknown':
      return t('unknown revision');
    case 'none':
    case undefined:
      return '';
  }
}

/** At most two characters beside the row; the words say the same. */
export function relationBadge(relation: FileRelation | undefined): string {
  switch (relation?.relation) {
    case 'equal':
      return '=';
    case 'behind':
      return relation.behind > 9 ? '9+' : `−${relation.behind}`;
    case 'unknown':
      return '?';
    case 'none':
    case undefined:
      return '';
  }
}

/** What a command of the project's migration tool is for. */
export function commandLabel(name: keyof MigrationCommands): string {
  switch (name) {
    case 'show':
      return t('Show the state');
    case 'apply':
      return t('Apply the migrations');
    case 'mark':
      return t('Correct the record');
  }
}
