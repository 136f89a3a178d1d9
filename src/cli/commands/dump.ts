// pats-backup dump [file] [--gzip|--zstd]
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { DumpParams } from '../../engine/engine';
import { exitCodeOfResult } from '../exit-codes';
import type { AddVerb } from '../verb';
import { warningsText } from '../text/warnings';
import { countOf, sizeText } from '../text/words';

interface DumpOptions {
  readonly gzip?: boolean;
  readonly zstd?: boolean;
}

/** The ending of the file is a wish as well. */
function compressionOf(file = ''): NonNullable<DumpParams['compression']> {
  return /\.gz$/i.test(file) ? 'gzip' : /\.zst$/i.test(file) ? 'zstd' : 'none';
}

export const addDump: AddVerb = (program, run) => {
  program
    .command('dump')
    .summary('write the database as SQL text')
    .description(
      'Writes the database as SQL text into a new file; without one into the backups folder. A file name that ends in .gz or .zst is compressed accordingly.',
    )
    .argument('[file]', 'the file to write')
    .addOption(new Option('--gzip', 'compress with gzip').conflicts('zstd'))
    .option('--zstd', 'compress with Zstandard')
    .action((file: string | undefined, options: DumpOptions) => {
      run(async (context) => {
        const compression = options.gzip ? 'gzip' : options.zstd ? 'zstd' : compressionOf(file);
        const params: DumpParams = { compression, ...(file !== undefined && { file: resolve(file) }) };
        const result = await context.withProgress((progress) => context.engine.dump(context.project, params, progress));
        context.output.note(warningsText(result.warnings));
        const held = `${countOf(result.tables, 'table')}, ${countOf(result.rows, 'row')}`;
        context.output.result(result, `Dumped ${held} to ${result.file} (${sizeText(result.sizeBytes)}).`);
        return exitCodeOfResult(result);
      });
    });
};
