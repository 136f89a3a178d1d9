// pats-backup restore <name> [--force] [--database-only|--uploads-only] [--table T...] [--file PATH...] [--dry-run]
import { Option } from 'commander';
import type { RestoreParams, RestorePlan, RestoreResult } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import type { Context } from '../context';
import { EXIT, exitCodeOfResult, type ExitCode } from '../exit-codes';
import type { AddVerb } from '../verb';
import { containerText, planText } from '../text/plan';
import { restoredText } from '../text/restored';
import { warningsText } from '../text/warnings';

interface RestoreOptions {
  readonly force?: boolean;
  readonly databaseOnly?: boolean;
  readonly uploadsOnly?: boolean;
  readonly dryRun?: boolean;
  readonly evenIfDamaged?: boolean;
  readonly table?: readonly string[];
  readonly where?: string;
  readonly missing?: boolean;
  readonly file?: readonly string[];
}

/** An application that writes all the time is restored over after that: its last rows are in the safety backup. */
const MOST_QUESTIONS = 3;

/** What says that everything is meant. */
const WHOLE = ['databaseOnly', 'uploadsOnly'];

export const addRestore: AddVerb = (program, run) => {
  program
    .command('restore')
    .summary('bring a backup back')
    .description(
      'Brings the database and the uploads of a backup back, or only some tables, rows or files of it. A safety backup of the current state is created first.',
    )
    .argument('<name>', 'the name of the backup')
    .option('-f, --force', 'do not ask')
    .addOption(new Option('--database-only', 'leave the uploads as they are').conflicts('uploadsOnly'))
    .option('--uploads-only', 'leave the database as it is')
    .addOption(new Option('--table <name...>', 'only these tables; the rest of the database stays as it is').conflicts(WHOLE))
    .option('--where <sql>', 'of one table only rows for which this SQL expression is true')
    .option('--missing', 'only rows that are gone: nothing else is touched')
    .addOption(new Option('--file <path...>', 'only these uploaded files, as diff shows them').conflicts(WHOLE))
    .option('--dry-run', 'only show what would be done')
    .option('--even-if-damaged', 'restore although the backup fails its verification')
    .action((name: string, options: RestoreOptions) => {
      run((context) => restore(context, paramsOf(name, options), options));
    });
};

function paramsOf(name: string, options: RestoreOptions): RestoreParams {
  const scope = options.databaseOnly ? 'database' : options.uploadsOnly ? 'uploads' : 'all';
  const { table: tables, where, missing, file: files } = options;
  const part = { ...(tables && { tables }), ...(where !== undefined && { where }), ...(missing && { missing }), ...(files && { files }) };
  return { name, scope, ...part, ...(options.evenIfDamaged && { ignoreDamage: true }) };
}

async function restore(context: Context, params: RestoreParams, options: RestoreOptions): Promise<ExitCode> {
  const { engine, project, output } = context;
  const force = options.force ?? false;
  const plan = (): Promise<RestorePlan> =>
    context.untilCancelled(context.withProgress((progress) => engine.planRestore(project, params, progress)));
  if (options.dryRun) {
    const planned = await plan();
    output.answer(planned, planText(planned, project.root, new Date()));
    return EXIT.done;
  }
  context.requireForceWithoutTerminal(force, 'A restore');
  for (let times = 1; ; times++) {
    let seen: string | undefined;
    if (!force) {
      const planned = await plan();
      const container = planned.database === 'untouched' ? null : await context.untilCancelled(engine.container(project));
      output.ask(`${planText(planned, project.root, new Date())}${containerText(container)}`);
      // The engine refuses a damaged backup: then there is nothing to ask.
      if (planned.problems.length === 0 || options.evenIfDamaged) {
        await context.confirmed('Restore?');
      }
      seen = times < MOST_QUESTIONS ? planned.live : undefined;
    }
    try {
      const agreed = { ...params, ...(seen !== undefined && { seen }) };
      return finishRestore(context, await context.withProgress((progress) => engine.restore(project, agreed, progress)));
    } catch (error) {
      if (!(error instanceof BackupError) || error.code !== 'STATE_CHANGED') {
        throw error;
      }
      output.ask(error.message);
    }
  }
}

/** Says what a restore or an undo did; what is not there afterwards makes it incomplete. */
export function finishRestore(context: Context, result: RestoreResult): ExitCode {
  context.output.note(warningsText(result.warnings));
  context.output.result(result, restoredText(result));
  return exitCodeOfResult(result);
}
