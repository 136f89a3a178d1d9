// pats-backup prune [--keep-last N] ... [--max-bytes N] [--dry-run] [--force]
import { InvalidArgumentError } from 'commander';
import type { PruneDecision, RetentionPolicy, Warned, Warning } from '../../engine/engine';
import { leftUndone } from '../../engine/warnings';
import type { Context } from '../context';
import { EXIT, exitCodeOfResult, type ExitCode } from '../exit-codes';
import type { AddVerb } from '../verb';
import { pruneText } from '../text/prune';
import { warningsText } from '../text/warnings';
import { countOf } from '../text/words';

interface PruneOptions extends RetentionPolicy {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export const addPrune: AddVerb = (program, run) => {
  program
    .command('prune')
    .summary('remove the backups that retention does not keep')
    .description(
      'Removes the backups that no rule keeps. Options override the settings (patsBackup.retention). Pinned backups always stay.',
    )
    .option('--keep-last <n>', 'keep the newest ones', wholeNumber)
    .option('--keep-hourly <n>', 'keep the last one of each hour', wholeNumber)
    .option('--keep-daily <n>', 'keep the last one of each day', wholeNumber)
    .option('--keep-weekly <n>', 'keep the last one of each week', wholeNumber)
    .option('--keep-monthly <n>', 'keep the last one of each month', wholeNumber)
    .option('--keep-days <n>', 'keep those of the last days', wholeNumber)
    .option('--max-bytes <n>', 'remove the oldest until all together take no more', wholeNumber)
    .option('--dry-run', 'only show what would be removed, and why')
    .option('-f, --force', 'do not ask')
    .action((options: PruneOptions) => {
      run((context) => prune(context, options));
    });
};

async function prune(context: Context, { dryRun, force, ...policy }: PruneOptions): Promise<ExitCode> {
  const { engine, project, output } = context;
  const params = Object.keys(policy).length > 0 ? { policy } : {};
  if (!dryRun) {
    context.requireForceWithoutTerminal(force ?? false, 'Pruning');
  }
  const decisions = await context.untilCancelled(engine.planPrune(project, params));
  const names = decisions.filter((decision) => decision.action === 'remove').map((decision) => decision.name);
  if (dryRun) {
    output.answer(documentsOf(decisions, []), pruneText(decisions, 'would be removed'));
    return EXIT.done;
  }
  let removed: readonly string[] = [];
  if (names.length > 0) {
    if (!force) {
      output.ask(pruneText(decisions, 'will be removed for good'));
      await context.confirmed(`Remove ${countOf(names.length, 'backup')}?`);
    }
    removed = await context.withProgress((progress) => engine.prune(project, { ...params, names }, progress));
  }
  const warnings = leftUndone(names, removed, 'removed');
  output.note(warningsText(warnings));
  // Who was asked has just seen the whole plan.
  const isAll = warnings.length === 0 && (force === true || names.length === 0);
  output.result(
    documentsOf(decisions, warnings),
    isAll ? pruneText(decisions, 'removed') : `Removed ${countOf(removed.length, 'backup')}.`,
  );
  return exitCodeOfResult({ warnings });
}

/** Each decision with the warning that it was not carried out. */
function documentsOf(decisions: readonly PruneDecision[], warnings: readonly Warning[]): (PruneDecision & Warned)[] {
  return decisions.map((decision) => ({
    ...decision,
    warnings: warnings.filter(({ message }) => message.startsWith(`${decision.name} was `)),
  }));
}

function wholeNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) {
    throw new InvalidArgumentError('It must be a whole number');
  }
  return Number(value);
}
