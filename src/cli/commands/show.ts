// pats-backup show <name>
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { insideText } from '../text/inside';
import { manifestText } from '../text/manifest';

export const addShow: AddVerb = (program, run) => {
  program
    .command('show')
    .summary('show what is in a backup')
    .description('Shows what is in a backup, when and where it was made.')
    .argument('<name>', 'the name of the backup')
    .option('--tables', 'list its tables, with their numbers of rows')
    .action((name: string, { tables }: { tables?: boolean }) => {
      run(
        async (context) => {
          if (tables === true) {
            const inside = await context.engine.lookInside(context.project, { name });
            context.output.answer(inside.tables, insideText(inside));
            return EXIT.done;
          }
          const backup = await context.engine.show(context.project, { name });
          context.output.answer(backup, manifestText(backup, new Date()));
          return EXIT.done;
        },
        { isQuick: true },
      );
    });
};
