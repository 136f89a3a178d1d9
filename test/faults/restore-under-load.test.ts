// Applications go on working while restores run: what they were told is saved is afterwards live or in a backup.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { BackupError } from '../../src/engine/errors';
import { makeProject, writeUpload, type PatsProject } from '../support/pats-project';
import { isWhole, share } from '../support/seed';

const APPLICATION = 'PATS_FAULT_APPLICATION';
const RESTORES = share(2, 20);
/** Every so many restores, the last one is undone and everything is looked for again. */
const UNDO_EVERY = share(2, 1);
const engine = createEngine();

interface Application {
  readonly does: 'commits' | 'saves files';
  readonly project: Pick<PatsProject, 'root' | 'database' | 'uploads'>;
  readonly perSecond: number;
  /** Milliseconds that SQLite waits for a lock. */
  readonly patience: number;
}

/** What an application without patience was told instead of having to wait. */
interface Refused {
  readonly commits: number;
  readonly refused: number;
  /** Milliseconds: the longest time in which every commit was refused, and the longest that one took. */
  readonly longestRefusal: number;
  readonly longestCommit: number;
}

function logOf({ root }: Pick<PatsProject, 'root'>, does: Application['does']): string {
  return join(root, does === 'commits' ? 'committed' : 'saved');
}

