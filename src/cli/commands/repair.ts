// pats-backup repair <name> [--dry-run]
import { EXIT, exitCodeOfRepair } from '../exit-codes';
import type { AddVerb } from '../verb';
import { repairText } from '../text/repair';

export const addRepair: AddVerb = (program, run) => {
  program
    .command('repair')
    .summary('replace damaged files of a backup by good ones')
    .description(
      'Replaces damaged files of a backup, in all backups that share them, from a good backup or from the live data, where the recorded hash proves that they are the same. Exits with 4 when some could not be repaired, with 1 when none could.',
    )
    .argument('<name>', 'the name of the backup')
    .option('--dry-run', 'only show what would be done')
    .action((name: string, { dryRun }: { dryRun?: boolean }) => {
      run(async (context) => {
        const { engine, project, output } = context;
        if (dryRun) {
          const planned = await context.withProgress((progress) => engine.planRepair(project, { name }, progress));
          output.answer(planned, repairText(planned, true));
          return EXIT.done;
        }
        const result = await context.withProgress((progress) => engine.repair(project, { name }, progress));
        output.result(result, repairText(result, false));
        return exitCodeOfRepair(result);
      });
    });
};
