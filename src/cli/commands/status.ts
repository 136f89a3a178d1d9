// pats-backup status
import type { Status } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { graphText } from '../text/graph';
import { statusText } from '../text/status';
import { warningsText } from '../text/warnings';

export const addStatus: AddVerb = (program, run) => {
  program
    .command('status')
    .summary('show the database, its revision and the last backup')
    .description('Shows the database, how its revision compares with the migration files, and the newest good backup.')
    .option('--explain', 'say why this database, and why not the others')
    .option('--graph', 'show the history of the migrations, and the backups at each')
    .action((options: { explain?: boolean; graph?: boolean }) => {
      run(
        async (context) => {
          if (options.graph === true) {
            const map = await context.untilCancelled(context.engine.migrationMap(context.project));
            context.output.answer({ ...map, warnings: [] }, graphText(map));
            return EXIT.done;
          }
          const status = await context.untilCancelled(context.engine.status(context.project, { container: true }));
          const { searched = [], container = null } = status;
          context.output.note(warningsText(status.warnings));
          const text = statusText(status, {
            explain: options.explain === true,
            searched,
            container,
            root: context.project.root,
            now: new Date(),
          });
          context.output.answer({ ...answerOf(status), container }, text);
          return EXIT.done;
        },
        { isQuick: true },
      );
    });
};

/** What to watch, and when to tell somebody again, concerns only a window. */
function answerOf(status: Status): Omit<Status, 'watch' | 'stateKey'> {
  const {
    database,
    databasePlace = null,
    tool,
    state,
    revisions,
    heads,
    pending,
    halfApplied,
    problems,
    commands,
    commandProblem = null,
  } = status;
  const { lastBackup, changedSinceBackup, candidates, notProtected, warnings, waiting = null } = status;
  const schema = { tool, state, revisions, heads, pending, halfApplied, problems, commands, commandProblem };
  return { database, databasePlace, ...schema, lastBackup, changedSinceBackup, candidates, notProtected, waiting, warnings };
}
