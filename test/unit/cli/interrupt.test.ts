// Ctrl-C while SQLite works for minutes on what somebody made so: the program ends, and the next run puts things in order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliProject, ended, failure } from '../../support/cli-project';

/** A condition that takes a good part of a second for each row. */
const SLOW = "length(replace(hex(zeroblob(20000000 + rowid)), '0', '12')) < 0";

describe('An interruption while SQLite is at work', function () {
  this.timeout(120_000);
  let project: CliProject;
  beforeEach(async () => {
    project = await CliProject.create();
    project.withDatabase((db) => db.exec('INSERT INTO t SELECT value FROM json_each(' + "'[" + Array(300).fill(0).join() + "]'" + ')'));
    assert.equal((await project.run('backup', 'good')).code, 0);
  });
  afterEach(async () => {
    await project.remove();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends the program at ${signal} although nothing can be cancelled`, async function () {
      if (process.platform === 'win32') {
        this.skip();
      }
      const child = project.start(['find', 't', '--where', SLOW, '--json']);
      const end = ended(child);
      const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      // Long enough to be at the statement, and far from its end.
      await sleep(3000);
      assert.equal(child.exitCode, null);
      const start = performance.now();
      child.kill(signal);
      const [code, by] = await exit;
      assert.equal(failure.parse(JSON.parse((await end).stdout)).error.code, 'CANCELLED');
      assert.ok(performance.now() - start < 8000, `It took ${Math.round(performance.now() - start)} ms.`);
      assert.ok(code === 130 || by === 'SIGINT', `${String(code)} ${String(by)}`);
      assert.equal(project.row(), 'first');
      assert.equal((await project.run('backup', 'next')).code, 0);
    });
  }
});
