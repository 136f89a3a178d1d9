// Who is first: the engine that begins to change something, or the person who ends it. Memory that both threads see decides.
import { cancelled } from '../engine/errors';

const NOTHING = 0;
const BEGUN = 1;
const CLOSED = 2;

/** One for the engine's thread and the main thread together: what one of them did, the other sees without being told. */
export class Gate {
  private readonly state: Int32Array<SharedArrayBuffer>;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.state = new Int32Array(memory);
  }

  /** Before something is changed that others see. Fails with CANCELLED when it was said already that nothing was. */
  begin(): void {
    if (Atomics.compareExchange(this.state, 0, NOTHING, BEGUN) === CLOSED) {
      throw cancelled();
    }
  }

  /** Whether nothing was changed since the last answer: then nothing will be. */
  close(): boolean {
    return Atomics.compareExchange(this.state, 0, NOTHING, CLOSED) !== BEGUN;
  }

  /** Everything that was begun has its answer. */
  answered(): void {
    Atomics.compareExchange(this.state, 0, BEGUN, NOTHING);
  }
}
