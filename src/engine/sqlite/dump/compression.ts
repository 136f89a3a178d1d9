// Compressed and plain dump files as streams; which one it is, is seen from the first bytes.
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress, constants } from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd';

const CHUNK = 256 * 1024;

export interface DumpSink {
  readonly stream: Writable;
  /** Settles when everything is on the disk, or failed. */
  readonly done: Promise<void>;
}

/** Opens a new private file for a dump. */
export function dumpSink(file: string, compression: Compression): DumpSink {
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  if (compression === 'none') {
    return { stream: target, done: finished(target) };
  }
  const packer = compression === 'gzip' ? createGzip() : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  return { stream: packer, done: pipeline(packer, target) };
}

/** The plain bytes of a dump file. `onBytes` hears how many bytes of the file were read. */
export async function dumpSource(file: string, onBytes: (bytes: number) => void): Promise<Readable> {
  const source = createReadStream(file, { highWaterMark: CHUNK });
  source.on('data', (chunk) => {
    onBytes(chunk.length);
  });
  const compression = await compressionOf(file);
  if (compression === 'none') {
    return source;
  }
  const unpacker = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  source.on('error', (error) => unpacker.destroy(error));
  return source.pipe(unpacker);
}

/** Magic numbers: RFC 1952 (gzip), RFC 8878 (Zstandard). */
export async function compressionOf(file: string): Promise<Compression> {
  const handle = await open(file, 'r');
  try {
    const magic = Buffer.alloc(4);
    await handle.read(magic, 0, 4, 0);
    if (magic[0] === 0x1f && magic[1] === 0x8b) {
      return 'gzip';
    }
    return magic.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'none';
  } finally {
    await handle.close();
  }
}

function finished(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('close', resolve);
    stream.once('error', reject);
  });
}
