// pats-backup find <table> --where SQL
import { EXIT } from '../exit-codes';
import { foundText } from '../text/history';
import { warningsText } from '../text/warnings';
import type { AddVerb } from '../verb';

export const addFind: AddVerb = (program, run) => {
  program
    .command('find')
    .summary('find the newest backup that still has certain rows')
    .description('Finds the newest backup that still has rows of a table for which an SQL expression is true, and shows some of them.')
    .argument('<table>', 'the table')
    .requiredOption('--where <sql>', 'an SQL expression on the columns of the table, for example "id = 42"')
    .action((table: string, { where }: { where: string }) => {
      run(async (context) => {
        const found = await context.withProgress((progress) => context.engine.findRows(context.project, { table, where }, progress));
        context.output.note(warningsText(found.warnings));
        context.output.answer(found, foundText(found, new Date()));
        return EXIT.done;
      });
    });
};
