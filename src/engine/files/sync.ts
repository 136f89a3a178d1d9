// Brings files and folders to the disk, in the way that each system has for it.
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import pMap from 'p-map';
import { here } from '../platform/platform';
import { errnoOf } from './errno';

/** Brings a file's content to the disk. */
export async function syncFile(path: string): Promise<void> {
  // Windows flushes only through a handle that may write; elsewhere a file that is read-only by now is synced as it is.
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (errnoOf(error) === 'EACCES' || (here.isWindows && errnoOf(error) === 'EPERM')) {
      return open(path, 'r');
    }
    throw error;
  });
  try {
    await file.sync();
  } catch (error) {
    // Windows flushes no file that is read-only: what wrote it has to flush it before.
    if (!here.isWindows || errnoOf(error) !== 'EPERM') {
      throw error;
    }
  } finally {
    await file.close();
  }
}

const SYNCS_AT_ONCE = 8;

/** Brings each file to the disk. Each waits for the drive; several at once wait together. */
export async function syncEach(files: readonly string[], sync: (path: string) => Promise<void> = syncFile): Promise<void> {
  await pMap(files, sync, { concurrency: SYNCS_AT_ONCE });
}

/**
 * syncfs(2) by way of coreutils, some hundred times faster than a sync for each of many files; false: there is no such
 * program or call here. A sync that failed is never tried in another way: the kernel tells of a lost write only once.
 */
export async function syncFileSystem(folder: string): Promise<boolean> {
  if (!here.isLinux) {
    return false;
  }
  try {
    await promisify(execFile)('sync', ['--file-system', folder], { env: { ...process.env, LC_ALL: 'C' } });
    return true;
  } catch (error) {
    if (isAbsent(error)) {
      return false;
    }
    throw syncFailure(folder, error);
  }
}

/** It could not be started at all, or it knows neither the option nor the call. */
function isAbsent(error: unknown): boolean {
  const wasNeverStarted = error instanceof Error && 'syscall' in error && String(error.syscall).startsWith('spawn');
  return wasNeverStarted || /(?:unrecognized|invalid|unknown) option|Function not implemented/.test(stderrOf(error));
}

const SYNC_FAILURES = [
  ['ENOSPC', 'No space left on device'],
  ['EDQUOT', 'Disk quota exceeded'],
  ['EROFS', 'Read-only file system'],
] as const;

function syncFailure(folder: string, error: unknown): Error {
  const text = stderrOf(error).trim();
  const [code] = SYNC_FAILURES.find(([, words]) => text.includes(words)) ?? ['EIO'];
  return Object.assign(
    new Error(`${code}: ${text === '' ? 'the file system could not be synced' : text}, syncfs '${folder}'`, { cause: error }),
    {
      code,
    },
  );
}

function stderrOf(error: unknown): string {
  return error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
}

/** Brings a folder's entries to the disk, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  if (here.isWindows) {
    return;
  }
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(errnoOf(error))) {
      throw error;
    }
  } finally {
    await folder.close();
  }
}
