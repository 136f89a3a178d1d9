// A process killed at any named step of a backup or a restore leaves the old state or the new one, never a mix.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKUP_STEPS, RESTORE_STEPS, RETAKE_STEPS, realEnvironment } from '../../src/engine/store/environment';
import { createEngine } from '../../src/engine/create-engine';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { isWhole } from '../support/seed';
import {
  execute,
  filesOf,
  hiddenIn,
  makeProject,
  rowsOf,
  stateOf,
  visibleIn,
  writeUpload,
  type PatsProject,
} from '../support/pats-project';

interface Task {
  readonly root: string;
  readonly operation: 'create' | 'restore' | 'restore part' | 'recover';
  readonly step: string;
  /** The step may be reached several times (a restore makes a backup first): die at the n-th. */
  readonly occurrence: number;
  /** What an application commits when the uploads are in place. */
  readonly commits?: string;
  /** What it saves before that. */
  readonly saves?: { readonly path: string; readonly content: string };
}

const TASK = 'PATS_FAULT_TASK';
const engine = createEngine();
const PART = { name: 'good', scope: 'all', tables: ['applications', 'companies'], files: ['uploads/2024/portrait.png'] } as const;

/** Runs in the child: dies without any chance to clean up. */
async function dieAt(task: Task): Promise<void> {
  let seen = 0;
  const dieMaybe = (name: string): void => {
    seen += name === task.step ? 1 : 0;
    if (name === task.step && seen === task.occurrence) {
      process.kill(process.pid, 'SIGKILL');
    }
  };
  const mortal = createEngine({
    ...realEnvironment,
    disk: announcing(() => {
      dieMaybe('change');
    }),
    step: (name) => {
      if (name === 'uploads-placed' && task.commits !== undefined) {
        if (task.saves !== undefined) {
          writeFileSync(join(task.root, 'backend/uploads', task.saves.path), task.saves.content);
        }
        execute(join(task.root, 'backend/data/pats.db'), task.commits);
      }
      dieMaybe(name);
    },
  });
  if (task.operation === 'create') {
    await mortal.create({ root: task.root }, { trigger: 'manual', name: 'second' });
  } else if (task.operation === 'restore') {
    await mortal.restore({ root: task.root }, { name: 'good', scope: 'all' });
  } else if (task.operation === 'restore part') {
    await mortal.restore({ root: task.root }, PART);
  } else {
    await mortal.recover({ root: task.root }, {});
  }
}

/** A disk that says "change" before each change of names. */
function announcing(change: () => void): Disk {
  return {
    ...realDisk,
    rename: (from, to) => {
      change();
      return realDisk.rename(from, to);
    },
    remove: (path) => {
      change();
      return realDisk.remove(path);
    },
    removeEmpty: (path) => {
      change();
      return realDisk.removeEmpty(path);
    },
  };
}

/** From the replacement of the database on, and before that not at all. */
function hasHappened(step: string): boolean {
  return RESTORE_STEPS.indexOf(step as never) >= RESTORE_STEPS.indexOf('database-replaced');
}

/** The rows without the table that was made after the crash, and whether that is live. */
function withoutSince(project: PatsProject): { readonly rows: unknown; readonly isLive: boolean } {
  const rows = { ...rowsOf(project.database) };
  const isLive = 'since' in rows;
  delete rows['since'];
  return { rows, isLive };
}

async function isInSomeBackup(project: PatsProject): Promise<boolean> {
  const { backups } = await engine.list({ root: project.root });
  return backups.some(({ path }) => 'since' in rowsOf(join(path, 'pats.db')));
}

function contentOf(project: PatsProject, path: string): string {
  return readFileSync(join(project.uploads, path), 'utf8');
}

/** Runs the operation in a process of its own; true: it died at the step. */
function runAndDie(task: Task): boolean {
  const child = spawnSync(process.execPath, [__filename], { env: { ...process.env, [TASK]: JSON.stringify(task) }, encoding: 'utf8' });
  // Windows has no signals: a process that was killed ends with a code and without a word.
  const isKilled = child.signal === 'SIGKILL' || (process.platform === 'win32' && child.status !== 0 && child.stderr === '');
  assert.ok(isKilled || child.status === 0, child.stderr);
  return isKilled;
}

