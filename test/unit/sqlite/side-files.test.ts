// Specification of the look at logs and journals: those of a program at work come and go at any moment, and are no problem.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sideFileProblem } from '../../../src/engine/sqlite/side-files';

const LOOKS = 15_000;

/** Started as a process of its own by the test: commits until it is killed; its journals come and go. */
if (process.argv[2] === 'commit') {
  const db = new Database(process.argv[3] ?? '');
  db.pragma(`journal_mode = ${process.argv[4] ?? ''}`);
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE t (x)');
  process.stdout.write('ready');
  for (;;) {
    db.exec('INSERT INTO t VALUES (1)');
    if (process.argv[4] === 'wal') {
      db.pragma('wal_checkpoint(TRUNCATE)');
    }
  }
} else {
  describe('logs and journals of a program at work', tests);
}

function tests(): void {
  for (const mode of ['delete', 'truncate', 'persist', 'wal']) {
    it(`are no problem in ${mode} mode, whenever they are looked at`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'pats-side-'));
      const file = join(folder, 'app.db');
      const child = spawn(process.execPath, [__filename, 'commit', file, mode], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      try {
        await once(child.stdout, 'data');
        for (let look = 0; look < LOOKS; look++) {
          assert.equal(sideFileProblem(file), null);
        }
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
        rmSync(folder, { recursive: true });
      }
    });
  }
}
