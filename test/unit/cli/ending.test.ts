// Ctrl-C while the engine's thread stands still at a named step: whatever the thread does next, what is said is what is on the
// disk. The thread is this very file: it serves the real engine, and stops at the step that it is told, once.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { EngineThread } from '../../../src/cli/engine-thread';
import { Gate } from '../../../src/cli/gate';
import { serveThread } from '../../../src/cli/thread-server';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { BackupError } from '../../../src/engine/errors';
import type { OperationOptions } from '../../../src/engine/operation';
import { realEnvironment, type Step } from '../../../src/engine/store/environment';
import { CliProject, ended, failure, REPOSITORY } from '../../support/cli-project';
import { newFolder } from '../../support/folder';
import { execute, makeProject, stateOf, visibleIn, wreck, writeUpload, type PatsProject } from '../../support/pats-project';

const ORDERS = 'PATS_TEST_THREAD_HOLDS';

if (isMainThread) {
  describe('an operation that stands still', tests);
  describe('Ctrl-C at an operation that stands still', processTests);
} else if (parentPort !== null) {
  const gate = new Gate(workerData as SharedArrayBuffer);
  const beginChange = (): void => {
    gate.begin();
  };
  serveThread(createEngine({ ...realEnvironment, beginChange, step: hold }), parentPort);
}

/** Files in one folder: `at` is the step; `held` is there when it was reached; `go` lets it go on; `pipe` holds harder. */
function orders(folder: string): Readonly<Record<'at' | 'held' | 'go' | 'pipe', string>> {
  return { at: join(folder, 'at'), held: join(folder, 'held'), go: join(folder, 'go'), pipe: join(folder, 'pipe') };
}

function hold(step: Step): void {
  const { at, held, go, pipe } = orders(process.env[ORDERS] ?? '');
  if (!existsSync(at) || readFileSync(at, 'utf8') !== step) {
    return;
  }
  rmSync(at);
  writeFileSync(held, '');
  if (existsSync(pipe)) {
    // Nothing of this program ends that, as nothing ends a long call into SQLite.
    closeSync(openSync(pipe, 'r'));
  }
  waitFor(go);
}

/** Keeps the thread that calls it from hearing anything. */
function waitFor(file: string): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(file)) {
    Atomics.wait(never, 0, 0, 10);
  }
}

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) {
    await sleep(20);
  }
}

type Deed = 'restore' | 'undo' | 'restoreDump' | 'restore of a part';

