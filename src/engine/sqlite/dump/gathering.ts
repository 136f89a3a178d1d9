// Gathers the text of a dump into pieces of one size: what is written many times over is copied as rarely as can be.

/** Text, or bytes of a blob, that are to stand there in hex. */
export type Part = string | Buffer;

const PIECE = 512 * 1024;
/** Bytes that a character may take, of a pair two. */
const WIDEST = 3;

/** How many characters a part takes. */
export function lengthOf(part: Part): number {
  return typeof part === 'string' ? part.length : 2 * part.length;
}

export function textOf(part: Part): string {
  return typeof part === 'string' ? part : part.toString('hex');
}

/** Two buffers in turns: a piece stays as it is until the piece after the next one is begun. */
export class Gathering {
  private readonly buffers: [Buffer, Buffer] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
  private used = 0;

  /** Whether a part still fits into the piece at hand; if not, `take` makes room for any but the longest. */
  fits(part: Part): boolean {
    return this.used + (typeof part === 'string' ? WIDEST * part.length : 2 * part.length) <= PIECE;
  }

  /** A part that fits. */
  add(part: Part): void {
    this.used +=
      typeof part === 'string' ? this.buffers[0].write(part, this.used) : this.buffers[0].write(part.toString('hex'), this.used, 'latin1');
  }

  /** What is gathered; perhaps nothing. */
  take(): Buffer {
    const [full, next] = this.buffers;
    const piece = full.subarray(0, this.used);
    this.buffers[0] = next;
    this.buffers[1] = full;
    this.used = 0;
    return piece;
  }
}
