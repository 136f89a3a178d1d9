// Where the frames of a zstd file begin and end (RFC 8878): a decompressor stops without a word at the end of the first.
import { damagedDump, truncatedDump } from './packing-errors';

const MAGIC = 0xfd2fb528;
/** Sixteen magic numbers of what is skipped differ in their last four bits. */
const SKIPPABLE = 0x184d2a50;

/** The bytes of each frame that holds something; they are to be read to their end before the next frame is asked for. */
export async function* framesOf(input: AsyncIterable<Buffer>): AsyncGenerator<AsyncGenerator<Buffer>> {
  const reader = new PieceReader(input);
  while (await reader.hasMore()) {
    const start = await reader.take(4);
    const magic = start.readUInt32LE();
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      await reader.skip((await reader.take(4)).readUInt32LE());
    } else if (magic === MAGIC) {
      yield frame(reader, start);
    } else {
      throw damagedDump('is followed by something else');
    }
  }
}

/** From the magic number to the checksum. Fails with DUMP_TRUNCATED. */
async function* frame(reader: PieceReader, start: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await reader.take(1);
  const bits = descriptor[0] ?? 0;
  const isSingle = (bits & 0x20) !== 0;
  const bytesOfWindow = isSingle ? 0 : 1;
  const bytesOfDictionary = [0, 1, 2, 4][bits & 3] ?? 0;
  const bytesOfSize = [isSingle ? 1 : 0, 2, 4, 8][bits >> 6] ?? 0;
  yield Buffer.concat([start, descriptor, await reader.take(bytesOfWindow + bytesOfDictionary + bytesOfSize)]);
  for (let isLast = false; !isLast;) {
    const head = await reader.take(3);
    const value = head.readUIntLE(0, 3);
    const isRepeatedByte = ((value >> 1) & 3) === 1;
    isLast = (value & 1) === 1;
    yield head;
    yield* reader.pass(isRepeatedByte ? 1 : value >> 3);
  }
  if ((bits & 4) !== 0) {
    yield await reader.take(4);
  }
}

/** Hands out a stream in pieces of the size that is asked for. Fails with DUMP_TRUNCATED when there is less. */
class PieceReader {
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(input: AsyncIterable<Buffer>) {
    this.source = input[Symbol.asyncIterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done === true) {
        return false;
      }
      this.rest = next.value;
    }
    return true;
  }

  /** A few bytes at once. */
  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pass(length)) {
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  async skip(length: number): Promise<void> {
    for (const pieces = this.pass(length); (await pieces.next()).done !== true;);
  }

  /** Many bytes, as they come. */
  async *pass(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (!(await this.hasMore())) {
        throw truncatedDump();
      }
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
