// Unpacks compressed dumps to their very end: what Node's streams ignore without a word is a failure here.
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { BackupError } from '../../errors';
import { damagedDump, truncatedDump } from './packing-errors';
import { zstd } from './zstd';
import { framesOf } from './zstd-frames';

/** Tools that write several frames write large ones; each costs time. */
const MOST_FRAMES = 2000;

/** The content of a dump. Fails with DUMP_TRUNCATED, and with DUMP_INVALID when something follows its end. */
export type Unpack = (input: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;

export async function* unpackGzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let given = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of input) {
      given += piece.length;
      yield piece;
    }
  };
  const unpack = zlib.createGunzip();
  yield* through(counted(), unpack);
  if (unpack.bytesWritten < given) {
    throw damagedDump('is followed by something else');
  }
}

export async function* unpackZstd(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let frames = 0;
  for await (const frame of framesOf(input)) {
    if (++frames > MOST_FRAMES) {
      throw new BackupError('DUMP_REFUSED', 'The dump has too many zstd frames. Nothing was changed.', 'Compress it again.');
    }
    yield* through(
      frame,
      zstd(zlib.createZstdDecompress, () => zlib.createZstdDecompress()),
    );
  }
}

async function* through(packed: AsyncIterable<Buffer>, unpack: Transform): AsyncGenerator<Buffer> {
  const stop = new AbortController();
  const flow = pipeline(Readable.from(packed), unpack, { signal: stop.signal });
  // Its failure arrives through the iteration too, and may come once more when nobody listens any longer.
  flow.catch(() => undefined);
  unpack.on('error', () => undefined);
  try {
    // Destroyed as soon as it was read, it would now and then be gone before the pipeline had seen its end.
    for await (const chunk of unpack.iterator({ destroyOnReturn: false })) {
      yield chunk as Buffer;
    }
    await flow;
  } catch (error) {
    throw explained(error);
  } finally {
    stop.abort();
  }
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Nobody else aborts: what unpacks has seen its end, and what follows has nowhere to go.
  if (code === 'ABORT_ERR') {
    return damagedDump('is followed by something else', error);
  }
  if (code === 'Z_BUF_ERROR') {
    return truncatedDump(error);
  }
  return code.startsWith('Z_') || code.startsWith('ZSTD_') ? damagedDump('is damaged', error) : error;
}
