// The system's own code of a failure.

/** The error code of a failed system call, e.g. "ENOENT"; '' for anything else. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
