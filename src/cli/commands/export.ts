// pats-backup export <name> [file] [--passphrase-file F]
import { resolve } from 'node:path';
import { EXIT } from '../exit-codes';
import { readPassphrase } from '../passphrase';
import type { AddVerb } from '../verb';
import { sizeText } from '../text/words';

interface ExportOptions {
  readonly passphraseFile?: string;
}

export const addExport: AddVerb = (program, run) => {
  program
    .command('export')
    .summary('write a backup into one file, to be kept elsewhere')
    .description('Verifies a backup and writes it into one new file; encrypted (age) when a passphrase is given.')
    .argument('<name>', 'the name of the backup')
    .argument('[file]', 'the file to write')
    .option('--passphrase-file <file>', 'encrypt with the first line of this file')
    .action((name: string, file: string | undefined, options: ExportOptions) => {
      run(async (context) => {
        const params = { name, ...(file !== undefined && { file: resolve(file) }), ...(await readPassphrase(options.passphraseFile)) };
        const result = await context.withProgress((progress) => context.engine.exportBackup(context.project, params, progress));
        const encrypted = result.encrypted ? ', encrypted' : '';
        context.output.result(result, `Exported ${result.name} to ${result.file} (${sizeText(result.sizeBytes)}${encrypted}).`);
        return EXIT.done;
      });
    });
};
