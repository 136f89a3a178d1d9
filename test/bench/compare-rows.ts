// Rows about comparisons, against sqldiff, and what the digests of the tables cost of a backup.
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestTables } from '../../src/engine/sqlite/digest';
import { present, row, type Row } from './measure';
import { engine, forget, newPlace, type Place } from './places';

/** Bytes of a row: 10 million rows in a gigabyte. */
const ROW = 100;

export async function compareRows(megabytes: number, rounds: number): Promise<Row[]> {
  const place = newPlace(`compare-${megabytes}`);
  const { root, database } = place;
  fillWithRows(place, megabytes);
  const before = join(root, 'backups/before/app.db');
  await engine.create({ root }, { trigger: 'manual', name: 'before' });
  const digests = await row(`digests of the tables of ${megabytes} MB`, 0.15, rounds, [
    { name: 'ours', run: () => digestTables(before) },
    {
      name: 'the whole backup, digests included',
      before: () => forget(place, ['before']),
      run: (round) => engine.create({ root }, { trigger: 'manual', name: `round-${round}` }),
    },
  ]);
  await forget(place, ['before']);
  changeRows(place);
  const sqldiff = present('sqldiff', [
    { name: 'sqldiff --summary', run: () => execFileSync('sqldiff', ['--summary', database, before], { stdio: 'ignore' }) },
  ]);
  const live = await row(`diff --stat of ${megabytes} MB with the live data, 1 % of the rows changed`, 2, rounds, [
    { name: 'ours', run: () => engine.compare({ root }, { from: null, to: 'before' }) },
    ...sqldiff,
  ]);
  await engine.create({ root }, { trigger: 'manual', name: 'after' });
  const between = await row(`diff --stat of two backups of ${megabytes} MB, 1 % of the rows changed`, 2, rounds, [
    { name: 'ours', run: () => engine.compare({ root }, { from: 'before', to: 'after' }) },
    ...sqldiff,
  ]);
  rmSync(root, { recursive: true });
  return [digests, live, between];
}

function fillWithRows({ database }: Place, megabytes: number): void {
  const db = new Database(database);
  db.pragma('synchronous = OFF');
  db.exec(
    `CREATE TABLE row (id INTEGER PRIMARY KEY, number INTEGER, text TEXT);
     INSERT INTO row (number, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${(megabytes * 1_000_000) / ROW})
     SELECT i * 7, hex(zeroblob(${ROW / 2 - 8})) FROM n`,
  );
  db.close();
}

function changeRows({ database }: Place): void {
  const db = new Database(database);
  db.exec('UPDATE row SET number = number + 1 WHERE id % 100 = 0');
  db.close();
}
