// Who is at work in this engine: what runs in the background waits until nobody else is.
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from './errors';

/** Milliseconds between two pieces of work in the background, and between two looks whether others are done. */
const BREATH = 10;
const LOOK_AGAIN = 100;

/** Counts the operations that somebody waits for. */
export class Traffic {
  private running = 0;

  /** Runs an operation that goes before everything in the background. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.running++;
    try {
      return await work();
    } finally {
      this.running--;
    }
  }

  /** A pause for work in the background: a moment, and then for as long as others are at work. Fails with CANCELLED at once. */
  pause(signal: AbortSignal | undefined): () => Promise<void> {
    const wait = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    return async () => {
      try {
        await wait(BREATH);
        while (this.running > 0) {
          await wait(LOOK_AGAIN);
        }
      } catch (error) {
        throw signal?.aborted === true ? cancelled() : error;
      }
    };
  }
}
