// One zip file out of a folder and back, optionally encrypted.
import { createWriteStream } from 'node:fs';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { BackupError } from '../errors';
import { throwIfCancelled } from '../operation';
import { encrypted, type Encryption } from './encryption';
import { isUnheld } from './fitting';
import { meter, PRIVATE_FILE, type ArchiveOptions } from './meter';
import { isSafeRelative } from './paths';
import { said } from '../said';

/** Milliseconds: the first of MS-DOS, the last of an unsigned count of seconds. */
const FIRST_TIME = Date.UTC(1980, 0, 2);
const LAST_TIME = 0xffffffff * 1000;

export interface ArchiveEntry {
  /** In the archive, `/`-separated. */
  readonly path: string;
  /** Absolute path of the file to pack, or its text; null: an empty folder. */
  readonly source: string | { readonly text: string } | null;
}

/** Writes a new archive. Fails when the target exists; a failed one is not removed here. */
export async function writeArchive(
  target: string,
  entries: readonly ArchiveEntry[],
  encryption: Encryption | undefined,
  options: ArchiveOptions,
): Promise<void> {
  const zip = new ZipWriter();
  for (const { path, source } of entries) {
    // In a zip file a backslash separates folders: the file would come back as another one.
    if (path.includes('\\')) {
      throw new BackupError(
        'WRITE_FAILED',
        said`An exported file cannot hold "${path}", because of the backslash in its name. Nothing was exported, and the backup is as it was.`,
        'Rename the file in the uploads, create another backup and export that one.',
      );
    }
    if (path.replace(/\/$/, '').split('/').length > MOST_PARTS) {
      throw new BackupError(
        'WRITE_FAILED',
        said`An exported file cannot hold "${path.slice(0, 80)}...", which lies too deep. Nothing was exported, and the backup is as it was.`,
        'Copy the folder of the backup itself instead.',
      );
    }
    if (source === null) {
      zip.addEmptyDirectory(path, { mode: 0o40700 });
    } else if (typeof source !== 'string') {
      zip.addBuffer(Buffer.from(source.text), path, { mode: 0o100600 });
    } else {
      zip.addFile(source, path, { mode: 0o100600, mtime: zipTime((await stat(source)).mtime) });
    }
  }
  zip.end();
  const counted = Readable.from(zip.outputStream).pipe(meter(options));
  const file = createWriteStream(target, { flags: 'wx', mode: PRIVATE_FILE, flush: true });
  // A file that vanished fails inside yazl, which tells only this emitter.
  const failed = new Promise<never>((_resolve, reject) => {
    (zip as unknown as NodeJS.EventEmitter).on('error', reject);
  });
  // It may fail again when nobody waits for it any longer.
  failed.catch(() => undefined);
  try {
    const written = pipeline(encryption === undefined ? counted : await encrypted(counted, encryption), file);
    await Promise.race([written, failed]);
  } catch (error) {
    // It is opened in its own time: only when it is closed, whoever removes it removes it for good.
    const closed = new Promise<void>((resolve) => {
      file.once('close', resolve);
    });
    if (!file.closed) {
      file.destroy();
      await closed;
    }
    throw error;
  }
}

/** A zip file knows no other times; the manifest of a backup does. */
function zipTime(time: Date): Date {
  return new Date(Math.min(Math.max(time.getTime(), FIRST_TIME), LAST_TIME));
}

/**
 * Bytes of all entries, as the archive declares them; what it declares is enforced while it is read. Fails with REFUSED when
 * its names would make more folders than those of any backup.
 */
export async function declaredBytes(file: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const folders = new Set<string>();
  await eachEntry(file, (_zip, entry) => {
    bytes += entry.uncompressedSize;
    entries++;
    const path = partsOf(entry);
    for (let end = path.lastIndexOf('/'); end > 0 && !folders.has(path.slice(0, end)); end = path.lastIndexOf('/', end - 1)) {
      folders.add(path.slice(0, end));
    }
    if (folders.size > MOST_FOLDERS + FOLDERS_PER_ENTRY * entries) {
      throw refused('its names stand in more folders than there are files');
    }
    return Promise.resolve();
  });
  return bytes;
}

