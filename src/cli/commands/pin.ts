// pats-backup pin <name...> and unpin <name...>
import { leftUndone } from '../../engine/warnings';
import { exitCodeOfResult } from '../exit-codes';
import { warningsText } from '../text/warnings';
import type { AddVerb } from '../verb';

export const addPin: AddVerb = (program, run) => {
  for (const [verb, pinned, done] of [
    ['pin', true, 'Pinned'],
    ['unpin', false, 'Unpinned'],
  ] as const) {
    program
      .command(verb)
      .summary(pinned ? 'keep backups from ever being pruned' : 'let backups be pruned again')
      .description(pinned ? 'Keeps backups from ever being removed by retention.' : 'Lets retention remove backups again.')
      .argument('<name...>', 'names of backups')
      .action((names: string[]) => {
        run(async (context) => {
          const changed = await context.engine.setPinned(context.project, { names, pinned });
          const warnings = leftUndone(names, changed, pinned ? 'pinned' : 'unpinned');
          context.output.note(warningsText(warnings));
          context.output.result(
            { [pinned ? 'pinned' : 'unpinned']: changed, warnings },
            changed.map((name) => `${done} ${name}.`).join('\n'),
          );
          return exitCodeOfResult({ warnings });
        });
      });
  }
};
