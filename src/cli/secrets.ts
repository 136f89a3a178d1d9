// Reads passphrases and secret keys from files, so that they stand neither in the shell's history nor in the list of processes.
import { readFile } from 'node:fs/promises';
import { BackupError } from '../engine/errors';
import { decodedText } from '../engine/platform/text';

/** The first line of the file; nothing without a file. Fails with READ_FAILED, or USAGE when the line is empty or no text. */
export async function readPassphrase(file: string | undefined): Promise<{ readonly passphrase?: string }> {
  if (file === undefined) {
    return {};
  }
  const text = await readSecret(file);
  // Text in another encoding than its mark says would make a passphrase that nobody can type.
  if (/[\0\u{fffd}]/u.test(text)) {
    throw new BackupError(
      'USAGE',
      `${file} is not plain text in UTF-8 or UTF-16.`,
      'Write the passphrase with an editor, and save the file as UTF-8. Nothing was changed.',
    );
  }
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase === '') {
    throw new BackupError('USAGE', `The first line of ${file} is empty.`, 'Write the passphrase into the first line of the file.');
  }
  return { passphrase };
}

/** The keys in the files, one a line; empty lines and those that begin with # are left out, as in the files of age-keygen. */
export async function readIdentities(files: readonly string[] | undefined): Promise<{ readonly identities?: readonly string[] }> {
  if (files === undefined) {
    return {};
  }
  const texts = await Promise.all(files.map(readSecret));
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  return { identities: lines.filter((line) => line !== '' && !line.startsWith('#')) };
}

async function readSecret(file: string): Promise<string> {
  try {
    return decodedText(await readFile(file));
  } catch (cause) {
    throw new BackupError('READ_FAILED', `The file ${file} cannot be read. Nothing was changed.`, 'Check the path and its permissions.', {
      cause,
    });
  }
}
