// The client against a real engine process: what crosses the border, and what happens when the process does not behave.
// The process is this very file, forked: it then serves an engine that does on request what a real one must never do.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, it } from 'mocha';
import type { Engine } from '../../../src/engine/engine';
import { BackupError, cancelled } from '../../../src/engine/errors';
import type { Progress } from '../../../src/engine/operation';
import { said, saidOf } from '../../../src/engine/said';
import { EngineClient } from '../../../src/rpc/client';
import type { EngineClientOptions } from '../../../src/rpc/client';
import { METHODS } from '../../../src/rpc/protocol';
import { serve } from '../../../src/rpc/server';

const SERVES = 'PATS_TEST_ENGINE';

if (process.env[SERVES] === '1') {
  serve(oddEngine());
} else {
  process.env[SERVES] = '1';
  describe('engine client', tests);
}

/** Answers with what it was asked, or misbehaves as `root` says. */
function oddEngine(): Engine {
  const unused = (): Promise<never> => Promise.reject(new Error('not part of this test'));
  const rest = Object.fromEntries(Object.keys(METHODS).map((method) => [method, unused])) as unknown as Engine;
  return {
    ...rest,
    status: () => {
      process.exit(7);
    },
    list: ({ root }) => Promise.resolve({ backupsFolder: `${root} of ${process.pid}`, backups: [], dumps: [], warnings: [] }),
    recover: () => Promise.reject(new TypeError('a bug')),
    show: (_project, { name }) =>
      Promise.reject(
        new BackupError(
          'BACKUP_DAMAGED',
          said`The backup "${name}" is damaged: ${said`${'odd.db'} is missing.`}`,
          'Choose another backup.',
        ),
      ),
    doctor: () => Promise.resolve([{ level: 'ok', topic: 'Odd', message: said`${12_345} odd ${'things'} were found.`, remedy: '' }]),
    verify: () =>
      Promise.reject(new BackupError('DATABASE_LOCKED', 'It is locked.', 'Close it.', { cause: new Error('SQLITE_BUSY in here') })),
    create: async (_project, _params, { signal, onProgress } = {}) => {
      onProgress?.({ phase: 'database', doneBytes: 1, totalBytes: 2 });
      onProgress?.({ phase: 'database', doneBytes: 2, totalBytes: 2 });
      await sleep(60_000, undefined, signal ? { signal } : {}).catch(() => undefined);
      throw cancelled();
    },
    // Never looks up, as a long call into SQLite.
    planRestore: (_project, _params, { onProgress } = {}) => {
      onProgress?.({ phase: 'check', doneBytes: 0, totalBytes: 0 });
      return sleep(20).then(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) as never);
    },
    restore: async (_project, { name }, { onProgress } = {}) => {
      onProgress?.({ phase: 'replace', doneBytes: 0, totalBytes: 0 });
      await sleep(400);
      return { restored: name, safetyBackup: 's', revisionBefore: null, revisionAfter: null, commands: [], warnings: [] };
    },
  };
}

