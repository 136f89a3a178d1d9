// Verifies a backup: what its manifest promises against what lies in its folder, then SQLite's own checks.
import { BackupError } from '../errors';
import type { OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import type { Warning } from '../warnings';
import { verifyDatabase } from './database';
import type { DamagedFile, Depth, Findings } from './file';
import { verifyUploads } from './uploads';

export type { DamagedFile, Depth } from './file';

export interface Verification {
  /** What is wrong, a sentence each; empty: the backup is as it was made. */
  readonly problems: readonly string[];
  /** What could not be checked or was known when the backup was made. */
  readonly warnings: readonly Warning[];
  /** The files that are not what the manifest says, each with its problem. */
  readonly damaged: readonly DamagedFile[];
  /** What could not be read, because another program has it open, a sentence each: it may be whole or not. */
  readonly inUse: readonly string[];
}

/**
 * Reads a backup and reports; only cancellation and failures of this machine are thrown. `uploadsDepth` is for a caller that
 * reads the uploads itself and compares them with the manifest.
 */
export async function verifyBackup(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  uploadsDepth = depth,
): Promise<Verification> {
  const found: Findings = { damaged: [], inUse: [] };
  const database = await verifyDatabase(env, backup, depth, options, found);
  const uploads = await verifyUploads(env, backup, uploadsDepth, options, found);
  return { problems: [...database.problems, ...uploads.problems], warnings: [...database.warnings, ...uploads.warnings], ...found };
}

/** Fails with FILE_IN_USE when something could not be read: nothing is restored or sent out unseen. */
export function requireAllRead({ inUse }: Verification): void {
  const [first] = inUse;
  if (first !== undefined) {
    throw new BackupError('FILE_IN_USE', first, 'Nothing was changed. Close it in that program, then try again.');
  }
}
