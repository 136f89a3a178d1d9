// The system's own code of a failure.
import { here } from './platform';

/** Errors of disks for which Node has no name ("Unknown system error -122", or "UNKNOWN"), by their numbers on Linux and on macOS. */
const UNNAMED: ReadonlyMap<number, string> = here.isMacos
  ? new Map([
      [69, 'EDQUOT'],
      [70, 'ESTALE'],
    ])
  : new Map([
      [122, 'EDQUOT'],
      // A handle that a network file system has forgotten.
      [116, 'ESTALE'],
      // A file system that needs to be repaired.
      [117, 'EIO'],
    ]);

/** The error code of a failed system call, e.g. "ENOENT"; '' for anything else. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return '';
  }
  const number = 'errno' in error && typeof error.errno === 'number' ? Math.abs(error.errno) : 0;
  return /^unknown\b/i.test(error.code) ? (UNNAMED.get(number) ?? error.code) : error.code;
}
