// Reads a tar archive as it comes (POSIX pax, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html): what Docker sends.
import { isUtf8 } from 'node:buffer';
import { BackupError } from '../errors';

export interface TarEntry {
  /** Without a slash at either end; never one that leads out. */
  readonly path: string;
  /** The path in latin1 where it is not UTF-8: two such may have the same `path`; null: it is. */
  readonly odd: string | null;
  readonly kind: 'file' | 'folder' | 'link' | 'hard link' | 'other';
  /** Bytes of a file. */
  readonly size: number;
  /** Where a link leads, as it is written. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds. */
  readonly mtime: number;
  /** The content, to be read before the next entry is asked for; what is left of it is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

const BLOCK = 512;
const LARGEST_HEADER = 1024 * 1024;
const KINDS: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '\0': 'file', '5': 'folder', '2': 'link', '1': 'hard link' };

/** Fails with READ_FAILED where the archive is cut off or leads out of its folder. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(stream);
  let pax: Record<string, string> = {};
  let long: { path?: string; target?: string } = {};
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) {
      return;
    }
    const type = header.toString('latin1', 156, 157);
    const size = Number(pax['size'] ?? numberAt(header, 124, 12));
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new BackupError('READ_FAILED', 'Docker sent what is no archive.', 'Try again.');
    }
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if ('xgLK'.includes(type)) {
      const text = await textOf(bytes, size, padded);
      pax = type === 'x' ? paxIn(text) : pax;
      long = type === 'L' ? { ...long, path: plain(text) } : type === 'K' ? { ...long, target: plain(text) } : long;
      continue;
    }
    const written = pax['path'] ?? long.path ?? nameIn(header);
    const target = pax['linkpath'] ?? long.target ?? plain(header.toString('latin1', 157, 257));
    const kind = KINDS[type] ?? 'other';
    let left = kind === 'file' ? size : 0;
    const content = (async function* (): AsyncGenerator<Buffer> {
      while (left > 0) {
        const chunk = await bytes.some(left);
        left -= chunk.length;
        yield chunk;
      }
    })();
    yield {
      path: safePath(decoded(written)),
      odd: isUtf8(Buffer.from(written, 'latin1')) ? null : safePath(written),
      kind,
      size: kind === 'file' ? size : 0,
      target: decoded(target),
      mode: numberAt(header, 100, 8) & 0o7777,
      uid: Number(pax['uid'] ?? numberAt(header, 108, 8)),
      gid: Number(pax['gid'] ?? numberAt(header, 116, 8)),
      mtime: Math.floor(Number(pax['mtime'] ?? numberAt(header, 136, 12))),
      content,
    };
    await bytes.skip(left + (padded - size));
    pax = {};
    long = {};
  }
}

class Bytes {
  readonly #from: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#from = stream[Symbol.asyncIterator]();
  }

  /** At least one byte, at most `most`. */
  async some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#from.next();
      if (next.done === true) {
        throw new BackupError('READ_FAILED', 'Docker ended before all was copied.', 'Try again.');
      }
      this.#rest = next.value;
    }
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk;
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0; left -= parts.at(-1)?.length ?? 0) {
      parts.push(await this.some(left));
    }
    return Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      left -= (await this.some(left)).length;
    }
  }
}

/** In latin1: names are bytes. */
async function textOf(bytes: Bytes, size: number, padded: number): Promise<string> {
  if (size > LARGEST_HEADER) {
    throw new BackupError('READ_FAILED', 'Docker sent what is no archive.', 'Try again.');
  }
  return (await bytes.take(padded)).toString('latin1', 0, size);
}

/** `"<length> <key>=<value>\n"`, over and over; the length counts bytes. */
function paxIn(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let rest = Buffer.from(text, 'latin1');
  for (;;) {
    const [whole, length] = /^(\d{1,9}) /.exec(rest.toString('latin1', 0, 16)) ?? [];
    if (whole === undefined || Number(length) <= whole.length) {
      return found;
    }
    const record = rest.toString('latin1', whole.length, Number(length) - 1);
    const at = record.indexOf('=');
    found[record.slice(0, at)] = record.slice(at + 1);
    rest = rest.subarray(Number(length));
  }
}

function nameIn(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? plain(header.toString('latin1', 345, 500)) : '';
  const name = plain(header.toString('latin1', 0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function plain(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Octal, or with its first bit set binary. */
function numberAt(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    return Number(BigInt.asIntN(64, BigInt(`0x${field.subarray(length - 8).toString('hex')}`)));
  }
  return parseInt(plain(field.toString('latin1')).trim() || '0', 8);
}

/** Without what means nothing; fails with READ_FAILED where it leads out. */
export function safePath(written: string): string {
  const parts = written.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || written.includes('\0')) {
    throw new BackupError('READ_FAILED', 'Docker sent a path that leads out of its folder.', 'Nothing was changed.');
  }
  return parts.join('/');
}
