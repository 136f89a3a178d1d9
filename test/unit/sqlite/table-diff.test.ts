// Rows paired by key, one by one and by ranges of rowids: held against a brute force in memory.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachOther, countByRanges } from '../../../src/engine/sqlite/table-counts';
import { diffTable, pairingOf, type RowChange, type RowRange, type TableCounts } from '../../../src/engine/sqlite/table-diff';
import { Chance } from '../../support/random';
import { seed } from '../../support/seed';

const PAIRS = 300;
const SHAPES = [
  'id INTEGER PRIMARY KEY, a, b TEXT',
  'a, b TEXT, id INTEGER PRIMARY KEY DESC',
  'a, b TEXT',
  'k TEXT PRIMARY KEY, a, b TEXT',
  'k TEXT COLLATE NOCASE PRIMARY KEY, a, b TEXT',
  'k, l, a, b TEXT, PRIMARY KEY (k, l)',
  'k BLOB, l INTEGER, a, b TEXT, PRIMARY KEY (l DESC, k)) WITHOUT ROWID --',
  'k TEXT PRIMARY KEY, a ANY, b TEXT) STRICT --',
  'id INTEGER PRIMARY KEY, a, b TEXT, c GENERATED ALWAYS AS (a || b) VIRTUAL',
  'rowid, _rowid_, oid, a, b TEXT',
];
const VALUES = [
  'NULL',
  '0',
  '1',
  '-1',
  '1.0',
  '0.5',
  '-0.0',
  '9223372036854775807',
  '-9223372036854775808',
  '9007199254740993',
  '1e300',
  "''",
  "'a'",
  "'A'",
  "'ä'",
  "'b'",
  "CAST(X'ff' AS TEXT)",
  "CAST(X'fe' AS TEXT)",
  "X''",
  "X'61'",
  "X'ff00'",
  "'x' || char(0) || 'y'",
  '9e999',
  "'1'",
];

let folder: string;

