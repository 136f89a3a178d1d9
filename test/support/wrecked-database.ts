// Wrecked databases of every kind that is met in the wild, made from a sound one by a script; the same seed wrecks the same way.
import Database from 'better-sqlite3';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Chance } from './random';

export interface WreckedOptions {
  readonly pageSize?: number;
  readonly wal?: boolean;
  readonly autoVacuum?: boolean;
}

/** What is done to the bytes of a sound database; null: nothing is left of it. */
export const WRECKS: Readonly<Record<string, (bytes: Buffer, next: (below: number) => number) => Buffer>> = {
  'cut in half': (bytes) => bytes.subarray(0, bytes.length / 2),
  'cut inside its last page': (bytes) => bytes.subarray(0, bytes.length - 100),
  'shorter than a header': (bytes) => bytes.subarray(0, 20),
  'all zeros': (bytes) => bytes.fill(0),
  'random from the start': (bytes, next) => noise(bytes, 0, bytes.length, next),
  'a random header': (bytes, next) => noise(bytes, 0, 100, next),
  'a random schema page': (bytes, next) => noise(bytes, 100, 512, next),
  'another page size in its header': (bytes) => written(bytes, 16, [0x20, 0]),
  'no possible page size': (bytes) => written(bytes, 16, [3, 0]),
  'an unknown write version': (bytes) => written(bytes, 18, [3]),
  'an unknown write version in WAL mode': (bytes) => written(bytes, 18, [7, 2]),
  'an unknown read version': (bytes) => written(bytes, 19, [9]),
  'odd payload fractions': (bytes) => written(bytes, 21, [65]),
  'an unknown schema format': (bytes) => written(bytes, 44, [0, 0, 0, 9]),
  'a wrong list of free pages': (bytes) => written(bytes, 32, [0, 0, 0, 8, 0, 0, 0, 3]),
  'a zeroed page': (bytes) => bytes.fill(0, 1024, 2048),
  'a page that has lost rows': (bytes) => {
    for (let page = 512; page < bytes.length; page += 512) {
      if (bytes[page] === 13 && bytes.readUInt16BE(page + 3) > 1) {
        return written(bytes, page + 3, [0, 1]);
      }
    }
    return bytes;
  },
  'flipped bits': (bytes, next) => {
    for (let flip = 0; flip < 40; flip++) {
      const at = next(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
    }
    return bytes;
  },
  'a zip file': () => Buffer.from(`PK\x03\x04${'zip '.repeat(500)}`, 'latin1'),
};

/** Makes `file`, a sound database with a full-text index and free pages, and wrecks it. */
export function makeWrecked(file: string, kind: string, seed: number, options: WreckedOptions = {}): void {
  rmSync(file, { force: true });
  const db = new Database(file);
  db.pragma(`page_size = ${options.pageSize ?? 512}`);
  db.pragma(`auto_vacuum = ${options.autoVacuum === true ? 1 : 0}`);
  db.pragma(`journal_mode = ${options.wal === true ? 'WAL' : 'DELETE'}`);
  db.exec(`
    CREATE TABLE rows(id INTEGER PRIMARY KEY, v); CREATE INDEX by_v ON rows(v); CREATE VIRTUAL TABLE words USING fts5(w);
    INSERT INTO rows WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i, 'row ' || i || hex(zeroblob(30)) FROM n;
    INSERT INTO words VALUES ('alpha beta'); DELETE FROM rows WHERE id > 120;`);
  db.close();
  const chance = new Chance(seed);
  const bytes = WRECKS[kind]?.(readFileSync(file), (below) => chance.below(below));
  writeFileSync(file, bytes ?? Buffer.alloc(0));
}

function written(bytes: Buffer, at: number, values: readonly number[]): Buffer {
  bytes.set(values, at);
  return bytes;
}

function noise(bytes: Buffer, from: number, to: number, next: (below: number) => number): Buffer {
  for (let at = from; at < Math.min(to, bytes.length); at++) {
    bytes[at] = next(256);
  }
  return bytes;
}
