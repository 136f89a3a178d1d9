// pats-backup recover [--dry-run]
import { EXIT } from '../exit-codes';
import { recoveryText } from '../text/recovery';
import type { AddVerb } from '../verb';

export const addRecover: AddVerb = (program, run) => {
  program
    .command('recover')
    .summary('finish or take back an interrupted restore')
    .description(
      'Finishes a restore that was interrupted when everything was in place, and takes any other one back. Exits with 1 when something is in the way.',
    )
    .option('--dry-run', 'only say what would be done')
    .action(({ dryRun = false }: { readonly dryRun?: boolean }) => {
      run(
        async (context) => {
          const recovery = await context.engine.recover(context.project, { dryRun }, { signal: context.signal });
          context.output.answer(recovery, recoveryText(recovery));
          return recovery.waiting === null || dryRun ? EXIT.done : EXIT.failed;
        },
        { changesNothing: true },
      );
    });
};
