// pats-backup import <file> [--passphrase-file F | --identity-file F...]
import { resolve } from 'node:path';
import { exitCodeOfResult } from '../exit-codes';
import { repeated } from '../repeated';
import { readIdentities, readPassphrase } from '../secrets';
import type { AddVerb } from '../verb';
import { createdNotes, createdText } from '../text/created';

interface ImportOptions {
  readonly passphraseFile?: string;
  readonly identityFile?: readonly string[];
}

export const addImport: AddVerb = (program, run) => {
  program
    .command('import')
    .summary('bring an exported backup into the backups folder')
    .description('Verifies an exported backup and adds it to the backups folder.')
    .argument('<file>', 'the exported file')
    .option('--passphrase-file <file>', 'decrypt with the first line of this file')
    .option('-i, --identity-file <file>', 'decrypt with the secret keys in this file, as age-keygen writes it; repeatable', repeated)
    .action((file: string, options: ImportOptions) => {
      run(async (context) => {
        const params = {
          file: resolve(file),
          ...(await readPassphrase(options.passphraseFile)),
          ...(await readIdentities(options.identityFile)),
        };
        const imported = await context.withProgress((progress) => context.engine.importBackup(context.project, params, progress));
        context.output.note(createdNotes(imported));
        context.output.result(imported, createdText(imported, 'Imported'));
        return exitCodeOfResult(imported);
      });
    });
};
