// Applications go on working while restores run: what they were told is saved is afterwards live or in a backup.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { BackupError } from '../../src/engine/errors';
import { makeProject, writeUpload, type PatsProject } from '../support/pats-project';

const APPLICATION = 'PATS_FAULT_APPLICATION';
const IS_THOROUGH = process.env['PATS_FAULTS'] === 'all';
const RESTORES = IS_THOROUGH ? 20 : 6;
const engine = createEngine();

interface Application {
  readonly does: 'commits' | 'saves files';
  readonly project: Pick<PatsProject, 'root' | 'database' | 'uploads'>;
  readonly perSecond: number;
}

/** Runs in the child until it is killed, and notes what it was told is durable. */
function work({ does, project, perSecond }: Application): void {
  const log = join(project.root, 'acknowledged');
  const db = does === 'commits' ? new Database(project.database, { timeout: 20_000 }) : null;
  db?.pragma('synchronous = OFF');
  const insert = db?.prepare('INSERT INTO said (word) VALUES (?)');
  let number = 0;
  const start = performance.now();
  const next = (): void => {
    while (number < ((performance.now() - start) / 1000) * perSecond) {
      const word = `word-${++number}.txt`;
      try {
        if (insert === undefined) {
          writeFileSync(join(project.uploads, word), word);
        } else {
          insert.run(word);
        }
        appendFileSync(log, `${word}\n`);
      } catch {
        // It was told that this one is not saved: the table or the folder was not there, or locked for too long.
      }
    }
    setTimeout(next, 1);
  };
  next();
}

async function started(application: Application): Promise<ChildProcess> {
  const child = spawn(process.execPath, [__filename], {
    env: { ...process.env, [APPLICATION]: JSON.stringify(application) },
    stdio: 'inherit',
  });
  while (!existsSync(join(application.project.root, 'acknowledged'))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

function acknowledged({ root }: PatsProject): string[] {
  return readFileSync(join(root, 'acknowledged'), 'utf8').split('\n').slice(0, -1);
}

function wordsIn(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT word FROM said').pluck().all().map(String);
  } finally {
    db.close();
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')))
    .map((path) => basename(path));
}

/** Restores again and again; what cannot be done says so and has changed nothing. */
async function restoreManyTimes(project: PatsProject): Promise<number> {
  let done = 0;
  for (let turn = 0; turn < RESTORES; turn++) {
    try {
      await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
      done++;
    } catch (error) {
      assert.ok(error instanceof BackupError && error.code === 'DATABASE_LOCKED', String(error));
    }
    const { waiting } = await engine.list({ root: project.root });
    assert.equal(waiting, null);
  }
  return done;
}

function suite(): void {
  for (const journalMode of ['wal', 'delete'] as const) {
    for (const perSecond of [50, 2000]) {
      it(`no row of ${perSecond} commits a second is lost by restores (${journalMode} mode)`, async function () {
        this.timeout(240_000);
        const project = makeProject({ journalMode });
        const db = new Database(project.database);
        db.exec('CREATE TABLE said (word TEXT)');
        db.close();
        await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
        const child = await started({ does: 'commits', project, perSecond });
        try {
          await restoreManyTimes(project);
        } finally {
          await stopped(child);
        }
        const found = new Set(wordsIn(project.database));
        for (const { path } of (await engine.list({ root: project.root })).backups) {
          wordsIn(join(path, 'pats.db')).forEach((word) => found.add(word));
        }
        assert.deepEqual(
          acknowledged(project).filter((word) => !found.has(word)),
          [],
        );
        project.remove();
      });
    }
  }

  it(`no file that is saved every 20 ms is lost by ${RESTORES} restores`, async function () {
    this.timeout(240_000);
    const project = makeProject();
    for (let number = 0; number < 200; number++) {
      writeUpload(project, `docs/${number}.txt`, `document ${number}`);
    }
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    const child = await started({ does: 'saves files', project, perSecond: 50 });
    try {
      assert.equal(await restoreManyTimes(project), RESTORES);
    } finally {
      await stopped(child);
    }
    const found = new Set([...filesBelow(project.uploads), ...filesBelow(project.backups)]);
    assert.deepEqual(
      acknowledged(project).filter((word) => !found.has(word)),
      [],
    );
    assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
    rmSync(project.root, { recursive: true });
  });
}

const application = process.env[APPLICATION];
if (application === undefined) {
  describe('an application that goes on working', suite);
} else {
  work(JSON.parse(application) as Application);
}
