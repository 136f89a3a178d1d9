// Brings an exported file into the backups folder: from the command, and from a file dropped onto the tree.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { CreatedBackup } from '../engine/engine';
import type { Parts } from './parts';
import { knownPassphrase } from './passphrase';
import type { OpenProject } from './projects';

/** Files of the age format begin with it. */
const AGE_HEADER = 'age-encryption.org/';

/** Verifies and adds the backup in the file; asks for its passphrase when it is encrypted. */
export async function importFile(parts: Parts, project: OpenProject, file: string): Promise<CreatedBackup> {
  const name = basename(file);
  const passphrase = (await isEncrypted(file)) ? await knownPassphrase(name) : undefined;
  const params = { file, ...(passphrase === undefined ? {} : { passphrase }) };
  const imported = await parts.operations.run(project, vscode.l10n.t('Importing {0}', name), (request, options) =>
    parts.engine.importBackup(request, params, options),
  );
  parts.log.info(`imported ${imported.path}`);
  void vscode.window.showInformationMessage(vscode.l10n.t('Backup “{0}” was imported and verified.', imported.backup_name));
  return imported;
}

/** A file that cannot be read is the engine's to explain. */
async function isEncrypted(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(AGE_HEADER.length), 0, AGE_HEADER.length, 0);
      return buffer.toString('latin1', 0, bytesRead) === AGE_HEADER;
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}
