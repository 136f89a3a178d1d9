// One file out of a folder and back: zip, optionally encrypted in the age format (https://age-encryption.org/v1).
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { isSafeRelative } from './paths';

export interface ArchiveEntry {
  /** In the archive, `/`-separated. */
  readonly path: string;
  /** Absolute path of the file to pack; null: an empty folder. */
  readonly source: string | null;
}

export interface ArchiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears the bytes that went into or came out of the archive. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

const PRIVATE_FILE = 0o600;
const AGE_MAGIC = 'age-encryption.org/v1';

/** Writes a new archive. Fails when the target exists; a failed one is not removed here. */
export async function writeArchive(
  target: string,
  entries: readonly ArchiveEntry[],
  passphrase: string | undefined,
  options: ArchiveOptions,
): Promise<void> {
  const zip = new ZipWriter();
  for (const { path, source } of entries) {
    // In a zip file a backslash separates folders: the file would come back as another one.
    if (path.includes('\\')) {
      throw new BackupError(
        'WRITE_FAILED',
        `An exported file cannot hold "${path}", because of the backslash in its name. Nothing was exported, and the backup is as it was.`,
        'Rename the file in the uploads, create another backup and export that one.',
      );
    }
    if (source === null) {
      zip.addEmptyDirectory(path, { mode: 0o40700 });
    } else {
      zip.addFile(source, path, { mode: 0o100600 });
    }
  }
  zip.end();
  const counted = Readable.from(zip.outputStream).pipe(meter(options));
  const file = createWriteStream(target, { flags: 'wx', mode: PRIVATE_FILE, flush: true });
  // A file that vanished fails inside yazl, which tells only this emitter.
  const failed = new Promise<never>((_resolve, reject) => {
    (zip as unknown as NodeJS.EventEmitter).on('error', reject);
  });
  const written =
    passphrase === undefined
      ? pipeline(counted, file)
      : pipeline(Readable.fromWeb((await encrypted(counted, passphrase)) as ReadableStream), file);
  try {
    await Promise.race([written, failed]);
  } catch (error) {
    file.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

/** Whether a file is encrypted in the age format. */
export async function isEncrypted(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(AGE_MAGIC.length);
    await handle.read(bytes, 0, bytes.length, 0);
    return bytes.toString('latin1') === AGE_MAGIC;
  } finally {
    await handle.close();
  }
}

/** Decrypts an age file into a new private file. Fails with REFUSED when the passphrase does not fit. */
export async function decryptFile(source: string, target: string, passphrase: string, options: ArchiveOptions): Promise<void> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const from = createReadStream(source).pipe(meter(options));
  let plain: ReadableStream;
  try {
    plain = (await decrypter.decrypt(Readable.toWeb(from) as never)) as unknown as ReadableStream;
  } catch (error) {
    from.destroy();
    throw new BackupError(
      'REFUSED',
      'The passphrase does not open this file, or the file is damaged.',
      'Check the passphrase and try again. Nothing was changed.',
      { cause: error },
    );
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

/** Bytes of all entries, as the archive declares them; what it declares is enforced while it is read. */
export async function declaredBytes(file: string): Promise<number> {
  let bytes = 0;
  await eachEntry(file, (_zip, entry) => {
    bytes += entry.uncompressedSize;
    return Promise.resolve();
  });
  return bytes;
}

/** Unpacks into an existing folder: plain files and folders only, never outside it, never over anything. */
export async function readArchive(file: string, folder: string, options: ArchiveOptions): Promise<void> {
  await eachEntry(file, async (zip, entry) => {
    throwIfCancelled(options.signal);
    const path = entry.fileName.replace(/\/$/, '');
    if (!isSafeRelative(path)) {
      throw refused(`it names "${entry.fileName}", which lies outside of it`);
    }
    const type = (entry.externalFileAttributes >>> 16) & 0o170000;
    if (type !== 0 && type !== 0o100000 && type !== 0o040000) {
      throw refused(`"${entry.fileName}" is no plain file`);
    }
    const target = join(folder, path);
    if (entry.fileName.endsWith('/')) {
      await mkdir(target, { recursive: true, mode: 0o700 });
      return;
    }
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const stream = await zip.openReadStreamPromise(entry);
    await pipeline(stream, meter(options), createWriteStream(target, { flags: 'wx', mode: PRIVATE_FILE, flush: true }));
  });
}

async function eachEntry(file: string, visit: (zip: ZipFile, entry: Entry) => Promise<void>): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const zip = await fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      await visit(zip, entry);
    }
  } catch (error) {
    if (error instanceof BackupError || (error instanceof Error && 'code' in error)) {
      throw error;
    }
    throw refused(error instanceof Error ? error.message : String(error), error);
  } finally {
    await handle.close();
  }
}

function refused(why: string, cause?: unknown): BackupError {
  return new BackupError(
    'REFUSED',
    `The file is not an exported backup: ${why}.`,
    'Choose a file that was made with "Export". Nothing was changed.',
    { cause },
  );
}

async function encrypted(source: Readable, passphrase: string): Promise<unknown> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return encrypter.encrypt(Readable.toWeb(source) as never);
}

function meter(options: ArchiveOptions): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        throwIfCancelled(options.signal);
        options.onBytes?.(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
