// Rows that differ between generated pairs of databases, held against the counts of SQLite's own sqldiff, where that is right.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareTables } from '../../src/engine/compare/tables';
import { readSchema } from '../../src/engine/sqlite/dump/tables';
import { Chance } from '../support/random';
import { seed } from '../support/seed';

const PAIRS = 300;
/** sqldiff knows no NULL in a key, and takes 1 and 1.0 for equal: keys are never NULL, and columns have one type here. */
const SHAPES = [
  { columns: 'k INTEGER PRIMARY KEY, a TEXT, b INTEGER', key: 'integer' },
  { columns: 'k TEXT PRIMARY KEY NOT NULL, a TEXT, b INTEGER', key: 'text' },
  { columns: 'k TEXT NOT NULL, l INTEGER NOT NULL, a TEXT, b INTEGER, PRIMARY KEY (l, k)', key: 'both' },
  { columns: 'k TEXT PRIMARY KEY, a TEXT, b INTEGER', key: 'text', options: 'WITHOUT ROWID' },
  { columns: 'k INTEGER PRIMARY KEY, a TEXT, b INTEGER, c BLOB', key: 'integer', options: 'STRICT' },
] as const;

function fill(db: Database.Database, { columns, key }: (typeof SHAPES)[number], chance: Chance): void {
  const values = {
    integer: () => ['k', chance.below(60) - 30] as const,
    text: () => ['k', chance.of(['', 'a', 'A', 'ä', 'zz']) + String(chance.below(12))] as const,
    both: () => ['k', chance.of(['a', 'b', 'B'])] as const,
  };
  for (let row = chance.below(60); row > 0; row--) {
    const named = [values[key](), ['a', chance.of(['x', 'y', '', "it's", null])], ['b', chance.of([0, 1, -5, 2n ** 62n, null])]];
    const more = [
      ...(key === 'both' ? [['l', chance.below(20)]] : []),
      ...(columns.includes('c BLOB') ? [['c', chance.of([Buffer.alloc(0), Buffer.from('ff00', 'hex')])]] : []),
    ];
    const all = [...named, ...more];
    db.prepare(`INSERT OR REPLACE INTO t (${all.map(([name]) => String(name)).join()}) VALUES (${all.map(() => '?').join()})`).run(
      ...all.map(([, value]) => value),
    );
  }
}

describe(`sqldiff (seed ${String(seed)})`, function () {
  this.timeout(120_000);

  it(`counts what we count, in ${String(PAIRS)} pairs`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pats-sqldiff-'));
    try {
      for (let pair = 0; pair < PAIRS; pair++) {
        const chance = new Chance(seed + pair);
        const shape = chance.of(SHAPES);
        const files = [0, 1].map((side) => join(folder, `${String(pair)}-${String(side)}.db`));
        for (const file of files) {
          const db = new Database(file);
          db.pragma('synchronous = OFF');
          db.pragma('journal_mode = MEMORY');
          db.exec(`BEGIN; CREATE TABLE t (${shape.columns}) ${'options' in shape ? shape.options : ''}`);
          fill(db, shape, chance);
          db.exec('COMMIT');
          db.close();
        }
        const [first, second] = files.map((file) => new Database(file, { readonly: true })) as [Database.Database, Database.Database];
        const [table] = await compareTables(
          { first, second, before: readSchema(first).tables, after: readSchema(second).tables },
          { all: true },
          [],
          {},
        );
        first.close();
        second.close();
        const said = execFileSync('sqldiff', ['--summary', '--primarykey', ...files], { encoding: 'utf8' });
        const [, changed, added, removed] = /t: (\d+) changes, (\d+) inserts, (\d+) deletes/.exec(said) ?? [];
        assert.deepEqual(
          [table?.changed, table?.added, table?.removed].map(Number),
          [changed, added, removed].map((count) => Number(count ?? 0)),
          `${shape.columns}, seed ${String(seed + pair)}: ${said}`,
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