function fill(db: Database.Database, chance: Chance): void {
  const columns = db.prepare<[], { name: string; hidden: number }>("SELECT name, hidden FROM pragma_table_xinfo('t')").all();
  const names = columns.filter(({ hidden }) => hidden === 0).map(({ name }) => name);
  const rows = chance.below(14);
  for (let row = 0; row < rows; row++) {
    const values = names.map((name) => (name === 'id' || name === 'l' ? String(chance.below(9)) : chance.of(VALUES)));
    try {
      db.exec(`INSERT OR IGNORE INTO t (${names.join(', ')}) VALUES (${values.join(', ')})`);
    } catch (error) {
      // A STRICT table refuses some values, a key some others.
      assert.ok(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'), String(error));
    }
  }
}

function change(db: Database.Database, chance: Chance): void {
  const column = chance.of(['a', 'b']);
  for (const sql of [
    `DELETE FROM t WHERE abs(random()) % 5 = 0`,
    `UPDATE OR IGNORE t SET ${column} = ${chance.of(VALUES.filter((value) => column === 'a' || value.startsWith("'")))} WHERE abs(random()) % 4 = 0`,
  ]) {
    db.exec(sql);
  }
  fill(db, chance);
}

/** Every row by its key and by everything it holds, exactly. */
function rowsOf(
  db: Database.Database,
  key: readonly string[],
  columns: readonly string[],
): { key: string; hasNull: boolean; whole: string }[] {
  const exact = (name: string): string =>
    `quote(typeof("${name}")) || CASE typeof("${name}") WHEN 'text' THEN quote(CAST("${name}" AS BLOB)) WHEN 'real' THEN printf('%!.20g', "${name}") ELSE quote("${name}") END`;
  const keyed = (name: string): string =>
    `CASE typeof("${name}") WHEN 'text' THEN 't' || quote(CAST("${name}" AS BLOB)) WHEN 'blob' THEN 'b' || quote("${name}") ELSE quote("${name}" + 0.0) || quote(CAST("${name}" AS INTEGER)) END`;
  const nulls = key.length === 0 ? '1' : key.map((name) => `"${name}" IS NULL`).join(' OR ');
  const list = (names: readonly string[], of: (name: string) => string): string =>
    names.length === 0 ? "''" : names.map(of).join(" || ',' || ");
  return db
    .prepare<[], [string, number, string]>(`SELECT ${list(key, keyed)}, ${nulls}, ${list(columns, exact)} FROM t`)
    .raw()
    .all()
    .map(([each, hasNull, whole]) => ({ key: each, hasNull: hasNull === 1, whole }));
}

function bruteForce(first: Database.Database, second: Database.Database, key: readonly string[], columns: readonly string[]): TableCounts {
  const [before, after] = [first, second].map((db) => rowsOf(db, key, columns)) as [ReturnType<typeof rowsOf>, ReturnType<typeof rowsOf>];
  const left = new Map<string, string[]>();
  const nameOf = (row: { key: string; hasNull: boolean; whole: string }): string => (row.hasNull ? `whole ${row.whole}` : row.key);
  for (const row of before) {
    left.set(nameOf(row), [...(left.get(nameOf(row)) ?? []), row.whole]);
  }
  let [added, changed] = [0, 0];
  for (const row of after) {
    const partner = left.get(nameOf(row))?.pop();
    added += partner === undefined ? 1 : 0;
    changed += partner !== undefined && partner !== row.whole ? 1 : 0;
  }
  const removed = [...left.values()].reduce((sum, rows) => sum + rows.length, 0);
  return { before: before.length, after: after.length, added, removed, changed };
}

/** The counts of the other way, which also names the ranges in which something differs; null: the table has no such way. */
async function byRanges(first: Database.Database, second: Database.Database): Promise<{ counts: TableCounts; changes: number } | null> {
  const pairing = pairingOf(first, second, 't', false);
  if (!pairing.isByRowid) {
    return null;
  }
  assert.ok(attachOther(first, second.name));
  let changes = 0;
  const walk = async (range: RowRange): Promise<void> => {
    await diffTable(
      first,
      second,
      't',
      pairing,
      () => Promise.resolve(),
      () => changes++,
      range,
    );
  };
  return { counts: await countByRanges(first, 't', pairing, () => Promise.resolve(), walk, 3), changes };
}

async function ours(first: Database.Database, second: Database.Database): Promise<{ counts: TableCounts; changes: RowChange[] }> {
  const changes: RowChange[] = [];
  const pairing = pairingOf(first, second, 't', false);
  const counts = await diffTable(
    first,
    second,
    't',
    pairing,
    () => Promise.resolve(),
    (each) => changes.push(each),
  );
  return { counts, changes };
}

describe(`the difference of two tables (seed ${String(seed)})`, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pats-diff-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const shape of SHAPES) {
    it(`is what a brute force finds: (${shape})`, async function () {
      this.timeout(60_000);
      for (let pair = 0; pair < Math.ceil(PAIRS / SHAPES.length); pair++) {
        const chance = new Chance(seed + pair);
        const files = [join(folder, `first-${String(pair)}.db`), join(folder, `second-${String(pair)}.db`)] as const;
        const [first, second] = files.map((file) => new Database(file)) as [Database.Database, Database.Database];
        first.pragma('synchronous = OFF');
        first.exec(`CREATE TABLE t (${shape}\n)`.replace('--\n)', ''));
        fill(first, chance);
        first.exec(`VACUUM INTO '${files[1]}.made'`);
        second.close();
        const changedOne = new Database(`${files[1]}.made`);
        changedOne.pragma('synchronous = OFF');
        change(changedOne, chance);
        const { counts, changes } = await ours(first, changedOne);
        const pairing = pairingOf(first, changedOne, 't', false);
        assert.deepEqual(counts, bruteForce(first, changedOne, pairing.key, pairing.columns), `${shape}, seed ${String(seed + pair)}`);
        assert.equal(changes.length, counts.added + counts.removed + counts.changed);
        const other = (await byRanges(first, changedOne)) ?? { counts, changes: changes.length };
        assert.deepEqual(other, { counts, changes: changes.length }, `${shape}, seed ${String(seed + pair)}`);
        first.close();
        changedOne.close();
      }
    });
  }
});
