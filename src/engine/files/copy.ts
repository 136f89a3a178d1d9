// Copies one file: blocks are shared where the file system can, and holes stay holes.
import { constants, type Stats } from 'node:fs';
import { copyFile, lstat, open, type FileHandle } from 'node:fs/promises';
import { here } from '../platform/platform';

const CHUNK = 1024 * 1024;
/** The smallest hole that file systems keep. */
const BLOCK = 4096;
/** What file systems answer that keep no permissions, or cannot share blocks. */
const REFUSALS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];
const ZEROS = Buffer.alloc(BLOCK);

/** Whether a file takes less room than its size: it has holes, or the file system compresses it. */
export function hasHoles({ size, blocks }: { readonly size: Stats['size'] | bigint; readonly blocks: Stats['blocks'] | bigint }): boolean {
  return !here.isWindows && Number(blocks) * 512 + BLOCK <= Number(size);
}

/** The code of the failure to copy what is no file. */
export const NO_FILE = 'EFTYPE';

/** With `sparse` zeros become holes, whatever the source has. Fails when the target exists, and with NO_FILE on what is no file. */
export async function copyWhole(from: string, to: string, sparse = false): Promise<void> {
  const stats = await lstat(from);
  if (!stats.isFile()) {
    // The copy would go through a link, and wait for the writer of a FIFO.
    throw Object.assign(new Error(`${NO_FILE}: not a file, copy '${from}'`), { code: NO_FILE });
  }
  const isSparse = sparse || hasHoles(stats);
  const way = isSparse ? constants.COPYFILE_FICLONE_FORCE : constants.COPYFILE_FICLONE;
  try {
    await copyFile(from, to, way | constants.COPYFILE_EXCL);
  } catch (error) {
    // Node copies the mode as well, and fails with it. Whatever else it was fails again.
    const isRefused = error instanceof Error && 'code' in error && REFUSALS.includes(String(error.code));
    if (!isSparse && !isRefused) {
      throw error;
    }
    await copyContent(from, to);
  }
}

async function copyContent(from: string, to: string): Promise<void> {
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      await target.truncate(await copyBlocks(source, target));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Returns the number of bytes read. */
async function copyBlocks(source: FileHandle, target: FileHandle): Promise<number> {
  const chunk = Buffer.alloc(CHUNK);
  for (let at = 0; ;) {
    const { bytesRead } = await source.read(chunk, 0, CHUNK, at);
    if (bytesRead === 0) {
      return at;
    }
    for (const { start, end } of filledRuns(chunk.subarray(0, bytesRead))) {
      await writeAll(target, chunk.subarray(start, end), at + start);
    }
    at += bytesRead;
  }
}

/** The runs of blocks that are not all zeros. */
function filledRuns(bytes: Buffer): readonly { readonly start: number; readonly end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (let start = 0; start < bytes.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, bytes.length);
    if (bytes.compare(ZEROS, 0, end - start, start, end) !== 0) {
      const last = runs.at(-1);
      if (last?.end === start) {
        last.end = end;
      } else {
        runs.push({ start, end });
      }
    }
  }
  return runs;
}

async function writeAll(target: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await target.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
