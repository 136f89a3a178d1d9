// How long a comparison and the digests of a backup take, as ratios to sqldiff and to the whole backup in the same run.
// usage: npm run bench; BENCH_MEGABYTES=100 makes it quick.
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { digestTables } from '../../src/engine/sqlite/digest';

const MEGABYTES = Number(process.env['BENCH_MEGABYTES'] ?? 1000);
/** Bytes of a row: 10 million rows in a gigabyte. */
const ROW = 100;
const engine = createEngine();
const root = mkdtempSync(join(tmpdir(), 'pats-bench-compare-'));
const database = join(root, 'backend/data/pats.db');

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function report(what: string, ours: number, peer: string, theirs: number): void {
  process.stdout.write(`${what}: ${ours.toFixed(0)} ms = ${(ours / theirs).toFixed(2)} x ${peer} (${theirs.toFixed(0)} ms)\n`);
}

async function main(): Promise<void> {
  mkdirSync(join(root, 'backend/data'), { recursive: true });
  const db = new Database(database);
  db.pragma('synchronous = OFF');
  db.exec(
    `CREATE TABLE row (id INTEGER PRIMARY KEY, number INTEGER, text TEXT);
     INSERT INTO row (number, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${(MEGABYTES * 1_000_000) / ROW})
     SELECT i * 7, hex(zeroblob(${ROW / 2 - 8})) FROM n`,
  );
  const backup = await milliseconds(() => engine.create({ root }, { trigger: 'manual', name: 'before' }));
  const first = join(root, 'backups/before/pats.db');
  report(`digests of ${MEGABYTES} MB of rows`, await milliseconds(() => digestTables(first)), 'the whole backup', backup);
  db.exec('UPDATE row SET number = number + 1 WHERE id % 100 = 0');
  db.close();
  const ours = await milliseconds(() => engine.compare({ root }, { from: null, to: 'before' }));
  const theirs = await milliseconds(() => execFileSync('sqldiff', ['--summary', database, first]));
  report(`diff --stat of the live data, 1 % of the rows changed`, ours, 'sqldiff --summary', theirs);
  await engine.create({ root }, { trigger: 'manual', name: 'after' });
  const between = await milliseconds(() => engine.compare({ root }, { from: 'before', to: 'after' }));
  report(`diff --stat of two backups, 1 % of the rows changed`, between, 'sqldiff --summary', theirs);
}

void main().finally(() => {
  rmSync(root, { recursive: true, force: true });
});
