// Counts the bytes that pass through a stream, and ends it when the operation is cancelled.
import { Transform } from 'node:stream';
import { throwIfCancelled } from '../operation';

export interface ArchiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears the bytes that went into or came out of the archive. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export const PRIVATE_FILE = 0o600;

export function meter(options: ArchiveOptions): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        throwIfCancelled(options.signal);
        options.onBytes?.(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
