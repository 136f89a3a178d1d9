// How a system says that somebody else has a file open, and does not let it be read, replaced or removed.
import type { Platform } from './platform';

/** The commonest error of Windows, which other systems give for mounts and running programs. */
const BUSY = ['EBUSY', 'ETXTBSY'];
/** What Windows answers to a change of the name of something that is open, or that holds something open. */
const HELD = ['EPERM', 'EACCES'];
const CHANGES_NAMES = ['rename', 'unlink', 'rmdir', 'rm'];

/** Whether a failed system call says that another program has the file, or one below the folder, open. */
export function isInUse(error: unknown, platform: Platform): boolean {
  if (!(error instanceof Error) || !('code' in error)) {
    return false;
  }
  const code = String(error.code);
  const call = 'syscall' in error ? String(error.syscall) : '';
  return BUSY.includes(code) || (platform.isWindows && HELD.includes(code) && CHANGES_NAMES.includes(call));
}
