// The schema state of real databases against Alembic's files: every state, its words and its commands.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readSchemaState, syncCommands } from '../../../../src/engine/migrations/state/state';
import { alembicProject, rows } from '../../../support/alembic-project';
import { emptyProject, schemaOf, type MigrationsProject } from '../../../support/migrations-project';
import { standIn } from '../../../support/stand-in';

const LINE = { a1: 'base', b2: 'a1', c3: 'b2' };

describe('The schema state', function () {
  this.timeout(30_000);
  let project: MigrationsProject;
  beforeEach(() => {
    project = alembicProject(LINE);
  });
  afterEach(() => {
    project.remove();
  });

  const { state, pending, messages } = schemaOf(standIn(() => project));

  it('is current when the rows are the heads', () => {
    project.sql(rows('c3'));
    assert.deepEqual(state(), {
      tool: 'alembic',
      state: 'current',
      revisions: ['c3'],
      heads: ['c3'],
      pending: [],
      halfApplied: [],
      problems: [],
      commands: { show: 'alembic current' },
      commandProblem: null,
    });
    assert.deepEqual(syncCommands(state()), []);
  });

  it('is behind when migrations are pending: in order, with title and file', () => {
    project.sql(rows('a1'));
    assert.equal(state().state, 'behind');
    assert.deepEqual(state().pending, [
      { revision: 'b2', title: 'change b2', file: `${project.root}/alembic/versions/b2.py` },
      { revision: 'c3', title: 'change c3', file: `${project.root}/alembic/versions/c3.py` },
    ]);
    assert.deepEqual(syncCommands(state()), ['alembic upgrade head']);
  });

  it('is never migrated when the database is an empty file', () => {
    writeFileSync(project.database, '');
    assert.equal(state().state, 'never-migrated');
    assert.deepEqual(pending(), ['a1', 'b2', 'c3']);
    assert.deepEqual(syncCommands(state()), ['alembic upgrade head']);
  });

  it('is never migrated when the version table is empty', () => {
    project.sql(rows());
    assert.equal(state().state, 'never-migrated');
    assert.deepEqual(syncCommands(state()), ['alembic upgrade head']);
  });

  it('is never migrated, and asks to stamp first, when there are tables without a revision', () => {
    project.sql('CREATE TABLE users (id INTEGER PRIMARY KEY)');
    assert.equal(state().state, 'never-migrated');
    assert.match(messages(), /has tables, but no migration is recorded/);
    assert.deepEqual(syncCommands(state()), ['alembic stamp REVISION', 'alembic upgrade head']);
  });

  it('is an unknown revision when a row is in no file, and offers no command that would fail', () => {
    project.sql(rows('f00'));
    assert.equal(state().state, 'unknown-revision');
    assert.deepEqual(state().revisions, ['f00']);
    assert.deepEqual(pending(), []);
    assert.match(messages(), /Revision f00 of the database is in no migration file here/);
    assert.deepEqual(state().commands, { show: 'alembic current' });
    assert.deepEqual(syncCommands(state()), []);
  });

  it('finds a renamed version table by env.py and by its only column', () => {
    project.write('alembic/env.py', 'from alembic import context\ncontext.configure(connection=c, version_table="my_version")\n');
    project.sql(
      "CREATE TABLE my_version (version_num TEXT); INSERT INTO my_version VALUES ('c3'); CREATE TABLE stranger (version_num TEXT); INSERT INTO stranger VALUES ('zz');",
    );
    assert.equal(state().state, 'current');
    project.write('alembic/env.py', 'from alembic import context\n');
    project.sql('DROP TABLE stranger');
    assert.equal(state().state, 'current');
  });

  it('is never "current" while a file cannot be read, and shows everything else', () => {
    project.write('alembic/versions/d4.py', "revision = 'd4'\ndown_revision = (\n");
    project.sql(rows('c3'));
    assert.equal(state().state, 'cannot-analyse');
    assert.deepEqual(state().heads, ['c3']);
    assert.deepEqual(state().problems, [
      { message: 'The file is not complete: "(" is never closed.', file: `${project.root}/alembic/versions/d4.py`, line: 2 },
    ]);
    project.sql(rows('b2'));
    assert.equal(state().state, 'behind');
    project.sql(rows('d4'));
    assert.equal(state().state, 'cannot-analyse');
  });

  it('stays what it is when a stray helper lies among the migrations, and says that alembic fails', () => {
    project.write('alembic/versions/helper.py', 'x = 1\n');
    project.sql(rows('c3'));
    assert.equal(state().state, 'current');
    assert.match(messages(), /no revision: every alembic command fails/);
  });

  it('is "no database" when there is none, with what would make one', () => {
    assert.equal(state().state, 'no-database');
    assert.equal(state().commands.apply, 'alembic upgrade head');
    assert.deepEqual(readdirSync(project.root).includes('app.db'), false);
    assert.equal(readSchemaState({ root: project.root, database: null }).state, 'no-database');
  });

  it('cannot be analysed when the file is no database, and says so', () => {
    writeFileSync(project.database, 'x'.repeat(5000));
    assert.equal(state().state, 'cannot-analyse');
    assert.match(messages(), /not a SQLite database, or it is encrypted/);
    assert.deepEqual(state().heads, ['c3']);
  });

  it('cannot be analysed while another program holds the database, and says so', () => {
    project.sql(rows('c3'));
    const holder = new Database(project.database);
    holder.exec('BEGIN EXCLUSIVE');
    const { state: name, problems } = state();
    assert.equal(name, 'cannot-analyse');
    assert.match(problems[0]?.message ?? '', /is locked by another program/);
    holder.close();
    assert.equal(state().state, 'current');
  });

  it('is "no migrations" without a tool, with the number that the application keeps in the database', () => {
    project.remove();
    project = emptyProject();
    project.sql('CREATE TABLE users (id INTEGER); PRAGMA user_version = 7');
    assert.deepEqual([state().tool, state().state, state().revisions], ['user_version', 'no-migrations', ['7']]);
    project.sql('PRAGMA user_version = 0');
    assert.deepEqual([state().tool, state().state, state().revisions], [null, 'no-migrations', []]);
  });

  it('cannot be said where the files are gone, with what the database says', () => {
    project.sql(rows('c3'));
    rmSync(`${project.root}/alembic`, { recursive: true });
    rmSync(`${project.root}/alembic.ini`);
    assert.deepEqual([state().tool, state().state, state().revisions], ['alembic', 'cannot-analyse', ['c3']]);
    assert.match(
      state()
        .problems.map(({ message }) => message)
        .join(),
      /none of their files was found/,
    );
  });

  it('reads rows that are no text', () => {
    project.sql("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES (12), (x'6133'), (NULL)");
    assert.deepEqual(state().revisions, ['12', 'a3']);
  });
});
