// pats-backup backup [name] [--note TEXT] [--allow-damaged]
import type { CreateParams } from '../../engine/engine';
import type { Context } from '../context';
import { EXIT, type ExitCode } from '../exit-codes';
import type { AddVerb } from '../verb';
import { createdText } from '../text/created';

export const addBackup: AddVerb = (program, run) => {
  program
    .command('backup')
    .summary('back up the database and the uploads')
    .description('Backs up the database and the uploads. Without a name the backup is named after the time.')
    .argument('[name]', 'the name of the new backup')
    .option('--note <text>', 'a note kept with the backup')
    .option('--allow-damaged', 'keep a copy of a damaged database as it is, marked as damaged')
    .action((name: string | undefined, options: { note?: string; allowDamaged?: boolean }) => {
      run((context) =>
        createBackup(context, {
          trigger: 'manual',
          ...(name !== undefined && { name }),
          ...(options.note !== undefined && { note: options.note }),
          ...(options.allowDamaged && { allowDamaged: true }),
        }),
      );
    });
};

/** Makes the backup and says what is in it; a file that could not be read makes it incomplete. */
export async function createBackup(context: Context, params: CreateParams): Promise<ExitCode> {
  const created = await context.withProgress((options) => context.engine.create(context.project, params, options));
  // What a backup leaves out belongs to its answer.
  const { uploadsLookLike } = (created.uploads?.length ?? 0) > 0 ? { uploadsLookLike: [] } : await context.engine.discover(context.project);
  context.output.result(
    uploadsLookLike.length > 0 ? { ...created, uploadsLookLike } : created,
    createdText(created, 'Created', uploadsLookLike),
  );
  return (created.partial?.length ?? 0) > 0 ? EXIT.incomplete : EXIT.done;
}
