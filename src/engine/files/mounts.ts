// What is mounted where, as far as the system tells: such a file or folder can neither be renamed nor renamed over.
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isInside } from './paths';

/** Mount points below a folder, or the path itself; absolute. Bind mounts too, on Linux. */
export function mountsBelow(folder: string): string[] {
  return mountPoints().filter((point) => isInside(folder, point));
}

/** Whether something is mounted at this very path. */
export function isMountPoint(path: string): boolean {
  if (mountPoints().includes(path)) {
    return true;
  }
  const [own, parent] = [path, dirname(path)].map((each) => statSync(each, { throwIfNoEntry: false })?.dev);
  return own !== undefined && parent !== undefined && own !== parent;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html: the fifth field, with octal escapes. */
function mountPoints(): string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((point) => point !== '')
      .map((point) => point.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8))));
  } catch {
    return [];
  }
}
