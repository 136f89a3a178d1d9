// What every long operation of the engine accepts (cancellation, progress) and how it reports what it is doing.
import { setImmediate } from 'node:timers/promises';
import { cancelled } from './errors';

export type Phase =
  'recover' | 'verify' | 'database' | 'uploads' | 'hash' | 'check' | 'compare' | 'safety' | 'stage' | 'replace' | 'publish';

export interface Progress {
  readonly phase: Phase;
  /** Bytes done and expected in this phase; total is 0 while it is not known. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** The names in the backups folder before the first change: said once, by what writes. */
  readonly there?: readonly string[];
}

export interface OperationOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Set for work that gives way to everything else: waited for between small pieces of it. */
  readonly pause?: () => Promise<void>;
}

/** Throws CANCELLED once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw cancelled();
  }
}

/** Steps of a long loop that are done in one go. */
const STEPS = 50;

/** Lets a long loop give everything else of the process a turn, a cancellation among it. */
export class Turns {
  #steps = 0;

  constructor(private readonly signal: AbortSignal | undefined) {}

  /** Call it after each step. Fails with CANCELLED. */
  next(): Promise<void> | undefined {
    this.#steps++;
    return this.#steps % STEPS === 0 ? this.#pass() : undefined;
  }

  async #pass(): Promise<void> {
    await setImmediate();
    throwIfCancelled(this.signal);
  }
}
