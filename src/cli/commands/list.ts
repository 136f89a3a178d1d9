// pats-backup list
import type { BackupEntry } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { listText } from '../text/list';

export const addList: AddVerb = (program, run) => {
  program
    .command('list')
    .summary('list the backups, newest first')
    .description('Lists the backups, newest first, and the SQL dumps (text only).')
    .action(() => {
      run(async (context) => {
        const list = await context.untilCancelled(context.engine.list(context.project));
        context.output.answer(list.backups.map(documentOf), listText(list, new Date(), context.output.width));
        return EXIT.done;
      });
    });
};

/** The fields that scripts may count on; what the engine knows besides is for the UI. */
function documentOf({ name, path, status, reason, sizeBytes, manifest }: BackupEntry): BackupEntry {
  return { name, path, status, ...(reason !== undefined && { reason }), sizeBytes, ...(manifest && { manifest }) };
}
