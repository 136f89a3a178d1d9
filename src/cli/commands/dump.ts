// pats-backup dump [file] [--gzip|--zstd]
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { DumpParams } from '../../engine/engine';
import { EXIT } from '../exit-codes';
import type { AddVerb } from '../verb';
import { warningsText } from '../text/restored';
import { countOf, sizeText } from '../text/words';

interface DumpOptions {
  readonly gzip?: boolean;
  readonly zstd?: boolean;
}

export const addDump: AddVerb = (program, run) => {
  program
    .command('dump')
    .summary('write the database as SQL text')
    .description('Writes the database as SQL text into a new file; without one into the backups folder.')
    .argument('[file]', 'the file to write')
    .addOption(new Option('--gzip', 'compress with gzip').conflicts('zstd'))
    .option('--zstd', 'compress with Zstandard')
    .action((file: string | undefined, options: DumpOptions) => {
      run(async (context) => {
        const compression = options.gzip ? 'gzip' : options.zstd ? 'zstd' : 'none';
        const params: DumpParams = { compression, ...(file !== undefined && { file: resolve(file) }) };
        const result = await context.withProgress((progress) => context.engine.dump(context.project, params, progress));
        const held = `${countOf(result.tables, 'table')}, ${countOf(result.rows, 'row')}`;
        context.output.note(warningsText(result.warnings));
        context.output.result(result, `Dumped ${held} to ${result.file} (${sizeText(result.sizeBytes)}).`);
        return EXIT.done;
      });
    });
};