/** The names in the archive, without the slash that ends a folder's. Fails with REFUSED. */
export async function archiveNames(file: string): Promise<string[]> {
  const names: string[] = [];
  await eachEntry(file, (_zip, entry) => {
    names.push(partsOf(entry));
    return Promise.resolve();
  });
  return names;
}

/** Unpacks into an existing folder: plain files and folders only, never outside it, never over anything. Nothing is synced. */
export async function readArchive(file: string, folder: string, options: ArchiveOptions): Promise<void> {
  const made = new Set<string>();
  const make = async (path: string): Promise<void> => {
    if (!made.has(path)) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      made.add(path);
    }
  };
  await eachEntry(file, async (zip, entry) => {
    throwIfCancelled(options.signal);
    const path = partsOf(entry);
    if (!isSafeRelative(path)) {
      throw refused(said`it names "${entry.fileName}", which lies outside of it`);
    }
    const type = (entry.externalFileAttributes >>> 16) & 0o170000;
    if (type !== 0 && type !== 0o100000 && type !== 0o040000) {
      throw refused(said`"${entry.fileName}" is no plain file`);
    }
    const target = join(folder, path);
    try {
      if (entry.fileName.endsWith('/')) {
        await make(target);
        return;
      }
      await make(dirname(target));
      const stream = await zip.openReadStreamPromise(entry);
      if (entry.uncompressedSize <= SMALL_BYTES) {
        const bytes = await buffer(stream);
        await writeFile(target, bytes, { flag: 'wx', mode: PRIVATE_FILE });
        options.onBytes?.(bytes.length);
      } else {
        await pipeline(stream, meter(options), createWriteStream(target, { flags: 'wx', mode: PRIVATE_FILE }));
      }
    } catch (error) {
      throw isUnheld(error, path) ? unheld(path, error) : error;
    }
  });
}

function unheld(path: string, cause: unknown): BackupError {
  const text = said`The file system of the backups folder cannot hold the name ${path}.`;
  return new BackupError('NAME_INVALID', text, 'Import it into a backups folder on a file system that can. Nothing was changed.', {
    cause,
  });
}

/** The path of an entry without the slash that ends a folder's. Fails with REFUSED when it is too long or too deep. */
function partsOf({ fileName }: Entry): string {
  const path = fileName.replace(/\/$/, '');
  if (path.length > LONGEST_PATH || path.split('/').length > MOST_PARTS) {
    throw refused(said`the name "${path.slice(0, 80)}..." is too long or too deep`);
  }
  return path;
}

/** What is no larger is written in one go: a stream to a file takes longer than that. */
const SMALL_BYTES = 64 * 1024;
const LONGEST_PATH = 4096;
/** Folders in one another: nobody has more, and each costs time. */
const MOST_PARTS = 200;
/** Folders that no entry of their own stands for: some tools write none, but even then a file needs few. */
const MOST_FOLDERS = 1000;
const FOLDERS_PER_ENTRY = 4;

/** What the file system says to names that a real backup cannot have: twice the same, a file as a folder, too long. */
const CONTRADICTIONS = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL', 'EILSEQ', 'ERR_INVALID_ARG_VALUE']);

async function eachEntry(file: string, visit: (zip: ZipFile, entry: Entry) => Promise<void>): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const zip = await fromFdPromise(handle.fd, { autoClose: false, strictFileNames: true, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      await visit(zip, entry);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (CONTRADICTIONS.has(code)) {
      throw refused('names in it stand for several things at once, or for none that a file can have', error);
    }
    if (error instanceof BackupError || (code !== '' && !code.startsWith('Z_'))) {
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
    said`The file is not an exported backup: ${why.replace(/[.?]+$/, '')}.`,
    'Choose a file that was made with "Export". Nothing was changed.',
    { cause },
  );
}
