// What no tidy project has: files and databases that must not stop the answer about all others.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describeSnapshot, readSchemaState } from '../../../../../src/engine/migrations/state/state';
import { alembicProject, migration, rows } from '../../../../support/alembic-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('An Alembic project that is odd', () => {
  const project = newForEachTest(() => alembicProject({ a1: 'base', b2: 'a1' }));
  beforeEach(() => {
    project.sql(rows('b2'));
  });

  const HARMLESS: Readonly<Record<string, string>> = {
    'a hundred thousand rows of data': `DATA = [${'("x", 1),\n'.repeat(100_000)}]`,
    'brackets in brackets in brackets': `DATA = ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    'an f-string with its own quotes inside': `def upgrade():\n    op.execute(f"{"\\n".join(names)} {row["id"]!r:{width}} {{")`,
    'an f-string over lines': `def upgrade():\n    op.execute(f'''{\n  names["it's"]\n}''')`,
    'an f-string with a brace that never ends': `def upgrade():\n    op.execute(rf"\\d{{1}}" f"{{")`,
  };
  for (const [what, code] of Object.entries(HARMLESS)) {
    it(`is understood when a migration holds ${what}`, () => {
      project.write('alembic/versions/c3.py', migration('c3', 'b2', code));
      const state = readSchemaState(project.folder());
      assert.deepEqual(state.problems, []);
      assert.deepEqual([state.state, state.heads], ['behind', ['c3']]);
    });

    it(`is understood when env.py holds ${what}`, () => {
      project.write('alembic/env.py', `from alembic import context\n${code}\ncontext.configure(version_table='own')\n`);
      project.sql("CREATE TABLE own (version_num TEXT); INSERT INTO own VALUES ('a1')");
      assert.deepEqual(readSchemaState(project.folder()).revisions, ['a1']);
    });
  }

  for (const [what, location] of Object.entries({ 'too long': 'x'.repeat(9000), 'no path': 'a\0b', 'a link to itself': 'loop' })) {
    it(`is found all the same when its script_location is ${what}`, () => {
      symlinkSync('loop', join(project.root, 'loop'));
      project.write('alembic.ini', `[alembic]\nscript_location = ${location}\n`);
      assert.equal(readSchemaState(project.folder()).state, 'current');
    });
  }

  it('is never waited for when a migration is a FIFO', () => {
    execFileSync('mkfifo', [join(project.root, 'alembic/versions/c3.py')]);
    const state = readSchemaState(project.folder());
    assert.equal(state.state, 'cannot-analyse');
    assert.deepEqual(state.heads, ['b2']);
  });

  describe('with several version tables in its database', () => {
    it('is judged by alembic_version when its env.py names none', () => {
      project.sql("CREATE TABLE plugin_version (version_num TEXT); INSERT INTO plugin_version VALUES ('zz')");
      assert.deepEqual(readSchemaState(project.folder()).revisions, ['b2']);
    });

    it('is judged by the one whose rows its files know, when its env.py computes the name', () => {
      project.write('alembic/env.py', 'from alembic import context\ncontext.configure(version_table=f"{app}_version")\n');
      project.sql(`${rows('zz')}; CREATE TABLE app_version (version_num TEXT); INSERT INTO app_version VALUES ('a1')`);
      const state = readSchemaState(project.folder());
      assert.deepEqual([state.state, state.revisions], ['behind', ['a1']]);
    });
  });

  it('is read when its database has a virtual table of an extension that is not here', () => {
    const db = new Database(project.database);
    db.unsafeMode();
    db.exec(
      `PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'places', 'places', 0, 'CREATE VIRTUAL TABLE places USING nosuch(x)')`,
    );
    db.close();
    assert.equal(readSchemaState(project.folder()).state, 'current');
    assert.deepEqual(describeSnapshot(project.database, project.folder()).revisions, ['b2']);
  });

  it('runs its commands in a service whose volumes are in the override file, without naming that file', () => {
    project.write('compose.yaml', 'services:\n  api:\n    build: .\n');
    project.write('compose.override.yaml', 'services:\n  api:\n    volumes: ["./:/srv"]\n    working_dir: /srv\n');
    const { show } = readSchemaState(project.folder()).commands;
    assert.match(show ?? '', /^docker[ -]compose exec api alembic current$/);
  });
});
