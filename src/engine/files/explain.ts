// Turns the file system's failures into errors for people.
import { BackupError } from '../errors';
import { errnoOf } from './disk';

/** The error for people behind a failed system call on `path`; anything else is returned as it is. */
export function explainFileError(error: unknown, path: string): unknown {
  if (error instanceof BackupError) {
    return error;
  }
  const options = { cause: error };
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new BackupError('NO_SPACE', `There is no space left to write ${path}.`, 'Free some disk space and try again.', options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError(
        'NO_PERMISSION',
        `This user may not read or write ${path}.`,
        'Check its owner and permissions, then try again.',
        options,
      );
    case 'EIO':
      return new BackupError('WRITE_FAILED', `The disk failed while working on ${path}.`, 'Check the disk before you try again.', options);
    case 'ENAMETOOLONG':
      return new BackupError('NAME_INVALID', `The path ${path} is too long for this file system.`, 'Choose a shorter name.', options);
    default:
      return error;
  }
}

/** Runs file work on `path`; its failures become BackupErrors. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFileError(error, path);
  }
}
