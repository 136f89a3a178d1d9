// The schema state as a sentence.
import { t } from '@vscode/l10n';
import type { SchemaState } from '../../engine/migrations/schema';
import { revisionText } from './revision';

/** Where the database stands against the migration files, as one full sentence. */
export function schemaSentence(schema: Pick<SchemaState, 'state' | 'revisions' | 'heads' | 'pending'>): string {
  const revision = revisionText(schema.revisions);
  switch (schema.state) {
    case 'current':
      return t('The database is at revision {0}, the newest in the migration files.', revision);
    case 'behind':
      return schema.pending.length === 1
        ? t('The database is at revision {0}; 1 migration is pending.', revision)
        : t('The database is at revision {0}; {1} migrations are pending.', revision, schema.pending.length);
    case 'ahead':
      return t('The database is at revision {0}, newer than the migration files.', revision);
    case 'diverged':
      return t('The database is at revision {0} and has migrations that the files do not have, and the other way round.', revision);
    case 'unknown-revision':
      return t('The database is at revision {0}, which the migration files do not know: another branch?', revision);
    case 'several-heads':
      return t('The migration files have several newest revisions: {0}.', revisionText(schema.heads));
    case 'half-applied':
      return t('A migration was applied only half; the database is at revision {0}.', revision);
    case 'never-migrated':
      return t('No migration was ever applied to the database.');
    case 'no-migrations':
      return t('No migrations were found in the project.');
    case 'no-database':
      return t('There is no database.');
    case 'cannot-analyse':
      return t('Where the database stands against the migration files could not be determined.');
  }
}
