// pats-backup diff <name> [other]
import type { CompareParams, ComparedPart, Comparison } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import { EXIT } from '../exit-codes';
import { comparisonText } from '../text/comparison';
import { warningsText } from '../text/warnings';
import { wholeNumber } from '../whole-number';
import type { AddVerb } from '../verb';

interface Options {
  readonly stat?: boolean;
  readonly table?: readonly string[];
  readonly schema?: boolean;
  readonly onlyUploads?: boolean;
  readonly limit?: number;
  readonly all?: boolean;
  readonly exitCode?: boolean;
}

/** Rows of each table that are shown unless --limit says otherwise. */
const SHOWN_ROWS = 10;

export const addDiff: AddVerb = (program, run) => {
  program
    .command('diff')
    .summary('show what differs between two states')
    .description(
      'Shows what would change if a backup were restored now, or what differs between two backups or dumps: + comes, - goes, ~ changes. Folders of uploads are named before the verb: pats-backup --uploads <dir> diff <name>.',
    )
    .argument('<name>', 'a backup, or a dump in the backups folder')
    .argument('[other]', 'a second one: the difference from the first to it')
    .option('--stat', 'only counts')
    .option('--table <name...>', 'only these tables')
    .option('--schema', 'only the schema, with its statements')
    .option('--only-uploads', 'only the uploaded files; --uploads after the verb is the same')
    .option('--limit <n>', `show at most n rows of each table (default: ${SHOWN_ROWS}); with --json only then`, wholeNumber)
    .option('--all', 'also tables that do not differ')
    .option('--exit-code', 'exit with 1 when anything differs')
    .action((name: string, other: string | undefined, options: Options) => {
      run(async (context) => {
        const params = paramsOf(name, other, options, context.output.mode.json);
        const comparison = await context.withProgress((progress) => context.engine.compare(context.project, params, progress));
        context.output.note(warningsText(comparison.warnings));
        context.output.answer(documentOf(comparison, options.limit !== undefined), comparisonText(comparison, options));
        return options.exitCode === true && isDifferent(comparison) ? EXIT.failed : EXIT.done;
      });
    });
};

function paramsOf(name: string, other: string | undefined, options: Options, json: boolean): CompareParams {
  const parts: ComparedPart[] = [
    ...(options.schema ? (['schema'] as const) : []),
    ...(options.table ? (['tables'] as const) : []),
    ...(options.onlyUploads ? (['uploads'] as const) : []),
  ];
  if (options.stat && options.limit !== undefined) {
    throw new BackupError('USAGE', '--stat shows no rows, so that --limit means nothing.', 'Leave one of them out.');
  }
  const limit = options.limit ?? (options.stat || json ? 0 : SHOWN_ROWS);
  return {
    from: other === undefined ? null : name,
    to: other ?? name,
    ...(parts.length > 0 && { parts }),
    ...(options.table && { tables: options.table }),
    ...(options.all && { all: true }),
    ...(limit > 0 && { limit }),
  };
}

/** What `diff --json` prints: rows only where a limit was given, of a changed object its new statement. */
function documentOf(comparison: Comparison, withRows: boolean): unknown {
  const { from, to, schema, tables, uploads, revisions, warnings } = comparison;
  const plain = (table: Comparison['tables'][number]): unknown => {
    const { columns = [], rows = [], key = [], ...counts } = table;
    return withRows ? { ...counts, columns, key, rows } : counts;
  };
  const changed = schema.changed.map(({ type, name, sql }) => ({ type, name, sql }));
  return { from, to, schema: { ...schema, changed }, tables: tables.map(plain), uploads, revisions, warnings };
}

/** Whether the states differ; what could not be compared counts as a difference. */
function isDifferent({ schema, tables, uploads, warnings }: Comparison): boolean {
  const rows = tables.some(({ added, removed, changed, onlyBefore, onlyAfter }) => {
    return added + removed + changed > 0 || onlyBefore !== undefined || onlyAfter !== undefined;
  });
  const lists = [schema.added, schema.removed, schema.changed, uploads.added, uploads.removed, uploads.changed, warnings];
  return rows || lists.some((list) => list.length > 0);
}