function tests(): void {
  it('tells what the sentences of answers and errors are made of', async () => {
    const client = start();
    const error = await client.show({ root: '/p' }, { name: 'a' }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof BackupError);
    assert.deepEqual(saidOf(error.message), { id: 'The backup "{0}" is damaged: {1}', parameters: ['a', 'odd.db is missing.'] });
    assert.deepEqual(saidOf('odd.db is missing.'), { id: '{0} is missing.', parameters: ['odd.db'] });
    const [finding] = await client.doctor({ root: '/p' });
    assert.deepEqual(saidOf(finding?.message ?? ''), { id: '{0} odd {1} were found.', parameters: [12_345, 'things'] });
  });

  const clients: EngineClient[] = [];
  const logged: string[] = [];
  const start = (options: Partial<EngineClientOptions> = {}): EngineClient => {
    const client = new EngineClient({ modulePath: __filename, log: (text) => logged.push(text), ...options });
    clients.push(client);
    return client;
  };
  const project = { root: '/p' };
  const failsWith =
    (code: string) =>
    (error: unknown): boolean =>
      error instanceof BackupError && error.code === code;

  afterEach(() => {
    for (const client of clients.splice(0)) {
      client.dispose();
    }
  });

  it('starts no process before the first call, and one for all calls', async () => {
    const client = start();
    assert.equal(client.pid, undefined);
    const answers = await Promise.all([client.list(project), client.list(project)]);
    assert.equal(answers[0].backupsFolder, `/p of ${client.pid}`);
    assert.deepEqual(answers[0], answers[1]);
    assert.notEqual(client.pid, process.pid);
  });

  it('brings code, message and remedy of an error across, and its cause to the log only', async () => {
    await assert.rejects(start().verify(project, {}), (error: unknown) => {
      assert.ok(error instanceof BackupError);
      assert.deepEqual([error.code, error.message, error.remedy], ['DATABASE_LOCKED', 'It is locked.', 'Close it.']);
      return true;
    });
    await until(() => logged.join('\n').includes('SQLITE_BUSY in here'));
  });

  it('turns a bug in the engine into INTERNAL without its stack', async () => {
    await assert.rejects(start().recover(project, {}), (error: unknown) => {
      assert.ok(error instanceof BackupError && error.code === 'INTERNAL');
      assert.doesNotMatch(`${error.message} ${error.remedy}`, /\bat .*:\d+/);
      return true;
    });
  });

  it('passes progress on and cancels politely: the process goes on living', async () => {
    const client = start();
    const controller = new AbortController();
    const seen: Progress[] = [];
    const call = client.create(
      project,
      { trigger: 'manual' },
      { signal: controller.signal, onProgress: (progress) => seen.push(progress) },
    );
    await until(() => seen.length === 2);
    const { pid } = client;
    controller.abort();
    await assert.rejects(call, failsWith('CANCELLED'));
    assert.deepEqual(seen[1], { phase: 'database', doneBytes: 2, totalBytes: 2 });
    assert.equal((await client.list(project)).backupsFolder, `/p of ${pid}`);
  });

  it('sends nothing when the signal was aborted before', async () => {
    const client = start();
    await assert.rejects(client.create(project, { trigger: 'manual' }, { signal: AbortSignal.abort() }), failsWith('CANCELLED'));
    assert.equal(client.pid, undefined);
  });

  it('ends a process that does not hear the cancellation; the next call starts another', async () => {
    const client = start({ killAfterMs: 100 });
    const controller = new AbortController();
    const seen: Progress[] = [];
    const options = { signal: controller.signal, onProgress: (progress: Progress) => seen.push(progress) };
    const call = client.planRestore(project, { name: 'x', scope: 'all' }, options);
    await until(() => seen.length > 0);
    const { pid } = client;
    controller.abort();
    await assert.rejects(call, failsWith('CANCELLED'));
    assert.notEqual((await client.list(project)).backupsFolder, `/p of ${pid}`);
  });

  it('ends a process that takes too long over what only shows something, and asks no second time', async () => {
    const client = start({ patienceMs: 1000 });
    await assert.rejects(client.planRestore(project, { name: 'x', scope: 'all' }), (error) => {
      assert.ok(error instanceof BackupError);
      assert.equal(error.code, 'ENGINE_STOPPED');
      assert.match(error.message, /too long/);
      return true;
    });
    assert.match((await client.list(project)).backupsFolder, /^\/p of \d+$/);
  });

  it('does not end a process that is replacing files', async () => {
    const client = start({ killAfterMs: 50 });
    const controller = new AbortController();
    const options = {
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    };
    const result = await client.restore(project, { name: 'x', scope: 'all' }, options);
    assert.equal(result.restored, 'x');
  });

  it('rejects with ENGINE_STOPPED what waits when the process dies, and starts another for the next call', async () => {
    const client = start();
    const waiting = client.create(project, { trigger: 'manual' });
    await until(() => client.pid !== undefined);
    await client.list(project);
    process.kill(client.pid ?? 0, 'SIGKILL');
    await assert.rejects(waiting, failsWith('ENGINE_STOPPED'));
    assert.match((await client.list(project)).backupsFolder, /^\/p of \d+$/);
  });

  it('asks once more by itself when the process died under a call that only reads, and not for ever', async () => {
    const client = start();
    await assert.rejects(client.status(project), failsWith('ENGINE_STOPPED'));
    await until(() => logged.filter((line) => line.includes('exit code 7')).length === 2);
  });

  it('ends the process when nothing was asked for a while', async () => {
    const client = start({ idleMs: 50 });
    await client.list(project);
    const { pid = 0 } = client;
    await until(() => !isRunning(pid));
    assert.match((await client.list(project)).backupsFolder, /^\/p of \d+$/);
  });

  it('ends the process when it is disposed, and starts none afterwards', async () => {
    const client = start();
    await client.list(project);
    const { pid = 0 } = client;
    client.dispose();
    await until(() => !isRunning(pid));
    await assert.rejects(client.list(project), failsWith('ENGINE_STOPPED'));
  });

  it('explains a process that cannot be started', async () => {
    const client = start({ modulePath: `${__filename}.missing` });
    await assert.rejects(client.list(project), failsWith('ENGINE_STOPPED'));
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a fact; mocha's own time limit ends the wait. */
async function until(fact: () => boolean): Promise<void> {
  while (!fact()) {
    await sleep(10);
  }
}
