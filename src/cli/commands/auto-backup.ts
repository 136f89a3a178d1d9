// pats-backup auto-backup [--note TEXT] [--if-changed]: for scripts, git hooks and schedules
import type { CreateParams } from '../../engine/engine';
import type { Context } from '../context';
import { EXIT, type ExitCode } from '../exit-codes';
import type { AddVerb } from '../verb';
import { printable } from '../text/words';
import { createBackup } from './backup';

interface AutoBackupOptions {
  readonly note?: string;
  readonly ifChanged?: boolean;
}

export const addAutoBackup: AddVerb = (program, run) => {
  program
    .command('auto-backup')
    .summary('back up, named after the git branch and commit')
    .description('Backs up like "backup", under a name made of the time, the git branch and the commit.')
    .option('--note <text>', 'a note kept with the backup')
    .option('--if-changed', 'back up only when the newest good backup does not hold the present state')
    .action(({ note, ifChanged }: AutoBackupOptions) => {
      const params: CreateParams = { trigger: 'auto', ...(note !== undefined && { note }) };
      run((context) => (ifChanged ? createIfChanged(context, params) : createBackup(context, params)));
    });
};

/** What cannot be told is backed up. The answer is the backup that holds the present state, made now or before. */
async function createIfChanged(context: Context, params: CreateParams): Promise<ExitCode> {
  const { engine, project, output } = context;
  const { lastBackup, changedSinceBackup } = await context.untilCancelled(engine.status(project));
  if (lastBackup === null || changedSinceBackup !== false) {
    return createBackup(context, params);
  }
  const backup = await context.untilCancelled(engine.show(project, { name: lastBackup.name }));
  output.result(backup, `Nothing has changed since ${printable(lastBackup.name)}. No backup was needed.`);
  return EXIT.done;
}
