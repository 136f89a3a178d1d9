// Reading in another thread: whoever has no use for it any more ends it, and nothing else ends with it.
import Database from 'better-sqlite3';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../../support/cli-project';
import { newFolder } from '../../support/folder';

/** In a process of its own, beside the program of the thread, as in what is published. */
const PROGRAM = (file: string) => `
  import { readApart } from './src/engine/sqlite/digest-apart';
  import { setTimeout } from 'node:timers/promises';
  async function run() {
    const apart = readApart(${JSON.stringify(file)});
    await apart?.stop();
    await setTimeout(50);
    console.log(apart === null ? 'no thread' : 'goes on');
  }
  void run();
`;

describe('a file that is read in another thread', () => {
  it('may be left before anybody has asked for its hash', function () {
    this.timeout(60_000);
    const folder = newFolder('apart');
    try {
      const db = new Database(folder.at('large.db'));
      db.exec('CREATE TABLE t(b)');
      db.prepare('INSERT INTO t VALUES(zeroblob(40000000))').run();
      db.close();
      copyFileSync(join(REPOSITORY, 'dist/table-digests.js'), folder.at('table-digests.js'));
      const program = folder.at('program.cjs');
      const flags = ['--bundle', '--platform=node', '--format=cjs', '--loader=ts', '--external:better-sqlite3', `--outfile=${program}`];
      execFileSync(join(REPOSITORY, 'node_modules/.bin/esbuild'), flags, {
        cwd: REPOSITORY,
        input: PROGRAM(folder.at('large.db')),
        stdio: 'pipe',
      });
      const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_PATH: join(REPOSITORY, 'node_modules') };
      assert.equal(execFileSync(process.execPath, [program], { env, encoding: 'utf8', stdio: 'pipe' }), 'goes on\n');
    } finally {
      folder.remove();
    }
  });
});
