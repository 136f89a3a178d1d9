// Encryption of one file in the age format (https://age-encryption.org/v1), with a passphrase or to recipients.
import type { Decrypter } from 'age-encryption';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { meter, PRIVATE_FILE, type ArchiveOptions } from './meter';
import { said } from '../said';

/** Who can read the file: whoever knows the passphrase, or the owners of these public keys (`age1...`). */
export type Encryption =
  | { readonly passphrase: string; readonly recipients?: undefined }
  | { readonly recipients: readonly string[]; readonly passphrase?: undefined };

/** What opens a file: its passphrase, or secret keys (`AGE-SECRET-KEY-1...`). */
export interface Keys {
  readonly passphrase?: string | undefined;
  readonly identities?: readonly string[] | undefined;
}

const AGE_MAGIC = 'age-encryption.org/v1';

/** What will read as the encrypted form of the source. Fails with USAGE when a recipient is none. */
export async function encrypted(source: Readable, { passphrase, recipients = [] }: Encryption): Promise<Readable> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  if (passphrase !== undefined) {
    encrypter.setPassphrase(passphrase);
  }
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new BackupError(
        'USAGE',
        said`"${recipient.slice(0, 80)}" is no recipient of the age format.`,
        'A recipient is a public key that begins with "age1", as age-keygen prints it. Nothing was written.',
        { cause },
      );
    }
  }
  return Readable.fromWeb((await encrypter.encrypt(Readable.toWeb(source) as never)) as unknown as ReadableStream);
}

/** Whether a file is encrypted in the age format. */
export async function isEncrypted(file: string): Promise<boolean> {
  return (await headOf(file, AGE_MAGIC.length)) === AGE_MAGIC;
}

/** Whether it is a passphrase that opens an encrypted file: its header says so in the line after the version. */
export async function asksForPassphrase(file: string): Promise<boolean> {
  return (await headOf(file, 100)).split('\n')[1]?.startsWith('-> scrypt ') === true;
}

/** Decrypts an age file into a new private file. Fails with REFUSED when no key fits, USAGE when a secret key is none. */
export async function decryptFile(source: string, target: string, keys: Keys, options: ArchiveOptions): Promise<void> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  if (keys.passphrase !== undefined) {
    decrypter.addPassphrase(keys.passphrase);
  }
  for (const identity of keys.identities ?? []) {
    try {
      decrypter.addIdentity(identity);
    } catch (cause) {
      throw new BackupError(
        'USAGE',
        'What was given as a secret key is none of the age format.',
        'A secret key begins with "AGE-SECRET-KEY-1", as age-keygen writes it. Nothing was changed.',
        { cause },
      );
    }
  }
  const file = createReadStream(source);
  try {
    await decrypt(decrypter, file, target, keys, options);
  } finally {
    // The end of a pipe does not close its beginning, and Windows removes no file that is open.
    if (!file.closed) {
      file.destroy();
      await once(file, 'close');
    }
  }
}

async function decrypt(decrypter: Decrypter, file: Readable, target: string, keys: Keys, options: ArchiveOptions): Promise<void> {
  const from = file.pipe(meter(options));
  let plain: ReadableStream;
  try {
    plain = (await decrypter.decrypt(Readable.toWeb(from) as never)) as unknown as ReadableStream;
  } catch (error) {
    from.destroy();
    throw refusedKeys(keys, error);
  }
  try {
    await pipeline(Readable.fromWeb(plain), createWriteStream(target, { flags: 'wx', mode: PRIVATE_FILE }));
  } catch (error) {
    throwIfCancelled(options.signal);
    throw new BackupError(
      'BACKUP_DAMAGED',
      'The encrypted file is damaged or incomplete.',
      'Get the file again from where it was kept. Nothing was changed.',
      { cause: error },
    );
  }
}

function refusedKeys({ passphrase }: Keys, cause: unknown): BackupError {
  return passphrase === undefined
    ? new BackupError(
        'REFUSED',
        'None of the secret keys opens this file, or the file is damaged.',
        'Give the secret key of a recipient it was written for. Nothing was changed.',
        { cause },
      )
    : new BackupError(
        'REFUSED',
        'The passphrase does not open this file, or the file is damaged.',
        'Check the passphrase and try again. Nothing was changed.',
        { cause },
      );
}

async function headOf(file: string, length: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
