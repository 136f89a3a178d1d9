// Writes a tar archive (POSIX pax), entry by entry: what Docker unpacks in a volume.
import { createReadStream } from 'node:fs';
import { BackupError } from '../errors';
import { said } from '../said';

/** What an entry says of a file besides its bytes. `mtime`: nanoseconds since 1970. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: bigint;
}

export type NewEntry = Attributes & { readonly path: string } & (
    | { readonly kind: 'empty' | 'folder' }
    /** `from`: a file of this machine. */
    | { readonly kind: 'file'; readonly from: string; readonly size: number }
    /** A hard link has another entry of the same folder as its target. */
    | { readonly kind: 'link' | 'hard link'; readonly target: string }
  );

const BLOCK = 512;
const TYPES = { empty: '0', file: '0', folder: '5', link: '2', 'hard link': '1' } as const;
const LARGEST_OCTAL = 0o7777777;
const SECOND = 1_000_000_000n;

/** All of it at once: only entries without bytes of their own. */
export function tarOf(entries: readonly Exclude<NewEntry, { readonly kind: 'file' }>[]): Buffer {
  return Buffer.concat([...entries.map((entry) => headerOf(entry, 0)), Buffer.alloc(2 * BLOCK)]);
}

/** As it is sent. Fails with READ_FAILED where a file changes meanwhile. */
export async function* tarStream(entries: Iterable<NewEntry>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const size = entry.kind === 'file' ? entry.size : 0;
    yield headerOf(entry, size);
    if (entry.kind === 'file') {
      let left = size;
      for await (const chunk of createReadStream(entry.from, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
        left -= chunk.length;
        yield chunk;
      }
      if (left !== 0) {
        throw new BackupError('READ_FAILED', said`${entry.from} changed while it was read.`, 'Try again.');
      }
      yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
    }
  }
  yield Buffer.alloc(2 * BLOCK);
}

function headerOf(entry: NewEntry, size: number): Buffer {
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const target = entry.kind === 'link' || entry.kind === 'hard link' ? entry.target : '';
  const seconds = entry.mtime / SECOND - (entry.mtime % SECOND < 0n ? 1n : 0n);
  const part = entry.mtime - seconds * SECOND;
  const pax = [
    ['path', path],
    ...(target === '' ? [] : [['linkpath', target]]),
    ['mtime', seconds < 0n ? String(seconds) : `${seconds}.${String(part).padStart(9, '0')}`],
    ['size', String(size)],
    ['uid', String(entry.uid)],
    ['gid', String(entry.gid)],
  ] as const;
  const records = Buffer.concat(pax.map(([key = '', value = '']) => record(key, value)));
  const padding = Buffer.alloc((BLOCK - (records.length % BLOCK)) % BLOCK);
  const short = { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtime: Number(seconds < 0n ? 0n : seconds) };
  return Buffer.concat([
    block('pax', 'x', records.length, '', { mode: 0o600, uid: 0, gid: 0, mtime: 0 }),
    records,
    padding,
    block(path, TYPES[entry.kind], size, target, short),
  ]);
}

/** `"<length> <key>=<value>\n"`, the length counting itself. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function block(
  name: string,
  type: string,
  size: number,
  target: string,
  { mode, uid, gid, mtime }: { readonly mode: number; readonly uid: number; readonly gid: number; readonly mtime: number },
): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  // What does not fit here stands in the records before.
  Buffer.from(name).copy(bytes, 0, 0, 100);
  octal(mode, 100, 8);
  octal(Math.min(uid, LARGEST_OCTAL), 108, 8);
  octal(Math.min(gid, LARGEST_OCTAL), 116, 8);
  octal(Math.min(size, 0o77777777777), 124, 12);
  octal(Math.min(mtime, 0o77777777777), 136, 12);
  bytes.fill(' ', 148, 156);
  bytes.write(type, 156, 'latin1');
  Buffer.from(target).copy(bytes, 157, 0, 100);
  bytes.write('ustar\x0000', 257, 'latin1');
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return bytes;
}
