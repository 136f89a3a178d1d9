// pats-backup log <table> [--where SQL]
import { EXIT } from '../exit-codes';
import { tableLogText } from '../text/history';
import { warningsText } from '../text/warnings';
import type { AddVerb } from '../verb';

export const addLog: AddVerb = (program, run) => {
  program
    .command('log')
    .summary('show how many rows of a table each backup holds')
    .description('Shows how many rows of a table each backup holds, newest first, and where that number changed.')
    .argument('<table>', 'the table')
    .option('--where <sql>', 'count only rows for which this SQL expression is true')
    .action((table: string, { where }: { where?: string }) => {
      run(async (context) => {
        const params = { table, ...(where !== undefined && { where }) };
        const log = await context.withProgress((progress) => context.engine.logTable(context.project, params, progress));
        context.output.note(warningsText(log.flatMap(({ warnings }) => warnings)));
        context.output.answer(log, tableLogText(log, new Date(), context.output.width));
        return EXIT.done;
      });
    });
};
