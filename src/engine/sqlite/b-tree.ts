// The rows of a table as they are stored, in the order of their keys, read from the pages of a file at rest without SQLite.
import { fstatSync, readSync } from 'node:fs';
import { said } from '../said';

/** Gets the bytes of the rows: of each its length, its rowid if it has one, and its record (https://www.sqlite.org/fileformat2.html#b_tree_pages). */
export interface RowSink {
  row(): void;
  bytes(source: Buffer, from: number, to: number): void;
}

interface Kind {
  readonly leaf: number;
  readonly interior: number;
  /** Rows lie in interior pages too, and have no rowid. */
  readonly isIndex: boolean;
}

const TABLE: Kind = { leaf: 0x0d, interior: 0x05, isIndex: false };
/** Of a table WITHOUT ROWID. */
const INDEX: Kind = { leaf: 0x0a, interior: 0x02, isIndex: true };
const DEEPEST = 40;
const LARGEST_ROW = 2 ** 31;
/** Bytes that are read at once where pages follow one another. */
const AHEAD_BYTES = 256 * 1024;

/** Every method may throw on a file that is not what it should be. */
export class BTreeFile {
  private readonly pageSize: number;
  private readonly usable: number;
  readonly pages: number;
  private readonly leaves: Pages;
  private readonly overflows: Pages;
  private visited = 0;
  /** How many bytes the last row has beyond its own page, and from which page on. */
  private left = 0;
  private next = 0;

  /** `handle`: of the open file; whoever opened it closes it. */
  constructor(handle: number) {
    const header = Buffer.alloc(100);
    readSync(handle, header, 0, header.length, 0);
    const stored = header.readUInt16BE(16);
    this.pageSize = stored === 1 ? 65536 : stored;
    this.usable = this.pageSize - header.readUInt8(20);
    this.pages = this.pageSize < 512 ? 0 : Math.floor(fstatSync(handle).size / this.pageSize);
    this.leaves = new Pages(handle, this.pageSize);
    this.overflows = new Pages(handle, this.pageSize);
  }

  /** Gives the rows of the table with this root page to the sink; yields after each page, and within a row of many pages. */
  *rows(root: number, sink: RowSink): Generator<undefined> {
    this.visited = 0;
    const type = this.read(root, this.leaves)[root === 1 ? 100 : 0];
    const kind = [TABLE, INDEX].find(({ leaf, interior }) => type === leaf || type === interior);
    if (kind === undefined) {
      throw malformed(root);
    }
    yield* this.below(root, kind, sink, 0);
  }

  private *below(number: number, kind: Kind, sink: RowSink, depth: number): Generator<undefined> {
    const seen = this.read(number, this.leaves);
    const start = number === 1 ? 100 : 0;
    const type = seen[start];
    const count = seen.readUInt16BE(start + 3);
    // Cells have their bytes for themselves: otherwise one page could hold gigabytes.
    let room = this.usable;
    if (type === kind.leaf) {
      for (let cell = 0; cell < count; cell++) {
        room -= this.row(seen, seen.readUInt16BE(start + 8 + 2 * cell), kind, sink, room);
        if (this.left > 0) {
          yield* this.overflow(sink);
        }
      }
      yield undefined;
      return;
    }
    if (type !== kind.interior || depth > DEEPEST) {
      throw malformed(number);
    }
    // Its place is used again further down.
    const page = Buffer.from(seen);
    yield undefined;
    for (let cell = 0; cell < count; cell++) {
      const at = page.readUInt16BE(start + 12 + 2 * cell);
      yield* this.below(page.readUInt32BE(at), kind, sink, depth + 1);
      if (kind.isIndex) {
        room -= this.row(page, at + 4, kind, sink, room);
        if (this.left > 0) {
          yield* this.overflow(sink);
        }
      }
    }
    yield* this.below(page.readUInt32BE(start + 8), kind, sink, depth + 1);
  }

  /** The part of a row that lies in its own page, at most `room` bytes. Gives how many these are. */
  private row(page: Buffer, at: number, { isIndex }: Kind, sink: RowSink, room: number): number {
    let length = 0;
    let position = at;
    for (let byte = 0x80; (byte & 0x80) !== 0; position++) {
      byte = page[position] ?? outside(position);
      length = length * 128 + (byte & 0x7f);
    }
    if (length > LARGEST_ROW) {
      throw malformed(position);
    }
    if (!isIndex) {
      for (let size = 1; size < 9 && ((page[position] ?? outside(position)) & 0x80) !== 0; size++) {
        position++;
      }
      position++;
    }
    const end = position + this.local(length, isIndex);
    if (end > this.usable || end - at > room) {
      throw malformed(position);
    }
    sink.row();
    sink.bytes(page, at, end);
    this.left = length - (end - position);
    this.next = this.left > 0 ? page.readUInt32BE(end) : 0;
    return end - at;
  }

  /** How much of a row lies in its own page (https://www.sqlite.org/fileformat2.html#cell_payload_overflow_pages). */
  private local(length: number, isIndex: boolean): number {
    const most = isIndex ? Math.floor(((this.usable - 12) * 64) / 255) - 23 : this.usable - 35;
    if (length <= most) {
      return length;
    }
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23;
    const fitting = least + ((length - least) % (this.usable - 4));
    return fitting <= most ? fitting : least;
  }

  private *overflow(sink: RowSink): Generator<undefined> {
    for (; this.left > 0; this.left -= this.usable - 4) {
      const page = this.read(this.next, this.overflows);
      sink.bytes(page, 4, 4 + Math.min(this.left, this.usable - 4));
      this.next = page.readUInt32BE(0);
      yield undefined;
    }
  }

  /** No page belongs to a table twice: what visits more than there are goes in a circle. */
  private read(number: number, pages: Pages): Buffer {
    this.visited++;
    if (number < 1 || number > this.pages || this.visited > 2 * this.pages + 2) {
      throw malformed(number);
    }
    return pages.get(number);
  }
}

/** Most pages of a table follow one another: the more have done so, the more are read at once. */
class Pages {
  private readonly bytes: Buffer;
  private readonly most: number;
  private first = 0;
  private count = 0;
  private ahead = 1;

  constructor(
    private readonly handle: number,
    private readonly size: number,
  ) {
    this.most = Math.max(1, Math.floor(AHEAD_BYTES / Math.max(1, size)));
    this.bytes = Buffer.allocUnsafe(this.most * size);
  }

  /** The page with this number, from 1; valid until the next call. */
  get(number: number): Buffer {
    if (number < this.first || number >= this.first + this.count) {
      this.ahead = number === this.first + this.count ? Math.min(2 * this.ahead, this.most) : 1;
      this.first = number;
      const read = readSync(this.handle, this.bytes, 0, this.ahead * this.size, (number - 1) * this.size);
      this.count = Math.floor(read / this.size);
      if (this.count === 0) {
        throw malformed(number);
      }
    }
    const at = (number - this.first) * this.size;
    return this.bytes.subarray(at, at + this.size);
  }
}

function outside(position: number): never {
  throw malformed(position);
}

function malformed(page: number): Error {
  return new Error(said`The table's pages cannot be followed beyond ${page}.`);
}
