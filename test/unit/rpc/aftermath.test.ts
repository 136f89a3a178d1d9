// The engine's process is killed in the middle of a restore, as the window sees it: what the user is told is what is on the disk.
// The process is this very file, forked: it serves the real engine, which dies once at the step that a file names.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import type { RestoreResult, RestoreScope } from '../../../src/engine/engine';
import { BackupError } from '../../../src/engine/errors';
import { realEnvironment, type Step } from '../../../src/engine/store/environment';
import { EngineClient } from '../../../src/rpc/client';
import { serve } from '../../../src/rpc/server';
import { failsWith } from '../../support/failing';
import { makeProject, stateOf, wreck, type PatsProject } from '../../support/pats-project';

const orders = process.env['PATS_TEST_DIES'];

if (orders === undefined) {
  describe('a restore whose process is killed', tests);
} else {
  // While the window waits, somebody may set the clock.
  const now = (): Date => new Date(Date.now() + Number(process.env['PATS_TEST_CLOCK'] ?? 0));
  serve(createEngine({ ...realEnvironment, now, step: dieAt }));
}

/** Only the first process dies: the orders go with it. */
function dieAt(step: Step): void {
  const [wanted, journal] = orders !== undefined && existsSync(orders) ? readFileSync(orders, 'utf8').split('\n') : [];
  if (orders !== undefined && step === wanted) {
    rmSync(orders);
    if (journal !== undefined) {
      writeFileSync(journal, 'torn');
    }
    process.kill(process.pid, 'SIGKILL');
  }
}

function tests(): void {
  let project: PatsProject;
  let client: EngineClient;
  beforeEach(async () => {
    project = makeProject();
    process.env['PATS_TEST_DIES'] = join(project.root, 'orders.txt');
    client = new EngineClient({ modulePath: __filename, log: () => undefined });
    await client.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    client.dispose();
    delete process.env['PATS_TEST_DIES'];
    delete process.env['PATS_TEST_CLOCK'];
    project.remove();
  });

  /** Restores with a process that dies; somebody else asks meanwhile, so that the next process has more than one thing to do. */
  async function restoreDyingAt(step: Step, scope: RestoreScope, journal = ''): Promise<RestoreResult | BackupError> {
    writeFileSync(join(project.root, 'orders.txt'), journal === '' ? step : `${step}\n${journal}`);
    const answer = client.restore({ root: project.root }, { name: 'good', scope });
    const [outcome] = await Promise.allSettled([answer, client.list({ root: project.root })]);
    if (outcome.status === 'fulfilled') {
      return outcome.value;
    }
    assert.ok(outcome.reason instanceof BackupError);
    return outcome.reason;
  }

  for (const step of ['staged', 'safety-taken', 'uploads-placed'] as const) {
    it(`at "${step}" is said not to have taken place, and has not`, async () => {
      wreck(project);
      const before = stateOf(project);
      const answer = await restoreDyingAt(step, 'all');
      assert.ok(answer instanceof BackupError && answer.code === 'ENGINE_STOPPED');
      assert.match(answer.message, /did not take place: the data is as it was before/);
      assert.deepEqual(stateOf(project), before);
    });
  }

  for (const [step, scope] of [
    ['database-replaced', 'all'],
    ['restored', 'uploads'],
    ['cleaned', 'all'],
  ] as const) {
    it(`at "${step}" (${scope}) is answered as the restore that it was, and undo goes back`, async () => {
      const good = stateOf(project);
      wreck(project);
      const before = stateOf(project);
      const answer = await restoreDyingAt(step, scope);
      assert.ok(!(answer instanceof BackupError));
      assert.equal(answer.restored, 'good');
      assert.deepEqual(
        answer.warnings.map(({ code }) => code),
        ['CLEAN_UP_FAILED'],
      );
      assert.deepEqual(stateOf(project), scope === 'all' ? good : { ...before, uploads: good.uploads });
      await client.restore({ root: project.root }, { name: answer.safetyBackup, scope });
      assert.deepEqual(stateOf(project), before);
    });
  }

  for (const [what, hours] of [
    ['back', -1],
    ['forward', 1],
  ] as const) {
    it(`is told from one that was not, and a backup too, when the clock is set ${what}`, async () => {
      process.env['PATS_TEST_CLOCK'] = String(hours * 3_600_000);
      const busy = new EngineClient({ modulePath: __filename, log: () => undefined });
      const dying = (step: Step): void => {
        writeFileSync(join(project.root, 'orders.txt'), step);
      };
      try {
        dying('restored');
        const restored = await busy.restore({ root: project.root }, { name: 'good', scope: 'all' });
        dying('safety-taken');
        await failsWith('ENGINE_STOPPED', busy.restore({ root: project.root }, { name: restored.safetyBackup, scope: 'all' }));
        dying('published');
        const created = await busy.create({ root: project.root }, { trigger: 'manual' });
        delete process.env['PATS_TEST_CLOCK'];
        dying('manifest-written');
        await failsWith('ENGINE_STOPPED', busy.create({ root: project.root }, { trigger: 'manual' }));
        const { backups } = await busy.list({ root: project.root });
        assert.deepEqual(backups.map(({ name }) => name).sort(), ['good', created.backup_name, restored.safetyBackup].sort());
      } finally {
        busy.dispose();
      }
    });
  }

  for (const step of ['uploads-placed', 'database-replaced', 'cleaned'] as const) {
    it(`at "${step}" is answered as what it was, although nothing was heard of it before its end`, async () => {
      const orders = join(project.root, 'orders.txt');
      const good = stateOf(project);
      wreck(project);
      const before = stateOf(project);
      await client.list({ root: project.root });
      writeFileSync(orders, step);
      const answer = client.restore({ root: project.root }, { name: 'good', scope: 'all' }).catch((error: unknown) => error);
      const never = new Int32Array(new SharedArrayBuffer(4));
      while (existsSync(orders)) {
        Atomics.wait(never, 0, 0, 10);
      }
      Atomics.wait(never, 0, 0, 200);
      const isDone = !((await answer) instanceof BackupError);
      assert.equal(isDone, step !== 'uploads-placed');
      assert.deepEqual(stateOf(project), isDone ? good : before);
    });
  }

  it('and cannot be settled is said to wait, with what to do', async () => {
    wreck(project);
    const answer = await restoreDyingAt('uploads-placed', 'all', join(project.backups, '.restore-journal.json'));
    assert.ok(answer instanceof BackupError && answer.code === 'RESTORE_INTERRUPTED');
    assert.match(answer.message, /stopped during the restore\. .*restore-journal\.json/);
    assert.notEqual(answer.remedy, '');
  });
}
