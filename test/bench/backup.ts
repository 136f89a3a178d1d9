// How long backups and restores take, as ratios to other tools doing comparable work in the same run.
// usage: npm run bench
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';

const MEGABYTES = 100;
const UPLOADS = 10_000;
const ROUNDS = 3;
const engine = createEngine();
const root = mkdtempSync(join(tmpdir(), 'pats-bench-'));
const database = join(root, 'backend/data/pats.db');
const uploads = join(root, 'backend/uploads');
const scratch = join(root, 'scratch');

/** Median milliseconds of some rounds. */
async function measure(work: (round: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    const start = performance.now();
    await work(round);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

function report(what: string, ours: number, peers: Record<string, number>): void {
  const ratios = Object.entries(peers).map(([name, time]) => `${(ours / time).toFixed(2)} x ${name} (${time.toFixed(0)} ms)`);
  process.stdout.write(`${what}: ${ours.toFixed(0)} ms = ${ratios.join(', ')}\n`);
}

async function forget(): Promise<void> {
  const { backups } = await engine.list({ root });
  await engine.remove({ root }, { names: backups.map((backup) => backup.name) });
}

async function main(): Promise<void> {
  mkdirSync(join(root, 'backend/data'), { recursive: true });
  mkdirSync(uploads);
  const db = new Database(database);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB)');
  db.exec(
    `INSERT INTO row (bytes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MEGABYTES * 250}) SELECT randomblob(4000) FROM n`,
  );
  db.close();

  const ownDatabase = await measure((round) => engine.create({ root }, { trigger: 'manual', name: `database-${round}` }));
  const copy = await measure(() => execFileSync('sh', ['-c', `cp "${database}" "${scratch}/c.db" && sync "${scratch}/c.db"`]));
  const shell = await measure(() => execFileSync('sqlite3', [database, `.backup ${scratch}/b.db`]));
  report(`backup of a ${MEGABYTES} MB database, hashed and checked`, ownDatabase, {
    'cp and sync (not safe)': copy,
    'sqlite3 .backup': shell,
  });

  const restore = await measure(() => engine.restore({ root }, { name: 'database-0', scope: 'database' }));
  report('verified restore in place, with a safety backup', restore, { 'sqlite3 .backup': shell });
  await forget();

  for (let number = 0; number < UPLOADS; number++) {
    const folder = join(uploads, String(number % 100));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${number}.bin`), Buffer.alloc(5000, number));
  }
  const small = { root, database: join(root, 'small.db') };
  new Database(small.database).exec('CREATE TABLE t (a)').close();
  const first = await measure(async (round) => {
    if (round > 0) {
      await forget();
    }
    await engine.create(small, { trigger: 'manual', name: `first-${round}` });
  });
  const tree = await measure(() => execFileSync('sh', ['-c', `cp -a "${uploads}" "${scratch}/u" && sync -f "${scratch}"`]));
  report(`first backup of ${UPLOADS} uploads`, first, { 'cp -a and sync': tree });
  const again = await measure((round) => engine.create(small, { trigger: 'manual', name: `again-${round}` }));
  const linked = await measure(() => execFileSync('cp', ['-al', uploads, join(scratch, 'u')]));
  report(`next backup of ${UPLOADS} unchanged uploads`, again, { 'cp -al': linked });
}

void main().finally(() => {
  rmSync(root, { recursive: true, force: true });
});
