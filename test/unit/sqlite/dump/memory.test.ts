// Dumps are written and loaded in memory that does not grow with the database.
import Database from 'better-sqlite3';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REPOSITORY = resolve(process.env.PATS_REPO ?? process.cwd());
const MEGABYTE = 1024 * 1024;
/** Above what the process needs before it begins. */
const ALLOWED = 90 * MEGABYTE;

const PROGRAM = (folder: string) => `
  import { writeDump } from './src/engine/sqlite/dump/write';
  import { loadDump } from './src/engine/sqlite/dump/load';
  import { readFileSync, writeFileSync } from 'node:fs';
  // maxRSS counts what the parent had when it started this process, too: the kernel's own mark of this program does not.
  const peak = () =>
    process.platform === 'linux'
      ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
      : process.resourceUsage().maxRSS * 1024;
  const at = (name: string) => ${JSON.stringify(folder)} + '/' + name;
  const before = process.memoryUsage.rss();
  const done = process.argv[2] === 'write' ? writeDump(at('before.db'), at('dump.sql')) : loadDump(at('dump.sql'), at('after.db'));
  void done.then(({ rows }) => writeFileSync(at('result.json'), JSON.stringify({ rows, grown: peak() - before })));
`;

function makeLargeDatabase(file: string): number {
  const db = new Database(file);
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, note TEXT, b BLOB)');
  const rows = 180_000;
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO t SELECT i, 'name ' || i, printf('%.*c', 900 + i % 100, 'x'), randomblob(200) FROM n`,
  ).run();
  db.close();
  return rows;
}

describe('a dump of more than 200 MB', function () {
  this.timeout(300_000);

  it('is written and loaded within the memory allowed', () => {
    mkdirSync(join(REPOSITORY, 'out'), { recursive: true });
    const folder = mkdtempSync(join(REPOSITORY, 'out', 'dump-memory-'));
    try {
      const rows = makeLargeDatabase(join(folder, 'before.db'));
      assert.ok(statSync(join(folder, 'before.db')).size > 200 * MEGABYTE);
      const program = join(folder, 'program.cjs');
      const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
      const flags = ['--bundle', '--platform=node', '--format=cjs', '--loader=ts', '--external:better-sqlite3', `--outfile=${program}`];
      execFileSync(join(REPOSITORY, 'node_modules', '.bin', 'esbuild'), flags, { cwd: REPOSITORY, input: PROGRAM(folder), stdio: 'pipe' });
      for (const act of ['write', 'load']) {
        execFileSync(process.execPath, [...(process.versions.electron === undefined ? [] : ['--max-semi-space-size=4']), program, act], {
          env: environment,
          stdio: 'pipe',
        });
        const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as { rows: number; grown: number };
        assert.equal(result.rows, rows);
        assert.ok(result.grown < ALLOWED, `${act}: ${Math.round(result.grown / MEGABYTE)} MB`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
