// Writes a new file piece by piece, while the next piece is already being made.
import { open, type FileHandle } from 'node:fs/promises';

/** Bytes after which the drive begins with its part, so that little is left for the end. */
const SYNC_EVERY = 32 * 1024 * 1024;

export interface Appending {
  readonly onCreated: () => void;
  /** Hears how many bytes the file has by now. */
  readonly onBytes?: ((length: number) => void) | undefined;
}

/**
 * Makes a private file of the pieces and brings it to the disk; a piece may be used again two pieces later. Fails with EEXIST
 * when there is such a file; what else fails leaves it as it is.
 */
export async function appendAll(path: string, pieces: Iterable<Buffer>, { onCreated, onBytes }: Appending): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  onCreated();
  let length = 0;
  let synced = 0;
  let syncing = Promise.resolve();
  let isSyncing = false;
  let writing = Promise.resolve();
  const write = async (piece: Buffer): Promise<void> => {
    await writeWhole(file, piece);
    length += piece.length;
    onBytes?.(length);
  };
  try {
    for (const piece of pieces) {
      await writing;
      writing = write(piece);
      // What fails is told by whoever waits for it; until then it is nobody's.
      writing.catch(() => undefined);
      if (!isSyncing && length - synced >= SYNC_EVERY) {
        // The system tells once that the drive refused something: a sync after that says that all is well.
        await syncing;
        synced = length;
        isSyncing = true;
        syncing = file.datasync().finally(() => (isSyncing = false));
        syncing.catch(() => undefined);
      }
    }
    await writing;
    await syncing;
    await file.sync();
  } finally {
    await Promise.allSettled([writing, syncing]);
    await file.close();
  }
}

/** On a disk that is nearly full less may be written than was asked for, and no error told. */
async function writeWhole(file: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length;) {
    const { bytesWritten } = await file.write(piece, at, piece.length - at);
    if (bytesWritten === 0) {
      throw Object.assign(new Error('EIO: nothing was written, and no error told'), { code: 'EIO' });
    }
    at += bytesWritten;
  }
}
