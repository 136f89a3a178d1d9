// The question before an SQL dump replaces the database.
import { t } from '@vscode/l10n';
import type { Question } from './restore';

export function dumpQuestion(name: string): Question {
  return {
    message: t('Restore the SQL dump “{0}”?', name),
    detail: [
      t('The database will be replaced with the contents of the dump. Uploads are not changed.'),
      t('The dump is first loaded into a separate file and checked; statements that access other files are rejected.'),
      t('A safety backup of the current state is created first. “Undo Last Restore” brings it back.'),
    ].join('\n\n'),
    button: t('Restore'),
  };
}
