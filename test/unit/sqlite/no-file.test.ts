// A FIFO in the database's place or beside it: nothing waits for its writer, and a restore gets by.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { CLI } from '../../support/cli-project';
import { makeProject, rowsOf } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

describe('a FIFO', function () {
  this.timeout(60_000);
  const project = newForEachTest(makeProject);
  before(function () {
    if (process.platform === 'win32') {
      this.skip();
    }
  });

  /** Another process, because who waits in a system call cannot be told to stop. Returns the exit code; null: it waits. */
  function run(...args: string[]): number | null {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    return spawnSync(process.execPath, [CLI, ...args], { cwd: project.root, env, timeout: 20_000, killSignal: 'SIGKILL' }).status;
  }

  it("in the database's place holds the doctor up no more than a restore", () => {
    assert.equal(run('backup', 'good'), 0);
    const before = rowsOf(project.database);
    replaceByFifo(project.database);
    assert.deepEqual([run('doctor'), run('restore', 'good', '--force')], [1, 0]);
    assert.deepEqual(rowsOf(project.database), before);
  });

  it('in place of its journal holds up no verb that reads', () => {
    replaceByFifo(`${project.database}-journal`);
    assert.deepEqual([run('list'), run('backup', 'later')], [0, 1]);
  });
});

function replaceByFifo(path: string): void {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
}
