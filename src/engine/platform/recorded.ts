// What a backup records of files besides their bytes, and what another system makes of it.
import type { Platform } from './platform';

interface Numbers {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What Node makes up on Windows for every file that may be written: nobody has given these permissions to anybody. */
const MADE_UP = 0o666;
const READ_ONLY = 0o444;

/** Mode, owner and group as far as the system has them; of Windows' only that a file is read-only. */
export function recordedNumbers({ mode, uid, gid }: Numbers, platform: Platform): Partial<Numbers> {
  if (!platform.isWindows) {
    return { mode, uid, gid };
  }
  return (mode & 0o200) === 0 ? { mode: READ_ONLY } : {};
}

/** The owner alone, for what has no mode. */
export function recordedOwner(numbers: Omit<Numbers, 'mode'>, platform: Platform): Pick<Partial<Numbers>, 'uid' | 'gid'> {
  return platform.isWindows ? {} : { uid: numbers.uid, gid: numbers.gid };
}

/** Windows has no modes of folders, and one that nobody may enter is of no use elsewhere. */
export function recordedFolderMode(mode: number, platform: Platform): number {
  return platform.isWindows ? 0o755 : mode;
}

/** The mode of a file that is restored; where the system had none, what the folder gives: never more than its own to others. */
export function restoredMode(entry: { readonly mode?: number | undefined; readonly uid?: number | undefined }, folderMode: number): number {
  const { mode, uid } = entry;
  if (mode === undefined || (uid === undefined && mode === MADE_UP)) {
    return 0o600 | (folderMode & 0o666);
  }
  return uid === undefined && mode === READ_ONLY ? 0o400 | (folderMode & 0o444) : mode;
}

/** The target of a link as every system reads it. */
export function recordedTarget(target: string, platform: Platform): string {
  return platform.isWindows ? target.replaceAll('\\', '/') : target;
}
