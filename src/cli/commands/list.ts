// pats-backup list
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../program';
import { listText } from '../text/list';

export const addList: AddVerb = (program, run) => {
  program
    .command('list')
    .summary('list the backups, newest first')
    .description('Lists the backups, newest first, and the SQL dumps (text only).')
    .action(() => {
      run(async (context) => {
        const list = await context.untilCancelled(context.engine.list(context.project));
        context.output.answer(list.backups, listText(list, new Date(), context.output.width));
        return EXIT.done;
      });
    });
};
