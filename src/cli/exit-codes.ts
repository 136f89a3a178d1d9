// What the exit code says; the same list is in the help.
import type { RepairResult } from '../engine/engine';
import type { ErrorCode } from '../engine/errors';
import { isIncomplete, type Warned } from '../engine/warnings';

export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, incomplete: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const CODES: Partial<Record<ErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  NAME_INVALID: EXIT.usage,
  REFUSED: EXIT.refused,
  DUMP_REFUSED: EXIT.refused,
  CANCELLED: EXIT.interrupted,
};

/** The exit code of a failure. A name that can never be one is wrong usage; a name that is not there is a failure. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return CODES[code] ?? EXIT.failed;
}

/** The exit code of what was done: warnings leave it a success unless something is missing from the result. */
export function exitCodeOfResult(result: Warned): ExitCode {
  return isIncomplete(result) ? EXIT.incomplete : EXIT.done;
}

/** A repair that mended nothing of what is damaged has failed; one that mended some of it is incomplete. */
export function exitCodeOfRepair({ repaired, unrepaired }: RepairResult): ExitCode {
  if (unrepaired.length === 0) {
    return EXIT.done;
  }
  return repaired.length === 0 ? EXIT.failed : EXIT.incomplete;
}
