// What is said about a dump that is not whole, or, packed, more than whole.
import { BackupError } from '../../errors';
import { said } from '../../said';

const COPY_AGAIN = 'Copy it again from where it is whole, or choose another dump.';

export function endsTooEarly(): BackupError {
  return new BackupError(
    'DUMP_TRUNCATED',
    'The dump ends too early: its end is missing. Nothing was changed.',
    'Copy it again from where it is whole, or choose another dump.',
  );
}

export function truncatedDump(cause?: unknown): BackupError {
  return new BackupError('DUMP_TRUNCATED', 'The compressed dump ends too early. Nothing was changed.', COPY_AGAIN, { cause });
}

/** `what` is the rest of a sentence about the dump. */
export function damagedDump(what: string, cause?: unknown): BackupError {
  return new BackupError('DUMP_INVALID', said`The compressed dump ${what}. Nothing was changed.`, COPY_AGAIN, { cause });
}
