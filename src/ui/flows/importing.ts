// Brings an exported file into the backups folder: from the command, and from a file dropped onto the tree.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { CreatedBackup } from '../../engine/engine';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { tellSuccess } from '../window/success';
import { knownIdentities, knownPassphrase } from '../prompts/secrets';

/** Files of the age format begin with it. */
const AGE_HEADER = 'age-encryption.org/';
const HEAD_BYTES = 100;

type ImportParams = Parameters<Parts['engine']['importBackup']>[1];

/** Verifies and adds the backup in the file; asks for its passphrase or a secret key when it is encrypted. */
export async function importFile(parts: Parts, project: OpenProject, file: string): Promise<CreatedBackup> {
  const name = basename(file);
  const params = { file, ...(await secretOf(file, name)) };
  const imported = await parts.operations.run(project, vscode.l10n.t('Importing {0}', name), (request, options) =>
    parts.engine.importBackup(request, params, options),
  );
  parts.log.info(`imported ${imported.path}`);
  tellSuccess(parts, project, vscode.l10n.t('Backup “{0}” was imported and verified.', imported.backup_name), imported.backup_name);
  return imported;
}

/** The header's first two lines tell how the file is encrypted. A file that cannot be read is the engine's to explain. */
async function secretOf(file: string, name: string): Promise<Pick<ImportParams, 'passphrase' | 'identities'>> {
  const [version = '', stanza = ''] = (await headOf(file)).split('\n');
  if (!version.startsWith(AGE_HEADER)) {
    return {};
  }
  return stanza.startsWith('-> scrypt ') ? { passphrase: await knownPassphrase(name) } : { identities: await knownIdentities(name) };
}

async function headOf(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
