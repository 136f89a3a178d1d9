// Reads a passphrase from a file, so that it stands neither in the shell's history nor in the list of processes.
import { readFile } from 'node:fs/promises';
import { BackupError } from '../engine/errors';

/** The first line of the file; nothing without a file. Fails with READ_FAILED, or USAGE when the line is empty. */
export async function readPassphrase(file: string | undefined): Promise<{ readonly passphrase?: string }> {
  if (file === undefined) {
    return {};
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BackupError(
      'READ_FAILED',
      `The passphrase file ${file} cannot be read. Nothing was changed.`,
      'Check the path and its permissions.',
      {
        cause: error,
      },
    );
  });
  const [passphrase = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  if (passphrase === '') {
    throw new BackupError('USAGE', `The first line of ${file} is empty.`, 'Write the passphrase into the first line of the file.');
  }
  return { passphrase };
}
