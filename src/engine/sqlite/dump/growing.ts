// Reads a file from its beginning to its end, also one that another process is still writing, as far as it is there.
import { open } from 'node:fs/promises';
import { endsTooEarly } from './packing-errors';

/** How far a file has been written. */
export class Growth {
  private length = 0;
  private isWhole = false;
  private wake: () => void = () => undefined;

  /** Of a file that is whole, and has so many bytes. */
  static whole(length: number): Growth {
    const growth = new Growth();
    growth.reached(length, true);
    return growth;
  }

  /** So many bytes are there now, and with `isWhole` all there will be. */
  reached(length: number, isWhole: boolean): void {
    this.length = length;
    this.isWhole = isWhole;
    this.wake();
  }

  /** Waits for more than `read` bytes; the same number: there are no more. */
  async beyond(read: number): Promise<number> {
    while (this.length <= read && !this.isWhole) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.length;
  }
}

/** The bytes of the file, in pieces of at most `most`; each is used again for the next one. Fails with DUMP_TRUNCATED. */
export async function* readGrowing(path: string, growth: Growth, most: number): AsyncGenerator<Buffer> {
  await growth.beyond(0);
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafeSlow(most);
    for (let read = 0, length = 0; (length = await growth.beyond(read)) > read;) {
      const { bytesRead } = await file.read(piece, 0, Math.min(most, length - read), read);
      if (bytesRead === 0) {
        throw endsTooEarly();
      }
      read += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