function tests(this: Mocha.Suite): void {
  this.timeout(120_000);
  let project: PatsProject;
  let folder: ReturnType<typeof newFolder>;
  let thread: EngineThread;
  let engine: Engine;
  const root = (): { readonly root: string } => ({ root: project.root });
  beforeEach(async () => {
    project = makeProject();
    folder = newFolder('orders');
    process.env[ORDERS] = folder.path;
    thread = new EngineThread(__filename, () => undefined);
    engine = thread.engine;
    await engine.create(root(), { trigger: 'manual', name: 'good' });
  });
  afterEach(async () => {
    await thread.end(10_000);
    delete process.env['PATS_TEST_THREAD_HOLDS'];
    folder.remove();
    project.remove();
  });

  /** Begins it, and returns when it stands at the step; until then nothing that it says is heard. */
  function standing(deed: () => Promise<unknown>, step: Step): Promise<unknown> {
    const { at, held } = orders(folder.path);
    writeFileSync(at, step);
    const answer = deed().catch((error: unknown) => error);
    waitFor(held);
    return answer;
  }

  async function prepared(deed: Deed): Promise<{ before: unknown; after: unknown; run: (options?: OperationOptions) => Promise<unknown> }> {
    const good = stateOf(project);
    const dump = deed === 'restoreDump' ? (await engine.dump(root(), {})).file : '';
    if (deed === 'restore of a part') {
      execute(project.database, 'DELETE FROM applications WHERE id > 10');
      writeUpload(project, 'cv.pdf', 'overwritten');
      const params = { name: 'good', scope: 'all', tables: ['applications'], files: ['uploads/cv.pdf'] } as const;
      return { before: stateOf(project), after: good, run: (options) => engine.restore(root(), params, options) };
    }
    wreck(project);
    const wrecked = stateOf(project);
    switch (deed) {
      case 'restore':
        return { before: wrecked, after: good, run: (options) => engine.restore(root(), { name: 'good', scope: 'all' }, options) };
      case 'undo':
        await engine.restore(root(), { name: 'good', scope: 'all' });
        return { before: good, after: wrecked, run: (options) => engine.undo(root(), {}, options) };
      case 'restoreDump':
        return {
          before: wrecked,
          after: { rows: good.rows, uploads: wrecked.uploads },
          run: (options) => engine.restoreDump(root(), { file: dump }, options),
        };
    }
  }

  for (const deed of ['restore', 'undo', 'restoreDump', 'restore of a part'] as const) {
    it(`has replaced nothing, and does not any more, when that was said of ${deed}`, async () => {
      const { before, run } = await prepared(deed);
      const answer = standing(() => run(), 'safety-taken');
      const said = thread.leftBehind();
      assert.equal(said.code, 'CANCELLED');
      assert.match(said.message, /the live data is as it was/);
      writeFileSync(orders(folder.path).go, '');
      const answered = await answer;
      assert.ok(answered instanceof BackupError && answered.code === 'CANCELLED', String(answered));
      assert.deepEqual(stateOf(project), before);
    });

    const steps: Step[] = deed === 'restore' || deed === 'undo' ? ['committing', 'uploads-cleared', 'done'] : ['committing', 'done'];
    for (const step of steps) {
      it(`says that ${deed} is under way at "${step}" although it was not heard of, and what became of it when it is ended`, async () => {
        const { before, after, run } = await prepared(deed);
        const controller = new AbortController();
        const answer = standing(() => run({ signal: controller.signal }), step);
        const said = thread.leftBehind();
        assert.equal(said.code, 'RESTORE_INTERRUPTED', said.message);
        assert.equal(thread.close(), false);
        controller.abort();
        assert.equal(await thread.end(60_000), true);
        const answered = await answer;
        const isDone = !(answered instanceof Error);
        assert.equal(isDone, step === 'done', String(answered));
        assert.ok(isDone || (answered instanceof BackupError && answered.code === 'CANCELLED'), String(answered));
        assert.deepEqual(stateOf(project), isDone ? after : before);
        assert.deepEqual((await engine.recover(root(), {})).waiting, null);
      });
    }
  }

  it('has made no backup, and makes none any more, when that was said', async () => {
    const answer = standing(() => engine.create(root(), { trigger: 'manual', name: 'second' }), 'manifest-written');
    assert.match(thread.leftBehind().message, /Nothing was changed/);
    writeFileSync(orders(folder.path).go, '');
    await answer;
    assert.deepEqual(visibleIn(project.backups), ['good']);
  });

  it('does not say that nothing was changed when a backup was published, and finds it when it is ended', async () => {
    const answer = standing(() => engine.create(root(), { trigger: 'manual', name: 'second' }), 'published');
    const { code, message } = thread.leftBehind();
    assert.equal(code, 'ENGINE_STOPPED');
    assert.match(message, /What was done by then stays/);
    await thread.end(60_000);
    assert.ok(!((await answer) instanceof Error));
    assert.deepEqual(visibleIn(project.backups).sort(), ['good', 'second']);
  });

  const removals: Readonly<Record<string, () => Promise<unknown>>> = {
    delete: () => engine.remove(root(), { names: ['second', 'third'] }),
    prune: () => engine.prune(root(), { policy: { keepLast: 1 }, names: ['second', 'third'] }),
  };
  for (const [verb, run] of Object.entries(removals)) {
    const three = async (): Promise<void> => {
      for (const name of ['second', 'third', 'last']) {
        await engine.create(root(), { trigger: 'manual', name });
      }
      await engine.setPinned(root(), { names: ['good'], pinned: true });
    };

    it(`has removed nothing, and does not any more, when that was said of ${verb}`, async () => {
      await three();
      const answer = standing(run, 'removing');
      assert.match(thread.leftBehind().message, /Nothing was changed/);
      writeFileSync(orders(folder.path).go, '');
      const answered = await answer;
      assert.ok(answered instanceof BackupError && answered.code === 'CANCELLED', String(answered));
      assert.deepEqual(visibleIn(project.backups), ['good', 'last', 'second', 'third']);
    });

    it(`says what ${verb} had removed by then`, async () => {
      await three();
      const answer = standing(run, 'removed');
      const { code, message } = thread.leftBehind();
      assert.equal(code, 'ENGINE_STOPPED');
      assert.match(message, /What was done by then stays/);
      await thread.end(60_000);
      const gone = await answer;
      const left = visibleIn(project.backups);
      assert.ok(Array.isArray(gone), String(gone));
      assert.deepEqual([...gone.map(String), ...left].sort(), ['good', 'last', 'second', 'third']);
      assert.equal(gone.length, 1);
    });
  }

  it('still counts as begun while somebody looks what became of it', async () => {
    const { after, run } = await prepared('restore');
    const { at, held, go } = orders(folder.path);
    const answer = standing(() => run(), 'done');
    rmSync(held);
    writeFileSync(at, 'done');
    await thread.end(60_000);
    await appears(held);
    assert.equal(thread.leftBehind().code, 'RESTORE_INTERRUPTED');
    writeFileSync(go, '');
    assert.ok(!((await answer) instanceof Error));
    assert.deepEqual(stateOf(project), after);
  });

  it('may be ended again for what is asked next', async () => {
    const { before, run } = await prepared('restore');
    assert.ok(await run());
    wreck(project);
    assert.equal(thread.close(), true);
    await assert.rejects(run(), { code: 'CANCELLED' });
    assert.deepEqual(stateOf(project), before);
  });
}

