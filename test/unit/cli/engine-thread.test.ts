// The engine's thread ends in the middle of an operation, as it does without memory: what the command line says is what is on
// the disk. The thread is this very file: it serves the real engine on a disk at whose Nth change the thread ends, once.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort } from 'node:worker_threads';
import { EngineThread } from '../../../src/cli/engine-thread';
import { serveThread } from '../../../src/cli/thread-server';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { BackupError } from '../../../src/engine/errors';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { filesOf, makeProject, stateOf, visibleIn, wreck, type PatsProject } from '../../support/pats-project';

const ORDERS = 'PATS_TEST_THREAD_ENDS';

if (isMainThread) {
  describe('an operation whose thread ends', tests);
} else if (parentPort !== null) {
  serveThread(createEngine({ ...realEnvironment, disk: mortal(process.env[ORDERS] ?? '') }), parentPort);
}

/** Ends its thread before (even numbers) or after (odd ones) a change that is counted from the time the orders are there. */
function mortal(orders: string): Disk {
  let changes = 0;
  const changing: readonly string[] = ['makeFolder', 'writeText', 'copy', 'hardLink', 'rename', 'remove'];
  return new Proxy(realDisk, {
    get: (disk, method: keyof Disk) => {
      if (method === 'many') {
        // Small files one by one, as the orders count them.
        return null;
      }
      const real = disk[method].bind(disk) as (...args: unknown[]) => unknown;
      return !changing.includes(method)
        ? real
        : async (...args: unknown[]): Promise<unknown> => {
            const end = existsSync(orders) ? Number(readFileSync(orders, 'utf8')) : -1;
            changes += end < 0 ? 0 : 1;
            const isLast = end >= 0 && changes > end / 2;
            if (isLast && end % 2 === 0) {
              return endThread(orders);
            }
            const result = await real(...args);
            return isLast ? endThread(orders) : result;
          };
    },
  });
}

async function endThread(orders: string): Promise<never> {
  rmSync(orders);
  process.exit(9);
  return new Promise(() => undefined);
}

interface Tried {
  readonly answer: unknown;
  /** The thread did not get as far as the change at which it was to end. */
  readonly isOver: boolean;
}

function tests(this: Mocha.Suite): void {
  this.timeout(120_000);
  let project: PatsProject;
  let orders: string;
  let engine: Engine;
  const root = (): { readonly root: string } => ({ root: project.root });
  beforeEach(async () => {
    project = makeProject();
    orders = join(project.root, 'orders.txt');
    process.env[ORDERS] = orders;
    engine = new EngineThread(__filename, () => undefined).engine;
    await engine.create(root(), { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    delete process.env['PATS_TEST_THREAD_ENDS'];
    project.remove();
  });

  async function endingAt(change: number, deed: () => Promise<unknown>): Promise<Tried> {
    writeFileSync(orders, String(change));
    const answer: unknown = await deed().catch((error: unknown) => error);
    const isOver = existsSync(orders);
    rmSync(orders, { force: true });
    return { answer, isOver };
  }

  /** Tries a deed with an end at every so many changes; `isTrue` compares an answer with what is there. */
  async function atChanges(
    every: number,
    deed: () => Promise<unknown>,
    isTrue: (wasDone: boolean, answer: unknown) => void,
  ): Promise<void> {
    let known = 0;
    for (let change = 0; ; change += every) {
      const { answer, isOver } = await endingAt(change, deed);
      if (answer instanceof BackupError) {
        assert.equal(answer.code, 'ENGINE_STOPPED', answer.message);
        assert.doesNotMatch(answer.message, /could not be found out/);
        known++;
      }
      isTrue(!(answer instanceof BackupError), answer);
      if (isOver) {
        break;
      }
    }
    assert.ok(known > 0, 'It never ended under the deed.');
  }

  it('has backed up, or has not', async () => {
    let number = 0;
    await atChanges(
      5,
      () => engine.create(root(), { trigger: 'manual', name: `b${++number}` }),
      (wasDone, answer) => {
        assert.equal(visibleIn(project.backups).includes(`b${number}`), wasDone, String(answer));
      },
    );
  });

  it('has deleted, pinned or annotated, or has not', async () => {
    let copy = '';
    await atChanges(
      1,
      () => {
        copy = `copy${visibleIn(project.backups).length}`;
        cpSync(join(project.backups, 'good'), join(project.backups, copy), { recursive: true });
        return engine.remove(root(), { names: [copy] });
      },
      (wasDone) => {
        assert.equal(!visibleIn(project.backups).includes(copy), wasDone);
      },
    );
    const metadata = (): { readonly pinned?: boolean; readonly note?: string } =>
      JSON.parse(readFileSync(join(project.backups, 'good/backup_metadata.json'), 'utf8')) as { pinned?: boolean; note?: string };
    let pinned = false;
    await atChanges(
      2,
      () => engine.setPinned(root(), { names: ['good'], pinned: !pinned }),
      (wasDone) => {
        assert.equal(metadata().pinned ?? false, wasDone ? !pinned : pinned);
        pinned = metadata().pinned ?? false;
      },
    );
    let number = 0;
    await atChanges(
      2,
      () => engine.setNote(root(), { name: 'good', note: `n${++number}` }),
      (wasDone) => {
        assert.equal(metadata().note === `n${number}`, wasDone);
      },
    );
  });

  it('has written its file, or has not, and says so', async () => {
    for (const write of [
      (file: string) => engine.dump(root(), { file }),
      (file: string) => engine.exportBackup(root(), { name: 'good', file }),
    ]) {
      let file = '';
      let number = 0;
      await atChanges(
        5,
        () => {
          file = join(project.root, `file${++number}.x`);
          return write(file);
        },
        (wasDone, answer) => {
          const isComplete = wasDone || (answer instanceof BackupError && answer.message.includes('is complete'));
          assert.equal(existsSync(file), isComplete, String(answer));
        },
      );
    }
  });

  it('has restored, or has not', async () => {
    const good = stateOf(project);
    let before = good;
    await atChanges(
      11,
      () => {
        if (existsSync(join(project.uploads, '2024'))) {
          wreck(project);
        }
        before = stateOf(project);
        return engine.restore(root(), { name: 'good', scope: 'all' });
      },
      (wasDone, answer) => {
        assert.deepEqual(stateOf(project), wasDone ? good : before, String(answer));
      },
    );
  });

  it('was only looking, and nothing was changed', async () => {
    const before = filesOf(project.root);
    const answer = await endingAt(0, () => engine.drill(root(), { name: 'good' }));
    assert.ok(answer.answer instanceof BackupError && answer.answer.code === 'ENGINE_STOPPED');
    assert.match(answer.answer.message, /only looking/);
    assert.deepEqual(filesOf(project.root), before);
  });
}
