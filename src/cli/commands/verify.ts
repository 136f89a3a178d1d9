// pats-backup verify [name...] [--deep]
import type { VerifyResult } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { verifyText } from '../text/verify';

export const addVerify: AddVerb = (program, run) => {
  program
    .command('verify')
    .summary('check that backups are whole')
    .description(
      'Checks the named backups, or all of them, against their own metadata and with SQLite. Exits with 1 when one has problems.',
    )
    .argument('[name...]', 'names of backups')
    .option('--deep', "check every file's content and the whole database")
    .action((names: string[], options: { deep?: boolean }) => {
      run(async (context) => {
        const params = { deep: options.deep ?? false, ...(names.length > 0 && { names }) };
        const results = await context.withProgress((progress) => context.engine.verify(context.project, params, progress));
        context.output.answer(results, verifyText(results));
        return results.some((result) => !result.ok) ? EXIT.failed : results.some(isUnchecked) ? EXIT.incomplete : EXIT.done;
      });
    });
};

/** Part of it was in use: that it is good is not known. */
function isUnchecked({ warnings }: VerifyResult): boolean {
  return warnings.some(({ code }) => code === 'FILE_IN_USE');
}
