// pats-backup export <name> [file] [--passphrase-file F | --recipient R...]
import { resolve } from 'node:path';
import { exitCodeOfResult } from '../exit-codes';
import { repeated } from '../repeated';
import { readPassphrase } from '../secrets';
import type { AddVerb } from '../verb';
import { warningsText } from '../text/warnings';
import { sizeText } from '../text/words';

interface ExportOptions {
  readonly passphraseFile?: string;
  readonly recipient?: readonly string[];
}

export const addExport: AddVerb = (program, run) => {
  program
    .command('export')
    .summary('write a backup into one file, to be kept elsewhere')
    .description('Verifies a backup and writes it into one new file; encrypted in the age format with a passphrase or to recipients.')
    .argument('<name>', 'the name of the backup')
    .argument('[file]', 'the file to write')
    .option('--passphrase-file <file>', 'encrypt with the first line of this file')
    .option('-r, --recipient <key>', 'encrypt to this public key ("age1..."); repeatable', repeated)
    .action((name: string, file: string | undefined, options: ExportOptions) => {
      run(async (context) => {
        const params = {
          name,
          ...(file !== undefined && { file: resolve(file) }),
          ...(await readPassphrase(options.passphraseFile)),
          ...(options.recipient && { recipients: options.recipient }),
        };
        const result = await context.withProgress((progress) => context.engine.exportBackup(context.project, params, progress));
        context.output.note(warningsText(result.warnings));
        const encrypted = result.encrypted ? ', encrypted' : '';
        context.output.result(result, `Exported ${result.name} to ${result.file} (${sizeText(result.sizeBytes)}${encrypted}).`);
        return exitCodeOfResult(result);
      });
    });
};
