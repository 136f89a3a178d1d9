// pats-backup delete <name...> [--force]
import type { BackupEntry } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import { leftUndone } from '../../engine/warnings';
import { exitCodeOfResult } from '../exit-codes';
import type { AddVerb } from '../verb';
import { deletionText } from '../text/deletion';
import { warningsText } from '../text/warnings';
import { countOf } from '../text/words';

export const addDelete: AddVerb = (program, run) => {
  program
    .command('delete')
    .summary('delete backups for good')
    .description('Deletes backups for good. All names are checked before the first backup is touched.')
    .argument('<name...>', 'names of backups')
    .option('-f, --force', 'do not ask')
    .action((names: string[], options: { force?: boolean }) => {
      run(async (context) => {
        const { engine, project, output } = context;
        const force = options.force ?? false;
        context.requireForceWithoutTerminal(force, 'Deleting');
        if (!force) {
          const { backups } = await context.untilCancelled(engine.list(project));
          output.ask(deletionText(chosenOf(backups, names), new Date()));
          await context.confirmed(`Delete ${countOf(names.length, 'backup')}?`);
        }
        const deleted = await context.withProgress((progress) => engine.remove(project, { names }, progress));
        const warnings = leftUndone(names, deleted, 'deleted');
        output.note(warningsText(warnings));
        output.result({ deleted, warnings }, deleted.map((name) => `Deleted ${name}.`).join('\n'));
        return exitCodeOfResult({ warnings });
      });
    });
};

function chosenOf(backups: readonly BackupEntry[], names: readonly string[]): BackupEntry[] {
  return names.map((name) => {
    const entry = backups.find((backup) => backup.name === name);
    if (!entry) {
      throw new BackupError(
        'BACKUP_NOT_FOUND',
        `There is no backup named ${name}. Nothing was deleted.`,
        'Run "pats-backup list" for the names.',
      );
    }
    return entry;
  });
}
