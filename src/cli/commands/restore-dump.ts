// pats-backup restore-dump <file> [--force]
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AddVerb } from '../verb';
import { containerText, restoreDumpText } from '../text/plan';
import { finishRestore } from './restore';

export const addRestoreDump: AddVerb = (program, run) => {
  program
    .command('restore-dump')
    .summary('replace the database by the content of an SQL dump')
    .description(
      'Builds a new database from an SQL dump, checks it and puts it in the place of the live one. A safety backup is created first.',
    )
    .argument('<file>', 'the dump: a path, or the name of one in the backups folder')
    .option('-f, --force', 'do not ask')
    .action((file: string, options: { force?: boolean }) => {
      run(async (context) => {
        const { engine, project, output } = context;
        const force = options.force ?? false;
        // A path is relative to the working directory; a bare name may be one in the backups folder.
        const params = { file: existsSync(file) ? resolve(file) : file };
        context.requireForceWithoutTerminal(force, 'Restoring a dump');
        if (!force) {
          output.ask(`${restoreDumpText(file)}${containerText(await context.untilCancelled(engine.container(project)))}`);
          await context.confirmed('Restore?');
        }
        return finishRestore(context, await context.withProgress((progress) => engine.restoreDump(project, params, progress)));
      });
    });
};
