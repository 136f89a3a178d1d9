// The frame of a dump: a header that says who wrote it and a last line that makes truncation and damage visible.
import { createHash } from 'node:crypto';

export const HEADER = '-- pats-backup dump 1';
const TRAILER = '-- pats-backup dump complete:';

/** Longer than any trailer, so that the end of a dump can be held back while its start is hashed. */
const TRAILER_ROOM = 256;

/** SQLite takes at most 1,000,000,000 bytes in one statement, and V8 about 536,000,000 characters in one string. */
export const LONGEST_STATEMENT = 500_000_000;

export interface DumpCounts {
  readonly tables: number;
  readonly rows: number;
}

export interface Trailer extends DumpCounts {
  /** Of every byte before the trailer. */
  readonly sha256: string;
}

export function trailerLine(trailer: Trailer): string {
  return `${TRAILER} tables ${trailer.tables}, rows ${trailer.rows}, sha256 ${trailer.sha256}\n`;
}

function parseTrailer(line: string): Trailer | undefined {
  const match = /^ tables (\d+), rows (\d+), sha256 ([0-9a-f]{64})\r?\n$/.exec(line);
  return match === null ? undefined : { tables: Number(match[1]), rows: Number(match[2]), sha256: match[3] ?? '' };
}

/** What the frame of a dump says about it once all of it was read. */
export type Seal =
  | { readonly kind: 'foreign' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'whole'; readonly counts: DumpCounts };

/** Looks at the bytes of a dump as they pass and checks its frame at the end. */
export class SealReader {
  private readonly hash = createHash('sha256');
  private tail: Buffer = Buffer.alloc(0);
  private ours: boolean | undefined;

  add(chunk: Buffer): void {
    if (this.ours === false) {
      return;
    }
    const isSmall = this.ours === undefined || chunk.length < TRAILER_ROOM;
    const bytes = isSmall ? Buffer.concat([this.tail, chunk]) : chunk;
    this.ours ??= bytes.length >= HEADER.length ? startsWithHeader(bytes) : undefined;
    if (!isSmall) {
      this.hash.update(this.tail);
    }
    const certain = Math.max(0, bytes.length - TRAILER_ROOM);
    this.hash.update(bytes.subarray(0, certain));
    this.tail = Buffer.from(bytes.subarray(certain));
  }

  finish(): Seal {
    if (this.ours !== true) {
      return { kind: 'foreign' };
    }
    const start = this.tail.lastIndexOf(`\n${TRAILER}`) + 1;
    const trailer = start === 0 ? undefined : parseTrailer(this.tail.toString('latin1', start + TRAILER.length));
    if (trailer === undefined) {
      return { kind: 'missing' };
    }
    const sha256 = this.hash.update(this.tail.subarray(0, start)).digest('hex');
    return sha256 === trailer.sha256 ? { kind: 'whole', counts: trailer } : { kind: 'broken' };
  }
}

function startsWithHeader(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, HEADER.length) === HEADER;
}
