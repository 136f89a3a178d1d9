// Whether one file of a backup is what the manifest says; what is found on the way, file by file.
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { isInUse } from '../platform/busy';
import { here } from '../platform/platform';
import { said } from '../said';
import type { Environment } from '../store/environment';

/**
 * `normal`: hashes the database, compares uploads by size and time. `contents`: hashes everything, and asks SQLite only
 * about a database without a hash. `full`: that and quick_check. `deep`: integrity_check too.
 */
export type Depth = 'normal' | 'contents' | 'full' | 'deep';

export interface DamagedFile {
  /** In the backup, `/`-separated. */
  readonly path: string;
  /** The same sentence as among the problems. */
  readonly problem: string;
}

/** What is found on the way. */
export interface Findings {
  readonly damaged: DamagedFile[];
  /** A sentence for each file that another program has open. */
  readonly inUse: string[];
}

/** A sentence when the file is not what is expected; null: it is, or could not be read, which is added to what is in use. Fails with CANCELLED. */
export async function fileProblem(
  env: Environment,
  file: string,
  expected: { readonly size: number; readonly sha256: string },
  name: string,
  options: OperationOptions,
  { inUse }: Findings,
  hash?: () => Promise<string>,
): Promise<string | null> {
  throwIfCancelled(options.signal);
  try {
    const stats = await env.disk.stat(file);
    if (!stats.isFile()) {
      return said`${name} is not a file.`;
    }
    if (stats.size !== BigInt(expected.size)) {
      return said`${name} has ${stats.size} bytes instead of ${expected.size}.`;
    }
    let done = 0;
    const onBytes = (bytes: number): void => {
      throwIfCancelled(options.signal);
      done += bytes;
      options.onProgress?.({ phase: 'verify', doneBytes: done, totalBytes: expected.size });
    };
    const sha256 = await (hash ?? (() => env.disk.hash(file, onBytes, options.pause)))();
    return sha256 === expected.sha256 ? null : said`${name} was changed after the backup was made: its sha256 differs.`;
  } catch (error) {
    throwIfCancelled(options.signal);
    if (error instanceof BackupError) {
      throw error;
    }
    if (isInUse(error, here)) {
      inUse.push(notRead(name));
      return null;
    }
    return errnoOf(error) === 'ENOENT' ? said`${name} is missing.` : said`${name} cannot be read (${errnoOf(error)}).`;
  }
}

function notRead(name: string): string {
  return said`${name} could not be checked: another program has it open.`;
}
