// pats-backup auto-backup: for scripts, git hooks and schedules
import type { AddVerb } from '../verb';
import { createBackup } from './backup';

export const addAutoBackup: AddVerb = (program, run) => {
  program
    .command('auto-backup')
    .summary('back up, named after the git branch and commit')
    .description('Backs up like "backup", under a name made of the time, the git branch and the commit.')
    .option('--note <text>', 'a note kept with the backup')
    .action((options: { note?: string }) => {
      run((context) => createBackup(context, { trigger: 'auto', ...(options.note !== undefined && { note: options.note }) }));
    });
};
