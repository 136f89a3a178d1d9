// Kinds of file systems, as far as locks and permissions depend on them.
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { here, type Platform } from '../platform/platform';
import { isInside } from './paths';

/** Magic numbers of statfs(2) on Linux. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x6a656a63, 'VirtioFS'],
]);
/** FAT, exFAT, NTFS and FUSE, of which most keep no permissions. */
const WITHOUT_MODES: readonly number[] = [0x4d44, 0x2011bab0, 0x7366746e, 0x5346544e, 0x65735546];
/** By the names that `mount` prints. */
const REMOTE_NAMES: Readonly<Record<string, string>> = {
  nfs: 'NFS',
  smbfs: 'SMB',
  afpfs: 'AFP',
  webdav: 'WebDAV',
  macfuse: 'FUSE',
  osxfuse: 'FUSE',
};

export interface Mounted {
  readonly place: string;
  readonly kind: string;
}

/** The kind where locks may not reach other machines, by statfs and by what is mounted; null: an ordinary local one. */
export function remoteKind(type: number, path: string, platform: Platform = here): string | null {
  if (platform.isWindows) {
    return realOf(path).startsWith('\\\\') ? 'network' : null;
  }
  if (platform.isMacos) {
    return REMOTE_NAMES[kindAt(mountsOfMacos(), realOf(path)) ?? ''] ?? null;
  }
  const kind = REMOTE.get(type) ?? null;
  // What FUSE mounts from a block device, e.g. NTFS, lies in this machine.
  return kind === 'FUSE' && kindAt(mountsOfLinux(), realOf(path)) === 'fuseblk' ? null : kind;
}

/** Whether chmod changes anything there. */
export function keepsModes(type: number): boolean {
  return !WITHOUT_MODES.includes(type);
}

/** Whether names, links or modes may be other there than on this system's own disks. */
export function isForeign(type: number): boolean {
  return !keepsModes(type) || REMOTE.has(type);
}

/** The kind of the innermost mount that a path is in; undefined: none of them. */
export function kindAt(mounts: readonly Mounted[], path: string): string | undefined {
  return mounts.filter(({ place }) => isInside(place, path)).sort((a, b) => b.place.length - a.place.length)[0]?.kind;
}

/** `/dev/disk3s1 on /Volumes/data (exfat, local, nodev)` */
export function mountsIn(text: string): Mounted[] {
  return [...text.matchAll(/^.* on (\/.*) \((\w+)[^()]*\)$/gm)].map(([, place = '', kind = '']) => ({ place, kind }));
}

function mountsOfMacos(): Mounted[] {
  try {
    return mountsIn(execFileSync('/sbin/mount', { encoding: 'utf8', timeout: 5000 }));
  } catch {
    return [];
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html: the fifth field, and the first after the dash. */
function mountsOfLinux(): Mounted[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => ({ place: line.split(' ')[4] ?? '', kind: line.split(' - ')[1]?.split(' ', 1)[0] ?? '' }))
      .filter(({ place }) => place !== '');
  } catch {
    return [];
  }
}

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
