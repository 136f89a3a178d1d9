// Says clearly when this Node.js has no zstd.
import type { Transform } from 'node:stream';
import { BackupError } from '../../errors';

/** Node has zstd since 22.15; in older ones the function is missing. */
export function zstd(present: unknown, create: () => Transform): Transform {
  if (typeof present !== 'function') {
    throw new BackupError('DUMP_REFUSED', 'This Node.js cannot handle zstd.', 'Use gzip instead, or Node.js 22.15 or newer.');
  }
  return create();
}
