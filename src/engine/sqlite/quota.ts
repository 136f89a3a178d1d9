// Whether there is no room where SQLite only says that a write failed: it tells a full disk from a failing one, but not a quota.
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../platform/errno';
import { here } from '../platform/platform';

/** Linux: a file without a name, which leaves nothing behind (https://man7.org/linux/man-pages/man2/open.2.html, O_TMPFILE). */
const UNNAMED = 0o20000000 | constants.O_DIRECTORY;
/** As much as a page of a database may need. */
const PROBE = 64 * 1024;

/** Writes a little beside a file; true: the system says that there is no room for it. Elsewhere than on Linux it cannot tell. */
export function isFullBeside(file: string): boolean {
  if (!here.isLinux) {
    return false;
  }
  let handle: number | undefined;
  try {
    handle = openSync(dirname(file), UNNAMED | constants.O_RDWR, 0o600);
    writeSync(handle, Buffer.alloc(PROBE));
    fsyncSync(handle);
    return false;
  } catch (error) {
    return ['EDQUOT', 'ENOSPC'].includes(errnoOf(error));
  } finally {
    if (handle !== undefined) {
      closeSync(handle);
    }
  }
}