/** Runs in the child until it is killed, and notes what it was told is durable. */
function work({ does, project, perSecond, patience }: Application): void {
  const log = logOf(project, does);
  const db = does === 'commits' ? new Database(project.database, { timeout: patience }) : null;
  db?.pragma('synchronous = OFF');
  let number = 0;
  let seen = { commits: 0, refused: 0, longestRefusal: 0, longestCommit: 0 };
  let refusedSince: number | null = null;
  const start = performance.now();
  const save = (word: string): void => {
    if (db === null) {
      writeFileSync(join(project.uploads, word), word);
      return;
    }
    const before = performance.now();
    try {
      db.prepare('INSERT INTO said (word) VALUES (?)').run(word);
      refusedSince = null;
      seen = { ...seen, commits: seen.commits + 1, longestCommit: Math.max(seen.longestCommit, performance.now() - before) };
    } catch (error) {
      refusedSince ??= before;
      seen = { ...seen, refused: seen.refused + 1, longestRefusal: Math.max(seen.longestRefusal, performance.now() - refusedSince) };
      throw error;
    }
  };
  const next = (): void => {
    while (number < ((performance.now() - start) / 1000) * perSecond) {
      const word = `word-${++number}.txt`;
      try {
        save(word);
        appendFileSync(log, `${word}\n`);
      } catch {
        // It was told that this one is not saved: the table or the folder was not there, or locked for too long.
      }
      if (number % perSecond === 0) {
        writeFileSync(`${log}.seen`, JSON.stringify(seen));
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
  while (!existsSync(logOf(application.project, application.does))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

/** Only what was acknowledged before anybody looks where it is. */
function acknowledged(project: PatsProject, does: Application['does']): string[] {
  const log = logOf(project, does);
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
}

function wordsIn(file: string): string[] {
  const db = new Database(file, { readonly: true, timeout: 20_000 });
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

/** Backups never change: what was read from one is known. */
class Kept {
  private readonly rows = new Set<string>();
  private readonly files = new Set<string>();
  private readonly read = new Set<string>();

  constructor(private readonly project: PatsProject) {}

  /** Every row and every file that was acknowledged is live, or in a backup of the list. */
  async requireAll(): Promise<void> {
    const { project } = this;
    const [committed, saved] = [acknowledged(project, 'commits'), acknowledged(project, 'saves files')];
    const { backups } = await engine.list({ root: project.root });
    for (const { path, name, status } of backups.filter((each) => !this.read.has(each.name))) {
      assert.equal(status, 'ok', name);
      wordsIn(join(path, 'pats.db')).forEach((word) => this.rows.add(word));
      filesBelow(path).forEach((file) => this.files.add(file));
      this.read.add(name);
    }
    const [rows, files] = [new Set(wordsIn(project.database)), new Set(filesBelow(project.uploads))];
    const missing = (all: string[], live: Set<string>, kept: Set<string>): string[] =>
      all.filter((word) => !live.has(word) && !kept.has(word));
    assert.deepEqual(missing(committed, rows, this.rows), [], 'rows are lost');
    assert.deepEqual(missing(saved, files, this.files), [], 'files are lost');
  }
}

interface Tally {
  readonly restored: number;
  readonly undone: number;
  readonly refused: number;
}

/** Restores again and again; what cannot be done says so and has changed nothing. */
async function restoreManyTimes(project: PatsProject): Promise<Tally> {
  const kept = new Kept(project);
  const tally = { restored: 0, undone: 0, refused: 0 };
  const run = async (work: () => Promise<unknown>, what: 'restored' | 'undone'): Promise<boolean> => {
    try {
      await work();
      tally[what]++;
      return true;
    } catch (error) {
      assert.ok(error instanceof BackupError && error.code === 'DATABASE_LOCKED', String(error));
      tally.refused++;
      return false;
    } finally {
      assert.equal((await engine.list({ root: project.root })).waiting, null);
      await kept.requireAll();
    }
  };
  for (let turn = 1; turn <= RESTORES; turn++) {
    const isDone = await run(() => engine.restore({ root: project.root }, { name: 'good', scope: 'all' }), 'restored');
    if (isDone && turn % UNDO_EVERY === 0) {
      await run(() => engine.undo({ root: project.root }, {}), 'undone');
    }
  }
  return tally;
}

async function prepared(journalMode: 'wal' | 'delete'): Promise<PatsProject> {
  const project = makeProject({ journalMode });
  const db = new Database(project.database);
  db.exec('CREATE TABLE said (word TEXT)');
  db.close();
  for (let number = 0; number < 200; number++) {
    writeUpload(project, `docs/${number}.txt`, `document ${number}`);
  }
  await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  return project;
}

function suite(): void {
  for (const journalMode of ['wal', 'delete'] as const) {
    for (const perSecond of [50, 2000]) {
      it(`${RESTORES} restores under ${perSecond} commits and 50 saved files a second lose nothing (${journalMode} mode)`, async function () {
        this.timeout(isWhole ? 3_600_000 : 600_000);
        const project = await prepared(journalMode);
        const commits = await started({ does: 'commits', project, perSecond, patience: 20_000 });
        const saves = await started({ does: 'saves files', project, perSecond: 50, patience: 0 });
        try {
          const { restored, undone, refused } = await restoreManyTimes(project);
          process.stdout.write(`      (${restored} restored, ${undone} undone, ${refused} refused)\n`);
          assert.equal(restored, RESTORES);
        } finally {
          await Promise.all([stopped(commits), stopped(saves)]);
        }
        assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
        project.remove();
      });
    }

    if (!isWhole) {
      continue;
    }
    it(`an application that waits for no lock is refused only shortly (${journalMode} mode)`, async function () {
      this.timeout(3_600_000);
      const project = await prepared(journalMode);
      const commits = await started({ does: 'commits', project, perSecond: 100, patience: 0 });
      try {
        await restoreManyTimes(project);
        await new Promise((resolve) => setTimeout(resolve, 1500));
      } finally {
        await stopped(commits);
      }
      const seen = JSON.parse(readFileSync(`${logOf(project, 'commits')}.seen`, 'utf8')) as Refused;
      process.stdout.write(`      (${JSON.stringify(seen)})\n`);
      assert.ok(seen.commits > 0);
      project.remove();
    });
  }
}

const application = process.env[APPLICATION];
if (application === undefined) {
  describe('an application that goes on working', suite);
} else {
  work(JSON.parse(application) as Application);
}
