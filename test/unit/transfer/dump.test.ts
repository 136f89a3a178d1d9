import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { STAGE_PREFIX } from '../../../src/engine/store/backups-folder';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { execute, filesOf, hiddenIn, makeProject, rowsOf, stateOf, visibleIn, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('a dump of a project', () => {
  const project = newForEachTest(makeProject);

  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    it(`comes back by the restore's own protocol, with undo (compression: ${compression})`, async () => {
      const before = rowsOf(project.database);
      const { file, tables } = await engine.dump({ root: project.root }, { compression });
      assert.equal(tables, 3);
      assert.deepEqual(
        (await engine.list({ root: project.root })).dumps.map((dump) => dump.path),
        [file],
      );
      execute(project.database, "DELETE FROM applications; UPDATE alembic_version SET version_num = 'ffffffffffff'");
      writeUpload(project, 'later.txt', 'stays');
      const wrecked = stateOf(project);
      const app = new Database(project.database);
      const result = await engine.restoreDump({ root: project.root }, { file });
      assert.deepEqual(rowsOf(project.database), before);
      assert.equal(app.prepare('SELECT count(*) FROM applications').pluck().get(), 50);
      app.close();
      assert.ok(existsSync(join(project.uploads, 'later.txt')));
      assert.equal(result.revisionAfter, 'a1b2c3d4e5f6');
      await engine.undo({ root: project.root }, {});
      assert.deepEqual(stateOf(project), wrecked);
      assert.deepEqual(hiddenIn(project.backups), []);
    });
  }

  it('is restored, whether or not what was built aside can be removed', async () => {
    const { file } = await engine.dump({ root: project.root }, {});
    const before = rowsOf(project.database);
    execute(project.database, 'DELETE FROM applications');
    const disk = {
      ...realDisk,
      remove: async (path: string): Promise<void> =>
        basename(path).startsWith(STAGE_PREFIX) ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })) : realDisk.remove(path),
    };
    const result = await createEngine({ ...realEnvironment, disk }).restoreDump({ root: project.root }, { file });
    assert.deepEqual(rowsOf(project.database), before);
    await engine.undo({ root: project.root }, {});
    assert.equal(rowsOf(project.database)['applications']?.length, 0);
    assert.equal(result.warnings.length, 0);
    assert.deepEqual(hiddenIn(project.backups), []);
  });

  it('is private, has a name of its own, and writes over nothing', async function () {
    const first = await engine.dump({ root: project.root }, {});
    const second = await engine.dump({ root: project.root }, {});
    assert.notEqual(first.file, second.file);
    if (process.platform !== 'win32') {
      assert.equal(statSync(first.file).mode & 0o777, 0o600);
    }
    const mine = join(project.root, 'mine.sql');
    writeFileSync(mine, 'mine');
    await failsWith('BACKUP_EXISTS', engine.dump({ root: project.root }, { file: 'mine.sql' }));
    assert.equal(readFileSync(mine, 'utf8'), 'mine');
  });

  it('says what nobody can be sure of: a dump without an end, and rows that refer to none', async () => {
    const file = join(project.root, 'by-hand.sql');
    writeFileSync(
      file,
      'CREATE TABLE parent(id INTEGER PRIMARY KEY);\nCREATE TABLE child(id REFERENCES parent(id));\nINSERT INTO child VALUES (7);\n',
    );
    const { warnings } = await engine.restoreDump({ root: project.root }, { file });
    assert.equal(warnings.length, 2, warnings.map(({ message }) => message).join('\n'));
    assert.match(
      warnings.map(({ message }) => message).join('\n'),
      /nobody can tell whether it is whole[\s\S]*1 row refers to a row that does not exist/,
    );
    const { file: whole } = await engine.dump({ root: project.root }, {});
    assert.doesNotMatch(
      (await engine.restoreDump({ root: project.root }, { file: whole })).warnings.map(({ message }) => message).join('\n'),
      /whole/,
    );
  });

  it('changes nothing when it is truncated or hostile', async () => {
    const before = stateOf(project);
    const { file } = await engine.dump({ root: project.root }, {});
    const text = readFileSync(file, 'utf8');
    const bad = join(project.root, 'bad.sql');
    writeFileSync(bad, text.slice(0, text.length / 2));
    await failsWith('DUMP_TRUNCATED', engine.restoreDump({ root: project.root }, { file: bad }));
    const outside = join(project.root, 'outside.db');
    writeFileSync(bad, `BEGIN;\nCREATE TABLE t(a);\nATTACH '${outside}' AS o;\nCOMMIT;\n`);
    const refusal = await failsWith('DUMP_REFUSED', engine.restoreDump({ root: project.root }, { file: bad }));
    assert.match(refusal.message, /line 3/i);
    assert.equal(existsSync(outside), false);
    assert.deepEqual(stateOf(project), before);
    assert.deepEqual(
      visibleIn(project.backups).filter((name) => !name.endsWith('.sql')),
      [],
    );
    assert.deepEqual(hiddenIn(project.backups), []);
    assert.deepEqual(
      Object.keys(filesOf(join(project.root, 'backend'))).filter((path) => path.includes('.pats-restore-')),
      [],
    );
    await failsWith('BACKUP_NOT_FOUND', engine.restoreDump({ root: project.root }, { file: 'missing.sql' }));
  });
});
