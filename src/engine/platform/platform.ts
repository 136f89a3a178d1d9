// Which system this is. The one place that asks Node; everything else is handed a Platform, so that tests can hand it another one.
// No `node:` in front, because the launcher of the command line must run on every Node.
import { posix, win32, type PlatformPath } from 'path';

export interface Platform {
  readonly isWindows: boolean;
  readonly isMacos: boolean;
  readonly isLinux: boolean;
  /** How this system writes paths. */
  readonly path: PlatformPath;
}

/** The rules of the system that Node calls so (https://nodejs.org/api/process.html#processplatform). */
export function platformOf(name: string): Platform {
  return {
    isWindows: name === 'win32',
    isMacos: name === 'darwin',
    isLinux: name === 'linux',
    path: name === 'win32' ? win32 : posix,
  };
}

/** The system that this process runs on. */
export const here: Platform = platformOf(process.platform);
