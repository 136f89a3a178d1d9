// "Export...": a backup as one file, encrypted when the user wants that.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import { folderForFiles, offerPath, pathHere, rememberFolder } from '../prompts/file-here';
import type { Parts } from '../window/parts';
import { newPassphrase, newRecipients } from '../prompts/secrets';
import { oneBackup } from '../prompts/pick-backup';
import { reader } from '../window/reader';
import { sizeText } from '../text/size';
import type { Handler } from './handler';

export function exportBackup(parts: Parts): Handler {
  return async (row) => {
    const { project, entry } = await oneBackup(parts, row, {
      placeHolder: vscode.l10n.t('Select a backup to export'),
      fits: ({ status }) => status === 'ok',
    });
    const secret = await secretFor(entry.name);
    const isPrivate = Object.keys(secret).length > 0;
    const ending = isPrivate ? 'age' : 'zip';
    const wish = `${entry.name}.zip${isPrivate ? '.age' : ''}`;
    const target = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Export “{0}”', entry.name),
      saveLabel: vscode.l10n.t('Export'),
      defaultUri: vscode.Uri.file(join(folderForFiles(), wish)),
      filters: { [vscode.l10n.t('Exported backup')]: [ending] },
    });
    if (!target) {
      throw cancelled();
    }
    const params = { name: entry.name, file: pathHere(target), ...secret };
    const result = await parts.operations.run(project, vscode.l10n.t('Exporting “{0}”', entry.name), (request, options) =>
      parts.engine.exportBackup(request, params, options),
    );
    rememberFolder(result.file);
    parts.log.info(`exported ${result.name} to ${result.file}`);
    offerPath(
      parts.log,
      vscode.l10n.t('“{0}” was exported to {1} ({2}).', result.name, result.file, sizeText(result.sizeBytes, reader().locale)),
      result.file,
    );
    return result;
  };
}

type Secret = Pick<Parameters<Parts['engine']['exportBackup']>[1], 'passphrase' | 'recipients'>;

/** With what the file is to be encrypted; empty: with nothing. */
async function secretFor(name: string): Promise<Secret> {
  const kinds: readonly (vscode.QuickPickItem & { ask(): Promise<Secret> })[] = [
    {
      label: vscode.l10n.t('Not Encrypted'),
      description: vscode.l10n.t('a .zip file that anyone can read'),
      ask: () => Promise.resolve({}),
    },
    {
      label: vscode.l10n.t('With a Passphrase'),
      description: vscode.l10n.t('a file in age format'),
      ask: async () => ({ passphrase: await newPassphrase() }),
    },
    {
      label: vscode.l10n.t('To Recipients'),
      description: vscode.l10n.t('a file in age format that only the recipients can read'),
      ask: async () => ({ recipients: await newRecipients() }),
    },
  ];
  const picked = await vscode.window.showQuickPick(kinds, { placeHolder: vscode.l10n.t('Choose how to export “{0}”', name) });
  if (!picked) {
    throw cancelled();
  }
  return await picked.ask();
}
