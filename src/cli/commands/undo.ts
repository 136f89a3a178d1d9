// pats-backup undo [--force]
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { containerText, planText } from '../text/plan';
import { finishRestore } from './restore';

export const addUndo: AddVerb = (program, run) => {
  program
    .command('undo')
    .summary('go back to the state before the last restore')
    .description('Goes back to the state before the last restore. A safety backup of the current state is created first.')
    .option('-f, --force', 'do not ask')
    .option('--dry-run', 'only show what would be done')
    .action((options: { force?: boolean; dryRun?: boolean }) => {
      run(async (context) => {
        const { engine, project, output } = context;
        const force = options.force ?? false;
        if (!options.dryRun) {
          context.requireForceWithoutTerminal(force, 'An undo');
        }
        if (options.dryRun || !force) {
          const plan = await context.untilCancelled(context.withProgress((progress) => engine.planUndo(project, {}, progress)));
          const text = planText(plan, project.root, new Date());
          if (options.dryRun) {
            output.answer(plan, text);
            return EXIT.done;
          }
          output.ask(`${text}${containerText(await context.untilCancelled(engine.container(project)))}`);
          // The engine refuses a damaged backup: then there is nothing to ask.
          if (plan.problems.length === 0) {
            await context.confirmed('Undo the last restore?');
          }
        }
        return finishRestore(context, await context.withProgress((progress) => engine.undo(project, {}, progress)));
      });
    });
};
