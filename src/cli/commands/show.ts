// pats-backup show <name>
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { manifestText } from '../text/manifest';

export const addShow: AddVerb = (program, run) => {
  program
    .command('show')
    .summary('show what is in a backup')
    .description('Shows what is in a backup, when and where it was made.')
    .argument('<name>', 'the name of the backup')
    .action((name: string) => {
      run(
        async (context) => {
          const backup = await context.engine.show(context.project, { name });
          context.output.answer(backup, manifestText(backup, new Date()));
          return EXIT.done;
        },
        { isQuick: true },
      );
    });
};
