// "Create SQL Dump...": the live database as SQL text in the backups folder.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { DumpParams } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import { offerPath } from '../prompts/file-here';
import type { Parts } from '../window/parts';
import { reader } from '../window/reader';
import { sizeText } from '../text/size';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

type Compression = NonNullable<DumpParams['compression']>;

export function createDump(parts: Parts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const compression = await whichCompression();
    const result = await parts.operations.run(project, vscode.l10n.t('Writing the SQL dump'), (request, options) =>
      parts.engine.dump(request, { compression }, options),
    );
    result.warnings.forEach(({ message }) => {
      parts.log.warn(message);
    });
    parts.log.info(`dumped ${result.tables} tables, ${result.rows} rows to ${result.file}`);
    const size = sizeText(result.sizeBytes, reader().locale);
    const message = vscode.l10n.t(
      'SQL dump “{0}” was written: {1} rows, {2}.',
      basename(result.file),
      new Intl.NumberFormat(reader().locale).format(result.rows),
      size,
    );
    offerPath(parts.log, message, result.file, compression === 'none');
    return result;
  };
}

async function whichCompression(): Promise<Compression> {
  const kinds: (vscode.QuickPickItem & { readonly compression: Compression })[] = [
    { label: vscode.l10n.t('Plain'), description: '.sql', detail: vscode.l10n.t('Readable in any editor'), compression: 'none' },
    { label: 'gzip', description: '.sql.gz', detail: vscode.l10n.t('Smaller; can be read on every system'), compression: 'gzip' },
    { label: 'Zstandard', description: '.sql.zst', detail: vscode.l10n.t('Smaller and faster'), compression: 'zstd' },
  ];
  const picked = await vscode.window.showQuickPick(kinds, { placeHolder: vscode.l10n.t('Choose a format for the SQL dump') });
  if (!picked) {
    throw cancelled();
  }
  return picked.compression;
}
