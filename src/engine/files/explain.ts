// Turns the file system's failures into errors for people.
import { BackupError } from '../errors';
import { isInUse } from '../platform/busy';
import { diskSentence, pathOf } from '../platform/disk-sentences';
import { here, type Platform } from '../platform/platform';
import { said } from '../said';

/** The error for people behind a failed system call on `path`; anything else is returned as it is. */
export function explainFileError(error: unknown, path: string, platform: Platform = here): unknown {
  if (error instanceof BackupError) {
    return error;
  }
  if (isInUse(error, platform)) {
    return fileInUse(pathOf(error) ?? path, error);
  }
  const sentence = diskSentence(error, path);
  return sentence === null ? error : new BackupError(sentence.code, sentence.message, sentence.remedy, { cause: error });
}

/** Another program has the file open, or one below the folder, and nothing can be done about it here. */
export function fileInUse(path: string, cause?: unknown): BackupError {
  return new BackupError('FILE_IN_USE', said`Another program has ${path} open.`, 'Close it there, then try again.', { cause });
}

/** Runs file work on `path`; its failures become BackupErrors. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFileError(error, path);
  }
}
