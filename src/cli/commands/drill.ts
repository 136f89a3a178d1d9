// pats-backup drill <name>
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { printable } from '../text/words';

export const addDrill: AddVerb = (program, run) => {
  program
    .command('drill')
    .summary('rehearse a restore without touching anything')
    .description('Restores a backup into a temporary place and checks what came out. Exits with 1 when it has problems.')
    .argument('<name>', 'the name of the backup')
    .action((name: string) => {
      run(async (context) => {
        const result = await context.withProgress((progress) => context.engine.drill(context.project, { name }, progress));
        const problems = [
          ...result.problems.map((problem) => `  ${printable(problem)}`),
          ...result.warnings.map((warning) => `  Attention: ${printable(warning)}`),
        ];
        const summary = result.ok ? `${name} can be restored: a rehearsal went well.` : `${name} cannot be restored as it is:`;
        context.output.answer(result, [summary, ...problems].join('\n'));
        return result.ok ? EXIT.done : EXIT.failed;
      });
    });
};
