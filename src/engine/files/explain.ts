// Turns the file system's failures into errors for people.
import { BackupError } from '../errors';
import { isInUse } from '../platform/busy';
import { here, type Platform } from '../platform/platform';
import { errnoOf } from './disk';
import { said } from '../said';

/** The error for people behind a failed system call on `path`; anything else is returned as it is. */
export function explainFileError(error: unknown, path: string, platform: Platform = here): unknown {
  if (error instanceof BackupError) {
    return error;
  }
  if (isInUse(error, platform)) {
    return fileInUse(pathOf(error) ?? path, error);
  }
  const options = { cause: error };
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new BackupError('NO_SPACE', said`There is no space left to write ${path}.`, 'Free some disk space and try again.', options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError(
        'NO_PERMISSION',
        said`This user may not read or write ${path}.`,
        'Check its owner and permissions, then try again.',
        options,
      );
    case 'EIO':
      return new BackupError(
        'WRITE_FAILED',
        said`The disk failed while working on ${path}.`,
        'Check the disk before you try again.',
        options,
      );
    case 'ENAMETOOLONG':
      return new BackupError('NAME_INVALID', said`The path ${path} is too long for this file system.`, 'Choose a shorter name.', options);
    default:
      return error;
  }
}

/** Another program has the file open, or one below the folder, and nothing can be done about it here. */
export function fileInUse(path: string, cause?: unknown): BackupError {
  return new BackupError('FILE_IN_USE', said`Another program has ${path} open.`, 'Close it there, then try again.', { cause });
}

/** The very file that the system spoke of. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

/** Runs file work on `path`; its failures become BackupErrors. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFileError(error, path);
  }
}
