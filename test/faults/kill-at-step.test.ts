// A process killed at any named step of a backup or a restore leaves the old state or the new one, never a mix.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BACKUP_STEPS, RESTORE_STEPS, realEnvironment } from '../../src/engine/store/environment';
import { createEngine } from '../../src/engine/create-engine';
import { execute, filesOf, hiddenIn, makeProject, stateOf, visibleIn, writeUpload, type PatsProject } from '../support/pats-project';

interface Task {
  readonly root: string;
  readonly operation: 'create' | 'restore';
  readonly step: string;
  /** The step may be reached several times (a restore makes a backup first): die at the n-th. */
  readonly occurrence: number;
}

const TASK = 'PATS_FAULT_TASK';
const engine = createEngine();

/** Runs in the child: dies without any chance to clean up. */
async function dieAt(task: Task): Promise<void> {
  let seen = 0;
  const mortal = createEngine({
    ...realEnvironment,
    step: (name) => {
      seen += name === task.step ? 1 : 0;
      if (name === task.step && seen === task.occurrence) {
        process.kill(process.pid, 'SIGKILL');
      }
    },
  });
  if (task.operation === 'create') {
    await mortal.create({ root: task.root }, { trigger: 'manual', name: 'second' });
  } else {
    await mortal.restore({ root: task.root }, { name: 'good', scope: 'all' });
  }
}

/** Runs the operation in a process of its own; true: it died at the step. */
function runAndDie(task: Task): boolean {
  const child = spawnSync(process.execPath, [__filename], { env: { ...process.env, [TASK]: JSON.stringify(task) }, encoding: 'utf8' });
  assert.ok(child.signal === 'SIGKILL' || child.status === 0, child.stderr);
  return child.signal === 'SIGKILL';
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
        it(`at "${step}" ends in the old state or in the new one`, async function () {
          this.timeout(30_000);
          const project = await prepare(journalMode);
          try {
            const restored = stateOf(project);
            wreck(project);
            const wrecked = stateOf(project);
            assert.ok(runAndDie({ root: project.root, operation: 'restore', step, occurrence: 1 }), 'it did not die');
            const { actions } = await engine.recover({ root: project.root }, {});
            const isCommitted = RESTORE_STEPS.indexOf(step as never) >= RESTORE_STEPS.indexOf('committing');
            assert.deepEqual(stateOf(project), isCommitted ? restored : wrecked, actions.join(' '));
            assert.deepEqual(hiddenIn(project.backups), []);
            assert.ok((await engine.verify({ root: project.root }, { deep: true })).every((result) => result.ok));
            assert.deepEqual(leftovers(project), []);
            if (isCommitted) {
              await engine.undo({ root: project.root }, {});
              assert.deepEqual(stateOf(project), wrecked);
            }
          } finally {
            project.remove();
          }
        });
      }
    });
  }

  it('a recovery that is killed itself is finished by the next one', async function () {
    this.timeout(30_000);
    const project = await prepare('wal');
    try {
      const restored = stateOf(project);
      wreck(project);
      for (const step of ['committing', 'uploads-cleared', 'uploads-placed', 'database-replaced', 'restored', 'done']) {
        const task = { root: project.root, operation: 'restore' as const, step, occurrence: 1 };
        assert.ok(runAndDie(task), `it did not die at ${step}`);
      }
      await engine.recover({ root: project.root }, {});
      assert.deepEqual(stateOf(project), restored);
      assert.deepEqual(hiddenIn(project.backups), []);
    } finally {
      project.remove();
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