async function prepare(journalMode: 'wal' | 'delete'): Promise<PatsProject> {
  const project = makeProject({ journalMode });
  await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  return project;
}

function wreck(project: PatsProject): void {
  execute(project.database, 'DELETE FROM applications; DROP TABLE companies');
  rmSync(join(project.uploads, '2024'), { recursive: true });
  writeUpload(project, 'later.txt', 'later');
}

function suite(): void {
  describe('a backup killed', () => {
    for (const step of BACKUP_STEPS) {
      it(`at "${step}" is there whole or not at all, and the next run sweeps what is left`, async () => {
        const project = await prepare('wal');
        try {
          const before = stateOf(project);
          const good = filesOf(join(project.backups, 'good'));
          assert.ok(runAndDie({ root: project.root, operation: 'create', step, occurrence: 1 }), 'it did not die');
          const { backups } = await engine.list({ root: project.root });
          assert.deepEqual(
            backups.map((backup) => [backup.name, backup.status]).sort(),
            step === 'published'
              ? [
                  ['good', 'ok'],
                  ['second', 'ok'],
                ]
              : [['good', 'ok']],
          );
          assert.ok((await engine.verify({ root: project.root }, { deep: true })).every((result) => result.ok));
          assert.deepEqual(hiddenIn(project.backups), []);
          assert.deepEqual(stateOf(project), before);
          assert.deepEqual(filesOf(join(project.backups, 'good')), good);
        } finally {
          project.remove();
        }
      });
    }
  });

  for (const journalMode of ['wal', 'delete'] as const) {
    describe(`a restore into a database in ${journalMode} mode, killed`, () => {
      for (const step of [...BACKUP_STEPS, ...RESTORE_STEPS]) {
        it(`at "${step}" has happened or has not, also when the application writes before the next run`, async function () {
          this.timeout(30_000);
          const project = await prepare(journalMode);
          try {
            const restored = stateOf(project);
            wreck(project);
            const wrecked = stateOf(project);
            assert.ok(runAndDie({ root: project.root, operation: 'restore', step, occurrence: 1 }), 'it did not die');
            writeUpload(project, 'after-the-crash.txt', 'saved by the application');
            const { actions, waiting } = await engine.recover({ root: project.root }, {});
            assert.equal(waiting, null);
            assert.ok(actions.length > 0 || step === 'cleaned' || step === 'verified', 'nothing was said');
            assert.deepEqual(hiddenIn(project.backups), []);
            assert.deepEqual(leftovers(project), []);
            assert.ok((await engine.verify({ root: project.root }, { deep: true })).every((result) => result.ok));
            assert.equal(contentOf(project, 'after-the-crash.txt'), 'saved by the application');
            rmSync(join(project.uploads, 'after-the-crash.txt'));
            assert.deepEqual(stateOf(project), hasHappened(step) ? restored : wrecked, actions.join(' '));
            if (hasHappened(step)) {
              await engine.undo({ root: project.root }, {});
              assert.deepEqual(stateOf(project), wrecked);
            } else {
              assert.deepEqual(visibleIn(project.backups), ['good']);
            }
          } finally {
            project.remove();
          }
        });
      }

      it('at any moment around the replacement, then a new table: never rows of one state with uploads of the other', async function () {
        this.timeout(60_000);
        for (const step of ['committing', 'uploads-cleared', 'uploads-placed', 'database-replaced', 'restored']) {
          const project = await prepare(journalMode);
          try {
            const restored = stateOf(project);
            wreck(project);
            const wrecked = stateOf(project);
            assert.ok(runAndDie({ root: project.root, operation: 'restore', step, occurrence: 1 }), 'it did not die');
            execute(project.database, 'CREATE TABLE since (id INTEGER); INSERT INTO since VALUES (1); CREATE INDEX by_id ON since(id)');
            await engine.recover({ root: project.root }, {});
            const found = withoutSince(project);
            const uploads = JSON.stringify(stateOf(project).uploads);
            const states = [restored, wrecked].filter((state) => JSON.stringify(state.rows) === JSON.stringify(found.rows));
            assert.ok(
              states.some((state) => JSON.stringify(state.uploads) === uploads),
              `a mix after a kill at ${step}`,
            );
            assert.ok(found.isLive || (await isInSomeBackup(project)), `the new table is nowhere after a kill at ${step}`);
          } finally {
            project.remove();
          }
        }
      });
    });
  }

  for (const operation of ['restore', 'restore part'] as const) {
    describe(`a ${operation} that takes the database of its safety backup again, killed`, () => {
      for (const step of isWhole ? [...RETAKE_STEPS, 'database-replaced', 'done'] : ['safety-retaken']) {
        it(`at "${step}" has happened or has not, and what was committed last is kept`, async function () {
          this.timeout(30_000);
          const project = await prepare('wal');
          try {
            wreck(project);
            const [table, row] = ['CREATE TABLE since (id INTEGER);', 'INSERT INTO since VALUES (1);'];
            const isNoted = step !== 'locked-out';
            // Until the journal knows of a schema change, recovery goes back to the safety backup and keeps what is there in another.
            execute(project.database, isNoted ? '' : table);
            const commits = isNoted ? table + row : row;
            assert.ok(runAndDie({ root: project.root, operation, step, occurrence: 1, commits }), 'it did not die');
            assert.equal((await engine.recover({ root: project.root }, {})).waiting, null);
            assert.deepEqual([...hiddenIn(project.backups), ...leftovers(project)], []);
            const isPart = operation === 'restore part';
            assert.equal('companies' in rowsOf(project.database), hasHappened(step));
            assert.deepEqual(rowsOf(project.database)['since'], isPart || !hasHappened(step) ? [{ id: 1 }] : undefined);
            assert.equal((await engine.list({ root: project.root })).backups.length, hasHappened(step) ? 2 : 1);
            if (hasHappened(step)) {
              await engine.undo({ root: project.root }, {});
              assert.deepEqual(rowsOf(project.database)['since'], [{ id: 1 }]);
              assert.equal('companies' in rowsOf(project.database), false);
            }
          } finally {
            project.remove();
          }
        });
      }
    });
  }

  it('a restore whose application made a table since and goes on writing: recovery says so and changes nothing, until it stops', async function () {
    this.timeout(30_000);
    const project = await prepare('delete');
    try {
      wreck(project);
      assert.ok(runAndDie({ root: project.root, operation: 'restore', step: 'database-replaced', occurrence: 1 }), 'it did not die');
      execute(project.database, 'CREATE TABLE since (id INTEGER); CREATE INDEX by_id ON since(id)');
      // Commits whenever a backup has just been published: before it could be used.
      let commits = 0;
      const recovering = createEngine({
        ...realEnvironment,
        step: (name) => {
          if (name === 'published') {
            execute(project.database, `INSERT INTO since VALUES (${++commits})`);
          }
        },
      });
      const backups = visibleIn(project.backups);
      const { waiting } = await recovering.recover({ root: project.root }, {});
      assert.match(waiting?.message ?? '', /has changed the schema of .* keeps writing to it\. Nothing was changed\.$/);
      assert.match(waiting?.remedy ?? '', /^Stop the application\./);
      assert.deepEqual(visibleIn(project.backups), backups);
      assert.equal(rowsOf(project.database)['since']?.length, commits);
      assert.equal((await engine.recover({ root: project.root }, {})).waiting, null);
      assert.ok(await isInSomeBackup(project));
    } finally {
      project.remove();
    }
  });

  it('a restore killed while it takes that database again has changed nothing, also when the application makes a table then', async () => {
    const project = await prepare('wal');
    try {
      wreck(project);
      const commits = 'CREATE TABLE since (id INTEGER); INSERT INTO since VALUES (1);';
      assert.ok(runAndDie({ root: project.root, operation: 'restore', step: 'safety-given-up', occurrence: 1, commits }), 'it did not die');
      const [safety] = visibleIn(project.backups).filter((name) => name !== 'good');
      // What a copy that has just begun leaves.
      truncateSync(join(project.backups, safety ?? '', 'pats.db'), 8192);
      execute(project.database, 'CREATE TABLE later (id INTEGER); INSERT INTO later VALUES (2)');
      const live = stateOf(project);
      assert.equal((await engine.recover({ root: project.root }, {})).waiting, null);
      assert.deepEqual(stateOf(project).rows, live.rows);
      assert.ok(!('2024' in filesOf(project.uploads)));
      assert.deepEqual(visibleIn(project.backups), ['good']);
    } finally {
      project.remove();
    }
  });

  it('a restore killed when the database is replaced keeps the files of the last rows, too', async () => {
    const project = await prepare('wal');
    try {
      wreck(project);
      const commits = 'CREATE TABLE since (file TEXT)';
      const saves = { path: 'saved.txt', content: 'saved before its row' };
      assert.ok(
        runAndDie({ root: project.root, operation: 'restore', step: 'database-replaced', occurrence: 1, commits, saves }),
        'it did not die',
      );
      assert.equal((await engine.recover({ root: project.root }, {})).waiting, null);
      assert.equal(contentOf(project, 'saved.txt'), 'saved before its row');
      await engine.undo({ root: project.root }, {});
      assert.ok('since' in rowsOf(project.database));
      assert.equal(contentOf(project, 'saved.txt'), 'saved before its row');
    } finally {
      project.remove();
    }
  });

  describe('a restore of some tables and files, killed', () => {
    for (const step of isWhole ? RESTORE_STEPS.slice(1, -1) : (['safety-taken', 'uploads-placed', 'database-replaced'] as const)) {
      it(`at "${step}" has happened or has not, and undo knows which`, async function () {
        this.timeout(30_000);
        const project = await prepare('wal');
        try {
          wreck(project);
          const wrecked = stateOf(project);
          await engine.restore({ root: project.root }, PART);
          const restored = stateOf(project);
          await engine.undo({ root: project.root }, {});
          assert.deepEqual(stateOf(project), wrecked);
          assert.ok(runAndDie({ root: project.root, operation: 'restore part', step, occurrence: 1 }), 'it did not die');
          writeUpload(project, '2024/after-the-crash.txt', 'saved by the application');
          assert.equal((await engine.recover({ root: project.root }, {})).waiting, null);
          assert.deepEqual([...hiddenIn(project.backups), ...leftovers(project)], []);
          assert.equal(contentOf(project, '2024/after-the-crash.txt'), 'saved by the application');
          rmSync(join(project.uploads, hasHappened(step) ? '2024/after-the-crash.txt' : '2024'), { recursive: true });
          assert.deepEqual(stateOf(project), hasHappened(step) ? restored : wrecked);
          if (hasHappened(step)) {
            await engine.undo({ root: project.root }, {});
            assert.deepEqual(stateOf(project), wrecked);
          }
        } finally {
          project.remove();
        }
      });
    }
  });

  it('a recovery that is killed at any step, again and again, is finished by the next one', async function () {
    this.timeout(120_000);
    for (const first of ['uploads-cleared', 'uploads-placed', 'database-replaced', 'restored', 'done']) {
      const project = await prepare('wal');
      try {
        const restored = stateOf(project);
        wreck(project);
        const wrecked = stateOf(project);
        assert.ok(runAndDie({ root: project.root, operation: 'restore', step: first, occurrence: 1 }), `it did not die at ${first}`);
        for (let at = 1; runAndDie({ root: project.root, operation: 'recover', step: 'change', occurrence: at }); at += 2) {
          assert.ok(at < 100, 'it dies for ever');
        }
        assert.deepEqual(stateOf(project), hasHappened(first) ? restored : wrecked, first);
        assert.deepEqual([...hiddenIn(project.backups), ...leftovers(project)], [], first);
      } finally {
        project.remove();
      }
    }
  });

  it('a backup that was never killed keeps nothing hidden', async () => {
    const project = await prepare('wal');
    try {
      assert.equal(runAndDie({ root: project.root, operation: 'create', step: 'never', occurrence: 1 }), false);
      assert.deepEqual(visibleIn(project.backups), ['good', 'second']);
      assert.deepEqual(hiddenIn(project.backups), []);
    } finally {
      project.remove();
    }
  });
}

/** Stages outside the backups folder. */
function leftovers(project: PatsProject): string[] {
  return Object.keys(filesOf(join(project.root, 'backend'))).filter((path) => path.includes('.pats-restore-'));
}

const task = process.env[TASK];
if (task === undefined) {
  suite();
} else {
  dieAt(JSON.parse(task) as Task).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
