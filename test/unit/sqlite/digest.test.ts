// Digests of tables, read from pages: equal exactly where SQLite reads the same rows, whatever the pages look like.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { closeSync, copyFileSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { digestTables, type TableDigest } from '../../../src/engine/sqlite/digest';
import { newFolder } from '../../support/folder';
import { Chance } from '../../support/random';
import { seed } from '../../support/seed';

const SHAPES = [
  'id INTEGER PRIMARY KEY, a, b TEXT',
  'a, b TEXT',
  'k, l, a, b TEXT, PRIMARY KEY (k, l)) WITHOUT ROWID --',
  'k TEXT COLLATE NOCASE PRIMARY KEY, a, b AS (a || k) STORED',
];

describe(`the digest of a table (seed ${String(seed)})`, function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof newFolder>;
  beforeEach(() => {
    folder = newFolder('digest');
  });
  afterEach(() => {
    folder.remove();
  });

  const digests = async (file: string): Promise<Record<string, TableDigest>> =>
    Object.fromEntries((await digestTables(file)).map((digest) => [digest.name, digest]));

  for (const pageSize of [512, 4096, 65536]) {
    it(`counts rows, and changes with them and with nothing else, in pages of ${String(pageSize)} bytes`, async () => {
      const chance = new Chance(seed + pageSize);
      const file = join(folder.path, 'a.db');
      const db = new Database(file);
      db.pragma(`page_size = ${String(pageSize)}`);
      SHAPES.forEach((shape, number) => db.exec(`CREATE TABLE t${String(number)} (${shape}\n)`.replace('--\n)', '')));
      const fill = (rows: number): void => {
        SHAPES.forEach((shape, number) => {
          const table = db
            .prepare<[], string>(`SELECT name FROM pragma_table_xinfo('t${String(number)}') WHERE hidden = 0`)
            .pluck()
            .all();
          const insert = db.prepare(`INSERT OR IGNORE INTO t${String(number)} (${table.join()}) VALUES (${table.map(() => '?').join()})`);
          for (let row = 0; row < rows; row++) {
            const long = chance.below(20) === 0 ? pageSize * chance.below(4) + chance.below(pageSize) : chance.below(40);
            const values = table.map((name) =>
              name === 'id'
                ? chance.below(2 ** 40)
                : chance.of([Buffer.alloc(long, chance.below(9)), 'x'.repeat(long), chance.below(2 ** 30)]),
            );
            insert.run(...values.map((value, index) => (shape.includes('WITHOUT') && index < 2 ? String(chance.below(2 ** 40)) : value)));
          }
        });
      };
      db.transaction(() => {
        fill(400);
      })();
      const before = await digests(file);
      for (const [name, { rows }] of Object.entries(before)) {
        assert.equal(rows, db.prepare(`SELECT count(*) FROM ${name}`).pluck().get());
      }
      assert.equal(Object.keys(before).length, SHAPES.length);
      // Other pages, the same rows.
      const copy = join(folder.path, 'b.db');
      db.prepare('VACUUM INTO ?').run(copy);
      assert.deepEqual(await digests(copy), before);
      db.exec(
        'CREATE INDEX i ON t0 (a); CREATE TABLE other (x); DELETE FROM t1 WHERE rowid = 1; UPDATE t2 SET b = b || 1 WHERE k = (SELECT min(k) FROM t2)',
      );
      const after = await digests(file);
      const isSame = (name: string): boolean => before[name]?.sha256 === after[name]?.sha256;
      assert.deepEqual(['t0', 't1', 't2', 't3'].map(isSame), [true, false, false, true]);
      db.exec('ALTER TABLE t0 RENAME COLUMN b TO c');
      assert.notEqual((await digests(file))['t0']?.sha256, before['t0']?.sha256, 'another statement');
      db.close();
    });
  }

  it('has nothing to say of virtual tables and their shadows, and counts an empty table', async () => {
    const file = join(folder.path, 'a.db');
    const db = new Database(file);
    db.exec('CREATE VIRTUAL TABLE f USING fts5 (a); INSERT INTO f VALUES (1); CREATE TABLE t (a); CREATE VIEW v AS SELECT 1');
    db.close();
    assert.deepEqual(
      (await digestTables(file)).map(({ name, rows }) => [name, rows]),
      [['t', 0]],
    );
  });

  it('lets others have a turn within one large row, which is never in memory as a whole', async () => {
    const file = join(folder.path, 'a.db');
    const db = new Database(file);
    db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000000))');
    db.close();
    let turns = 0;
    const [digest] = await digestTables(file, () => {
      turns++;
    });
    assert.equal(digest?.rows, 1);
    assert.ok(turns >= 4, String(turns));
  });

  it('is not there for a page of which all rows are the same bytes', async () => {
    const file = join(folder.path, 'a.db');
    const db = new Database(file);
    db.pragma('page_size = 65536');
    db.exec('CREATE TABLE t (a)');
    db.close();
    const page = Buffer.alloc(65536);
    const [rows, at] = [12_500, 25_100];
    page.writeUInt8(0x0d, 0);
    page.writeUInt16BE(rows, 3);
    for (let row = 0; row < rows; row++) {
      page.writeUInt16BE(at, 8 + 2 * row);
    }
    // A record of 40,000 bytes with the rowid 1.
    page.set([0x82, 0xb8, 0x40, 1], at);
    const handle = openSync(file, 'r+');
    writeSync(handle, page, 0, page.length, page.length);
    closeSync(handle);
    assert.deepEqual(await digestTables(file), []);
  });

  it('is not there for what is no sound database, ends always, and fails never', async () => {
    const file = join(folder.path, 'a.db');
    const db = new Database(file);
    db.pragma('page_size = 512');
    db.exec(
      'CREATE TABLE t (a, b); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT i, zeroblob(i * 7) FROM n',
    );
    db.close();
    const chance = new Chance(seed);
    const wrecked = join(folder.path, 'wrecked.db');
    for (let round = 0; round < 60; round++) {
      copyFileSync(file, wrecked);
      const handle = openSync(wrecked, 'r+');
      for (let change = 0; change < 12; change++) {
        const at = round % 3 === 0 ? 512 * chance.below(statSync(file).size / 512) + chance.below(12) : chance.below(statSync(file).size);
        writeSync(handle, Buffer.from([chance.below(256)]), 0, 1, at);
      }
      closeSync(handle);
      await digestTables(wrecked);
    }
    writeFileSync(wrecked, 'no database');
    assert.deepEqual([await digestTables(wrecked), await digestTables(join(folder.path, 'missing.db'))], [[], []]);
  });
});
