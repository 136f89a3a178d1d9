// Per table its number of rows and a digest of what it holds, from the pages of a file that nobody writes to.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { readAtRest } from './at-rest';
import { BTreeFile, type RowSink } from './b-tree';
import type { Connection } from './connection';
import { isVirtual } from './dump/tables';
import { folded } from './same-name';
import { shadowTables } from './shadow-tables';

export interface TableDigest {
  readonly name: string;
  readonly rows: number;
  /** Equal ones: the same statement, encoding and rows. Different ones: perhaps not, e.g. after ALTER TABLE. */
  readonly sha256: string;
}

/** More tables than that are not recorded: whoever has them does without. */
const MOST_TABLES = 1000;
const LONGEST_NAME = 1000;
/** What JavaScript makes of bytes that are no UTF-8: two names that differ in them would be one, and two statements too. */
const LOST = '\ufffd';
/** Pages between two moments at which others get a turn. */
const PAGES_A_TURN = 1000;
const PIECE_BYTES = 1024 * 1024;

interface Root {
  readonly name: string;
  readonly page: number;
  readonly sql: string;
}

/**
 * The digests of all tables that keep rows of their own, in the order of their creation: virtual tables and their shadows
 * are not among them. Rows count as they are stored, in the order of their keys; it does not matter on which page, so that
 * VACUUM changes no digest. An odd or damaged file gives fewer of them, or none, and no failure; `turn` may throw to stop.
 */
export async function digestTables(file: string, turn: () => void = () => undefined): Promise<TableDigest[]> {
  const schema = unlessOdd(() => readAtRest(file, rootsIn));
  const tree = unlessOdd(() => new BTreeFile(file));
  const digests: TableDigest[] = [];
  try {
    for (const root of schema === null || schema.roots.length > MOST_TABLES ? [] : schema.roots) {
      const digest = tree === null ? null : await digestOf(tree, root, schema?.encoding ?? '', turn);
      digests.push(...(digest === null ? [] : [digest]));
    }
    return digests;
  } finally {
    tree?.close();
  }
}

function rootsIn(db: Connection): { roots: Root[]; encoding: string } {
  const shadows = shadowTables(db);
  const entries = db
    .prepare<[], Root>(
      `SELECT CAST(name AS TEXT) AS name, rootpage AS page, CAST(sql AS TEXT) AS sql FROM sqlite_schema
       WHERE type = 'table' AND rootpage > 0 AND name IS NOT NULL AND sql IS NOT NULL ORDER BY rowid LIMIT ${2 * MOST_TABLES}`,
    )
    .all();
  const isOwn = ({ name, sql }: Root): boolean =>
    !/^sqlite_/i.test(name) &&
    !`${name}${sql}`.includes(LOST) &&
    name.length <= LONGEST_NAME &&
    !shadows.has(folded(name)) &&
    !isVirtual({ type: 'table', name, sql });
  return { roots: entries.filter(isOwn), encoding: String(db.pragma('encoding', { simple: true })) };
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
function unlessOdd<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
