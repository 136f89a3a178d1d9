// pats-backup diff <name> [other]
import { EXIT } from '../exit-codes';
import { repeated } from '../repeated';
import { comparisonText } from '../text/comparison';
import type { AddVerb } from '../verb';

interface Options {
  readonly stat?: boolean;
  readonly table?: readonly string[];
  readonly schema?: boolean;
  readonly uploads?: boolean;
  readonly all?: boolean;
  readonly exitCode?: boolean;
}

export const addDiff: AddVerb = (program, run) => {
  program
    .command('diff')
    .summary('show what differs between two states')
    .description('Shows what would change if a backup were restored now, or what differs between two backups or dumps.')
    .argument('<name>', 'a backup, or a dump in the backups folder')
    .argument('[other]', 'a second one: the difference from the first to it')
    .option('--stat', 'only counts')
    .option('--table <name>', 'only this table; may be repeated', repeated)
    .option('--schema', 'only the schema')
    .option('--changed-uploads', 'only the uploaded files')
    .option('--all', 'also tables that do not differ')
    .option('--exit-code', 'exit with 1 when anything differs')
    .action((name: string, other: string | undefined, options: Options) => {
      run(async (context) => {
        const params = {
          from: other === undefined ? null : name,
          to: other ?? name,
          ...(options.table === undefined ? {} : { tables: options.table }),
          ...(options.all === true && { all: true }),
        };
        const comparison = await context.withProgress((progress) => context.engine.compare(context.project, params, progress));
        context.output.answer(comparison, comparisonText(comparison, options));
        return options.exitCode === true && isDifferent(comparison) ? EXIT.failed : EXIT.done;
      });
    });
};

function isDifferent({ schema, tables, uploads }: Parameters<typeof comparisonText>[0]): boolean {
  return [schema.added, schema.removed, schema.changed, tables, uploads.added, uploads.removed, uploads.changed].some(
    (list) => list.length > 0,
  );
}
