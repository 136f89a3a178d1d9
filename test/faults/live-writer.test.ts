// A backup of a database that another process writes at full speed holds one committed state of it.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { realEnvironment } from '../../src/engine/store/environment';
import { share } from '../support/seed';
import { execute, makeProject, type PatsProject } from '../support/pats-project';

const RUNS = share(5, 100);
const WRITER = 'PATS_FAULT_WRITER';
/** Every commit moves an amount between two accounts and counts itself: the sum and the count of moves must always agree. */
const SCHEMA = `
  CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
  INSERT INTO account WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, 1000 FROM n;
  CREATE TABLE move (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
  CREATE TABLE moves (count INTEGER NOT NULL, total INTEGER NOT NULL);
  INSERT INTO moves VALUES (0, 0);
  CREATE TABLE ballast (bytes BLOB);
  INSERT INTO ballast WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT randomblob(4000) FROM n;
`;

/** Runs in the child until it is killed: so many commits a second, as far as the machine can. */
function write(file: string, rate: number): void {
  const db = new Database(file, { timeout: 10_000 });
  db.pragma('synchronous = OFF');
  const take = db.prepare('UPDATE account SET amount = amount - ? WHERE id = ?');
  const give = db.prepare('UPDATE account SET amount = amount + ? WHERE id = ?');
  const record = db.prepare('INSERT INTO move (amount) VALUES (?)');
  const count = db.prepare('UPDATE moves SET count = count + 1, total = total + ?');
  const move = db.transaction((amount: number, from: number, to: number) => {
    take.run(amount, from);
    give.run(amount, to);
    record.run(amount);
    count.run(amount);
  });
  let done = 0;
  const start = Date.now();
  setInterval(() => {
    const due = ((Date.now() - start) / 1000) * rate;
    for (let batch = 0; done < due && batch < 100; batch++, done++) {
      move.immediate(done % 7, (done % 1000) + 1, ((done * 31) % 1000) + 1);
    }
    process.send?.(done);
  }, 1);
}

async function startWriter(file: string, rate: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [__filename], {
    env: { ...process.env, [WRITER]: `${rate} ${file}` },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

function holdsInvariant(file: string): void {
  const db = new Database(file, { readonly: true });
  const one = (sql: string): unknown => db.prepare(sql).pluck().get();
  assert.equal(one('SELECT sum(amount) FROM account'), 1_000_000);
  assert.equal(one('SELECT count(*) FROM move'), one('SELECT count FROM moves'));
  assert.equal(one('SELECT coalesce(sum(amount), 0) FROM move'), one('SELECT total FROM moves'));
  assert.equal(one('PRAGMA integrity_check'), 'ok');
  db.close();
}

/** The engine, and how often it has copied the file itself while a read transaction held it. */
function watched(): { readonly engine: ReturnType<typeof createEngine>; readonly copies: () => number } {
  let copies = 0;
  const copyApart: Disk['copyApart'] = async (from, to, signal) => {
    const isCopied = await realDisk.copyApart(from, to, signal);
    copies += isCopied ? 1 : 0;
    return isCopied;
  };
  return { engine: createEngine({ ...realEnvironment, disk: { ...realDisk, copyApart } }), copies: () => copies };
}

function suite(): void {
  for (const [journalMode, rate] of [
    ['wal', 50],
    ['wal', 2000],
    ['delete', 50],
    ['delete', 2000],
  ] as const) {
    describe(`a backup under ${rate} commits a second in ${journalMode} mode`, () => {
      const { engine, copies } = watched();
      let project: PatsProject;
      let writer: ChildProcess;
      before(async () => {
        project = makeProject({ journalMode });
        execute(project.database, SCHEMA);
        writer = await startWriter(project.database, rate);
      });
      after(async () => {
        const ended = once(writer, 'exit');
        writer.kill('SIGKILL');
        await ended;
        project.remove();
      });

      for (let run = 1; run <= RUNS; run++) {
        it(`holds the writer's invariant (run ${run} of ${RUNS})`, async function () {
          this.timeout(60_000);
          const backup = await engine.create({ root: project.root }, { trigger: 'manual', name: `run-${run}` });
          assert.equal(writer.exitCode, null, 'the writer ended');
          holdsInvariant(join(backup.path, 'pats.db'));
        });
      }

      it('has copied different states, so that the writer really was at work', () => {
        const counts = Array.from({ length: RUNS }, (_, index) => {
          const file = join(project.backups, `run-${index + 1}`, 'pats.db');
          assert.ok(existsSync(file));
          const db = new Database(file, { readonly: true });
          const count = db.prepare('SELECT count FROM moves').pluck().get();
          db.close();
          return count;
        });
        assert.equal(new Set(counts).size, RUNS);
        process.stdout.write(`      (${copies()} of ${RUNS} as a file)\n`);
      });
    });
  }
}

const task = process.env[WRITER];
if (task === undefined) {
  suite();
} else {
  const [rate = '', ...file] = task.split(' ');
  write(file.join(' '), Number(rate));
}
