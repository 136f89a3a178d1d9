// The question before an SQL dump replaces the database.
import { t } from '@vscode/l10n';
import type { Question } from './restore';

export function dumpQuestion(name: string): Question {
  return {
    message: t('Restore the SQL dump “{0}”?', name),
    detail: [
      t('The database is replaced by what the dump holds. Uploads stay as they are.'),
      t('The dump is loaded aside and checked first; statements that reach outside of it are refused.'),
      t('A safety backup of the current state is taken first. “Undo Last Restore” goes back to it.'),
    ].join('\n\n'),
    button: t('Restore'),
  };
}
