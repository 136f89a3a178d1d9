// A dump that is worth it is read back in another process while it is written: it is whole, or refused without a trace.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareDatabases } from '../../../src/engine/sqlite/compare';
import { loadDump } from '../../../src/engine/sqlite/dump/load';
import { CliProject, ended, failure } from '../../support/cli-project';

const ROWS =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO large SELECT i, randomblob(2000) FROM n';

describe('A dump of more than four megabytes', function () {
  this.timeout(60_000);
  let project: CliProject;

  beforeEach(async () => {
    project = await CliProject.create();
    project.withDatabase((db) => db.exec(`PRAGMA journal_mode = DELETE; CREATE TABLE large(id INTEGER PRIMARY KEY, b BLOB); ${ROWS}`));
  });

  afterEach(() => project.remove());

  async function refused(): Promise<string> {
    const { code, stdout } = await project.run('dump', 'out.sql', '--json');
    assert.notEqual(code, 0);
    assert.equal(existsSync(join(project.root, 'out.sql')), false);
    noneIsLeft();
    const { error } = failure.parse(JSON.parse(stdout));
    return `${error.code}: ${error.message}`;
  }

  function noneIsLeft(): void {
    for (const folder of [project.root, join(project.root, 'backups')]) {
      const left = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('.tmp') || name.includes('dump-')) : [];
      assert.deepEqual(left, [], folder);
    }
  }

  it('brings back everything', async () => {
    const { code, stderr } = await project.run('dump', 'out.sql');
    assert.equal(code, 0, stderr);
    noneIsLeft();
    await loadDump(join(project.root, 'out.sql'), join(project.root, 'loaded.db'));
    assert.deepEqual(compareDatabases(project.database, join(project.root, 'loaded.db')), []);
  });

  it('brings back everything where nearly all pages are free', async () => {
    project.withDatabase((db) => db.exec('DELETE FROM large WHERE id > 10'));
    assert.ok(statSync(project.database).size > 4 * 1024 * 1024);
    const { code, stderr } = await project.run('dump', 'out.sql');
    assert.equal(code, 0, stderr);
    noneIsLeft();
    await loadDump(join(project.root, 'out.sql'), join(project.root, 'loaded.db'));
    assert.deepEqual(compareDatabases(project.database, join(project.root, 'loaded.db')), []);
  });

  it('is refused when it cannot be read at its beginning', async () => {
    project.withDatabase((db) => {
      db.unsafeMode(true);
      db.exec(
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING of_the_application(a)')",
      );
    });
    assert.match(await refused(), /^DUMP_REFUSED: .*only a virtual table/);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    project.withDatabase((db) => db.exec(ROWS.replace('SELECT i,', 'SELECT i + 10000,')));
    for (const after of [150, 300, 450]) {
      const child = project.start(['dump', 'out.sql', '--json']);
      const end = ended(child);
      await new Promise((resolve) => setTimeout(resolve, after));
      child.kill('SIGINT');
      const { stdout } = await end;
      if (stdout.includes('CANCELLED')) {
        assert.equal(existsSync(join(project.root, 'out.sql')), false);
        noneIsLeft();
      }
    }
  });
});
