// Digests of the rows below some pages of a file at rest, without SQLite: any thread can do it.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { BTreeFile, type RowSink } from './b-tree';

export interface TableDigest {
  readonly name: string;
  readonly rows: number;
  /** Equal ones: the same statement, encoding and rows. Different ones: perhaps not, e.g. after ALTER TABLE. */
  readonly sha256: string;
}

/** Where the rows of a table begin. */
export interface Root {
  readonly name: string;
  readonly page: number;
  readonly sql: string;
}

export interface Roots {
  readonly roots: readonly Root[];
  readonly encoding: string;
}

/** Pages between two moments at which others get a turn. */
const PAGES_A_TURN = 1000;
const PIECE_BYTES = 1024 * 1024;

/** The digests of these tables in their order, without those that cannot be read; `handle` is the open file, `turn` may throw to stop. */
export async function digestRows(handle: number, { roots, encoding }: Roots, turn: () => void): Promise<TableDigest[]> {
  const tree = unlessOdd(() => new BTreeFile(handle));
  if (tree === null) {
    return [];
  }
  const digests: TableDigest[] = [];
  for (const root of roots) {
    const digest = await digestOf(tree, root, encoding, turn);
    digests.push(...(digest === null ? [] : [digest]));
  }
  return digests;
}

async function digestOf(tree: BTreeFile, { name, page, sql }: Root, encoding: string, turn: () => void): Promise<TableDigest | null> {
  const sink = new Digesting(JSON.stringify([1, encoding, sql]));
  const steps = tree.rows(page, sink);
  for (let pages = 1; ; pages++) {
    const step = unlessOdd(() => steps.next());
    if (step === null) {
      return null;
    }
    if (step.done === true) {
      return { name, rows: sink.rows, sha256: sink.digest() };
    }
    if (pages % PAGES_A_TURN === 0) {
      await setImmediate();
      turn();
    }
  }
}

/** Hashes pieces of the rows' bytes, and the hashes of the pieces: rows by themselves would be too small to be hashed fast. */
class Digesting implements RowSink {
  rows = 0;
  private readonly piece = Buffer.allocUnsafe(PIECE_BYTES);
  private used = 0;
  private readonly whole = createHash('sha256');

  constructor(first: string) {
    this.whole.update(first);
  }

  row(): void {
    this.rows++;
  }

  bytes(source: Buffer, from: number, to: number): void {
    for (let at = from; at < to;) {
      const copied = source.copy(this.piece, this.used, at, to);
      at += copied;
      this.used += copied;
      if (this.used === PIECE_BYTES) {
        this.next();
      }
    }
  }

  digest(): string {
    this.next();
    return this.whole.digest('hex');
  }

  private next(): void {
    this.whole.update(createHash('sha256').update(this.piece.subarray(0, this.used)).digest());
    this.used = 0;
  }
}

/** Nothing depends on a digest: whatever the reason is why there is none, it is only not recorded. */
export function unlessOdd<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
