// What is known to be wrong with a backup without reading it again: its manifest and its last verification say so.
import { warning, warningsOf, type Warning } from '../warnings';
import type { Manifest, SkippedEntry } from './manifest';
import type { VerificationRecord } from './verification-record';
import { inRow, said } from '../said';

const MOST_NAMES = 5;

/** Files that the backup lacks, what of them it could not keep, and a database that was damaged already. */
export function flawsOf(manifest: Manifest, verification: VerificationRecord | null = null): Warning[] {
  const { partial = [], unkept = [], database } = manifest;
  return [
    ...(partial.length > 0 ? [warning('FILES_MISSING', said`The backup lacks ${missingText(partial)}.`)] : []),
    ...warningsOf('ATTRIBUTES_LOST', unkept),
    ...warningsOf('NOT_CHECKED', database?.unchecked ?? []),
    ...warningsOf('INDEXES_DIFFER', database?.indexes ?? []),
    ...(database?.damaged === true ? [wasDamaged()] : []),
    ...(verification?.ok === false
      ? [warning('VERIFICATION_FAILED', said`Its last verification found damage: ${verification.problems[0] ?? 'no details were kept'}`)]
      : []),
  ];
}

/** The same warning wherever a damaged copy is met. */
export function wasDamaged(): Warning {
  return warning('DATABASE_WAS_DAMAGED', 'The database was already damaged when this backup was made.');
}

/** "1 file that could not be read when it was made: uploads/a (permission denied)". */
export function missingText(partial: readonly SkippedEntry[]): string {
  const named = partial.slice(0, MOST_NAMES).map(({ path, reason }) => said`${path} (${reason})`);
  const more = partial.length > MOST_NAMES ? said`, and ${partial.length - MOST_NAMES} more` : '';
  const count = partial.length === 1 ? '1 file' : said`${partial.length} files`;
  return said`${count} that could not be read when it was made: ${inRow(named, ', ')}${more}`;
}
