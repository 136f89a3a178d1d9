// The one error family of the engine: a code for programs, a message for people and a remedy.
import { systemSentence } from './platform/disk-sentences';
import { said } from './said';

export type ErrorCode =
  | 'DATABASE_NOT_FOUND'
  | 'DATABASE_AMBIGUOUS'
  | 'DATABASE_LOCKED'
  | 'DATABASE_DAMAGED'
  | 'NOT_A_DATABASE'
  | 'DATABASE_ENCRYPTED'
  | 'NOTHING_TO_BACK_UP'
  | 'PROJECT_NOT_FOUND'
  | 'PROJECT_BUSY'
  | 'SETTINGS_INVALID'
  | 'NAME_INVALID'
  | 'BACKUP_EXISTS'
  | 'BACKUP_NOT_FOUND'
  | 'BACKUP_INCOMPLETE'
  | 'BACKUP_DAMAGED'
  | 'BACKUPS_INSIDE_UPLOADS'
  | 'MANIFEST_INVALID'
  | 'DUMP_REFUSED'
  | 'DUMP_TRUNCATED'
  | 'DUMP_INVALID'
  | 'NOTHING_TO_RESTORE'
  | 'NOTHING_TO_UNDO'
  | 'ROWS_CONFLICT'
  | 'REFERENCES_BROKEN'
  | 'STATE_CHANGED'
  | 'JOURNAL_UNREADABLE'
  | 'RESTORE_INTERRUPTED'
  | 'NO_SPACE'
  | 'NO_PERMISSION'
  | 'FILE_IN_USE'
  | 'READ_FAILED'
  | 'WRITE_FAILED'
  | 'USAGE'
  | 'REFUSED'
  | 'CANCELLED'
  | 'ENGINE_STOPPED'
  | 'INTERNAL';

/** One of the things that somebody has to choose from. */
export interface ErrorChoice {
  /** Absolute. */
  readonly path: string;
  /** What speaks for it and against it, half sentences for people. */
  readonly reasons: readonly string[];
}

/** What crosses a process border or is printed by `--json` of an error. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** DATABASE_AMBIGUOUS: the likeliest first. */
  readonly choices?: readonly ErrorChoice[];
}

/** A failure that a person can act on: what happened (`message`), what to do (`remedy`), and why (`cause`, for the log only). */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly choices: readonly ErrorChoice[] | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly remedy: string,
    { choices, ...options }: ErrorOptions & { readonly choices?: readonly ErrorChoice[] | undefined } = {},
  ) {
    super(message, options);
    this.choices = choices;
  }
}

/** Thrown when the caller's signal was aborted; the UI stays silent about it. */
export function cancelled(): BackupError {
  return new BackupError('CANCELLED', 'The operation was cancelled. Nothing was changed.', 'Run it again when you want.');
}

/** The report of any thrown value; what is neither a BackupError nor a failure of the system becomes INTERNAL, without its stack. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof BackupError) {
    const { code, message, remedy, choices } = error;
    return { code, message, remedy, ...(choices && { choices }) };
  }
  const sentence = systemSentence(error);
  if (sentence !== null) {
    return sentence;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    message: said`Something unexpected failed: ${detail}`,
    remedy: 'Try again. If it happens again, please report it with this message.',
  };
}