function processTests(this: Mocha.Suite): void {
  this.timeout(120_000);
  let project: CliProject;
  let folder: ReturnType<typeof newFolder>;
  let child: ChildProcess;
  before(function () {
    if (process.platform === 'win32') {
      this.skip();
    }
  });
  beforeEach(async () => {
    project = await CliProject.create();
    folder = newFolder('orders');
    assert.equal((await project.run('backup', 'good')).code, 0);
    await project.setPhoto('second');
    project.setRow('second');
  });
  afterEach(async () => {
    // What did not end is not left behind; nothing happens to what has.
    child.kill('SIGKILL');
    folder.remove();
    await project.remove();
  });

  /** The built command line with the thread of this file. */
  async function restoring(step: Step): Promise<ChildProcess> {
    const program = join(folder.path, 'program');
    cpSync(join(REPOSITORY, 'dist'), join(program, 'dist'), { recursive: true });
    cpSync(join(REPOSITORY, 'package.json'), join(program, 'package.json'));
    writeFileSync(join(program, 'dist/cli-engine.js'), `require(${JSON.stringify(__filename)});\n`);
    const { at, held } = orders(folder.path);
    writeFileSync(at, step);
    child = spawn(process.execPath, [join(program, 'dist/cli-main.js'), 'restore', 'good', '--force', '--json'], {
      cwd: project.root,
      env: { ...process.env, [ORDERS]: folder.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await appears(held);
    return child;
  }

  /** Presses Ctrl-C and waits for what is said about it. */
  async function press(child: ChildProcess, answer: RegExp): Promise<void> {
    const { stderr } = child;
    assert.ok(stderr);
    let said = '';
    const heard = (async () => {
      while (!answer.test(said)) {
        said += String(((await once(stderr, 'data')) as [Buffer])[0]);
      }
    })();
    child.kill('SIGINT');
    await heard;
    // Two signals of one keypress count as one.
    await sleep(300);
  }

  const isSecond = async (): Promise<boolean> => project.row() === 'second' && (await project.photo()) === 'second';
  const isFirst = async (): Promise<boolean> => project.row() === 'first' && (await project.photo()) === 'first';

  it('ends it at once before anything is replaced', async () => {
    child = await restoring('safety-taken');
    const end = ended(child);
    child.kill('SIGINT');
    assert.equal(failure.parse(JSON.parse((await end).stdout)).error.code, 'CANCELLED');
    assert.ok(await isSecond());
  });

  it('lets it go on where something is replaced', async () => {
    child = await restoring('uploads-cleared');
    const end = ended(child);
    await press(child, /too late to cancel/);
    writeFileSync(orders(folder.path).go, '');
    const { code, stdout } = await end;
    assert.equal(code, 0, stdout);
    assert.ok(await isFirst());
  });

  for (const [step, isDone] of [
    ['uploads-cleared', false],
    ['database-replaced', true],
  ] as const) {
    it(`ends it at "${step}" when it is pressed twice, and says what became of it`, async () => {
      child = await restoring(step);
      const end = ended(child);
      await press(child, /too late to cancel/);
      child.kill('SIGINT');
      const { code, stdout } = await end;
      assert.equal(code, isDone ? 0 : 130, stdout);
      if (!isDone) {
        assert.equal(failure.parse(JSON.parse(stdout)).error.code, 'CANCELLED');
      }
      assert.ok(await (isDone ? isFirst() : isSecond()));
    });
  }

  it('says that nobody knows what became of it when it is pressed twice and nothing but the end of the program ends it', async () => {
    execFileSync('mkfifo', [orders(folder.path).pipe]);
    child = await restoring('uploads-cleared');
    const end = ended(child);
    await press(child, /too late to cancel/);
    child.kill('SIGINT');
    assert.equal(failure.parse(JSON.parse((await end).stdout)).error.code, 'RESTORE_INTERRUPTED');
    assert.equal((await project.run('recover')).code, 0);
    assert.ok(await isSecond());
  });
}
