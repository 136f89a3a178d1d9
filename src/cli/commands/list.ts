// pats-backup list
import type { BackupEntry, Warned, Warning } from '../../engine/engine';
import { flawsOf } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { listText } from '../text/list';
import { warningsText } from '../text/warnings';

export const addList: AddVerb = (program, run) => {
  program
    .command('list')
    .summary('list the backups, newest first')
    .description('Lists the backups, newest first, and the SQL dumps (text only).')
    .action(() => {
      run(
        async (context) => {
          const list = await context.engine.list(context.project);
          context.output.note(warningsText(list.warnings));
          const documents = list.backups.map((entry) => documentOf(entry, list.warnings));
          context.output.answer(documents, listText(list, new Date(), context.output.width));
          return EXIT.done;
        },
        { isQuick: true },
      );
    });
};

/** The fields that scripts may count on; what the engine knows besides is for the UI. Each entry has the warnings of the whole list too. */
function documentOf(entry: BackupEntry, ofAll: readonly Warning[]): BackupEntry & Warned {
  const { name, path, status, reason, sizeBytes, manifest, verification } = entry;
  const warnings = [...ofAll, ...(manifest ? flawsOf(manifest, verification ?? null) : [])];
  return { name, path, status, ...(reason !== undefined && { reason }), sizeBytes, ...(manifest && { manifest }), warnings };
}
