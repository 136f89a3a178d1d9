// Whose something is and since when, in words for people.
import { execFileSync } from 'node:child_process';
import { here } from '../platform/platform';
import { said } from '../said';

/** By the system's own list of users; a number that it does not know stays one. */
export function userName(uid: number): string {
  if (!here.isWindows) {
    try {
      const name = execFileSync('id', ['-un', String(uid)], {
        encoding: 'utf8',
        timeout: 5000,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
      return name === '' ? said`number ${String(uid)}` : name;
    } catch {
      // Unknown, e.g. of a container.
    }
  }
  return said`number ${String(uid)}`;
}

/** Whether a file or folder with this owner was made by another user of this machine. */
export function isOfAnother(uid: number): boolean {
  return !here.isWindows && uid !== process.getuid?.();
}

/** Local time to the minute: `2026-11-27 10:31`. */
export function minuteOf(time: Date): string {
  const [year, ...rest] = [time.getFullYear(), time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes()];
  const [month, day, hour, minute] = rest.map((part) => String(part).padStart(2, '0'));
  return `${year}-${month}-${day} ${hour}:${minute}`;
}
