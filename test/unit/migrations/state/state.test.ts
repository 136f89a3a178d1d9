// The schema state of real databases against Alembic's files: every state, its words and its commands.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { describeSnapshot, readSchemaState, relationOf, syncCommands } from '../../../../src/engine/migrations/state/state';
import type { SchemaState } from '../../../../src/engine/migrations/schema';
import { alembicProject, emptyProject, migration, rows, type AlembicProject } from '../../../support/alembic-project';

const LINE = { a1: 'base', b2: 'a1', c3: 'b2' };
const FORK = { ...LINE, d4: 'b2' };

describe('The schema state', function () {
  this.timeout(30_000);
  let project: AlembicProject;
  beforeEach(() => {
    project = alembicProject(LINE);
  });
  afterEach(() => {
    project.remove();
  });

  const state = (): SchemaState => readSchemaState(project.folder());
  const pending = (): string[] => state().pending.map(({ revision }) => revision);
  const messages = (): string =>
    state()
      .problems.map(({ message }) => message)
      .join('\n');

  function use(revisions: Parameters<typeof alembicProject>[0]): void {
    project.remove();
    project = alembicProject(revisions);
  }

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

  it('has several heads when the files fork: merging or "upgrade heads", never "upgrade head"', () => {
    use(FORK);
    project.sql(rows('c3'));
    assert.equal(state().state, 'several-heads');
    assert.deepEqual(state().heads, ['c3', 'd4']);
    assert.deepEqual(pending(), ['d4']);
    assert.deepEqual(state().commands, { show: 'alembic current', apply: 'alembic upgrade heads', mark: 'alembic merge -m "merge" heads' });
    assert.deepEqual(syncCommands(state()), ['alembic upgrade heads']);
    assert.match(messages(), /"alembic upgrade head" fails until they are merged/);
  });

  it('is current with two rows of a fork that a later migration merges, once that is applied', () => {
    use({ ...FORK, e5: ['c3', 'd4'] });
    project.sql(rows('c3', 'd4'));
    assert.equal(state().state, 'behind');
    assert.deepEqual(pending(), ['e5']);
    project.sql(rows('e5'));
    assert.equal(state().state, 'current');
  });

  it('upgrades to "heads" where depends_on leaves one real head of two', () => {
    use({ a1: 'base', b2: 'base' });
    project.write('alembic/versions/c3.py', migration('c3', 'a1', "depends_on = 'b2'"));
    project.sql(rows('a1'));
    assert.equal(state().state, 'behind');
    assert.deepEqual(state().heads, ['c3']);
    assert.deepEqual(pending(), ['b2', 'c3']);
    assert.equal(state().commands.apply, 'alembic upgrade heads');
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

  it('asks for "stamp --purge" with the full id when a row is abbreviated', () => {
    use({ a1b2c3d4: 'base', b2c3d4e5: 'a1b2c3d4' });
    project.sql(rows('a1b2'));
    assert.equal(state().state, 'behind');
    assert.match(messages(), /"a1b2", an abbreviation of a1b2c3d4/);
    assert.deepEqual(syncCommands(state()), ['alembic stamp --purge a1b2c3d4', 'alembic upgrade head']);
  });

  it('asks for "stamp --purge" with the descendant when one row includes another', () => {
    project.sql(rows('a1', 'c3'));
    assert.equal(state().state, 'current');
    assert.match(messages(), /both a1 and c3, although c3 includes it/);
    assert.deepEqual(syncCommands(state()), ['alembic stamp --purge c3']);
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

  it('is half-applied when a failed batch migration left its temporary table', () => {
    project.sql(`${rows('b2')} CREATE TABLE users (id INTEGER); CREATE TABLE _alembic_tmp_users (id INTEGER)`);
    assert.equal(state().state, 'half-applied');
    assert.match(state().halfApplied[0] ?? '', /"users" stopped half way and left "_alembic_tmp_users".*Go back to the backup/);
    assert.deepEqual(syncCommands(state()), []);
  });

  it('never asks to drop a temporary table that may be the only copy', () => {
    project.sql(`${rows('b2')} CREATE TABLE _alembic_tmp_users (id INTEGER); INSERT INTO _alembic_tmp_users VALUES (1)`);
    assert.equal(state().state, 'half-applied');
    assert.match(state().halfApplied[0] ?? '', /may be the only copy of its rows. Do not drop it/);
  });

  it('finds the table behind a temporary name that was cut at 50 characters', () => {
    const table = 'a_table_with_a_name_that_is_longer_than_fifty_characters';
    project.sql(`${rows('b2')} CREATE TABLE ${table} (id INTEGER); CREATE TABLE ${`_alembic_tmp_${table}`.slice(0, 50)} (id INTEGER)`);
    assert.match(state().halfApplied[0] ?? '', new RegExp(`of the table "${table}"`));
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

describe('A look at the database', () => {
  let project: AlembicProject;
  let database: string;
  beforeEach(() => {
    project = alembicProject(LINE);
    ({ database } = project);
  });
  afterEach(() => {
    project.remove();
  });

  const files = (): string[] => readdirSync(project.root).filter((name) => name.startsWith('app.db'));

  it('leaves nothing beside a WAL database that nobody uses', () => {
    project.sql(`PRAGMA journal_mode = WAL; ${rows('c3')}`);
    assert.deepEqual(files(), ['app.db']);
    assert.equal(readSchemaState(project.folder()).state, 'current');
    assert.deepEqual(files(), ['app.db']);
  });

  it('sees what is only in the write-ahead log of a running application, and does not disturb it', () => {
    const app = new Database(database);
    app.pragma('journal_mode = WAL');
    app.exec(rows('b2'));
    app.exec('BEGIN IMMEDIATE');
    app.prepare('UPDATE alembic_version SET version_num = ?').run('c3');
    assert.deepEqual(readSchemaState(project.folder()).revisions, ['b2']);
    app.exec('COMMIT');
    assert.deepEqual(readSchemaState(project.folder()).revisions, ['c3']);
    assert.deepEqual(files(), ['app.db', 'app.db-shm', 'app.db-wal']);
    app.close();
  });

  it('reads the log that a killed application left, and leaves it as it is', () => {
    const app = new Database(database);
    app.pragma('journal_mode = WAL');
    app.pragma('wal_autocheckpoint = 0');
    app.exec(rows('c3'));
    app.prepare('SELECT 1').get();
    const copy = `${project.root}/copy.db`;
    const other = new Database(database, { readonly: true });
    writeFileSync(copy, readFileSync(database));
    writeFileSync(`${copy}-wal`, readFileSync(`${database}-wal`));
    other.close();
    app.close();
    assert.deepEqual(describeSnapshot(copy, project.folder()).revisions, ['c3']);
    assert.deepEqual(
      readdirSync(project.root).filter((name) => name.startsWith('copy.db')),
      ['copy.db', 'copy.db-wal'],
    );
  });

  it('never throws for the manifest, whatever the file holds', () => {
    assert.deepEqual(describeSnapshot(`${project.root}/none.db`, project.folder()), { tool: 'alembic', revisions: [], heads: ['c3'] });
    writeFileSync(database, 'no database at all'.repeat(100));
    assert.deepEqual(describeSnapshot(database, project.folder()), { tool: 'alembic', revisions: [], heads: ['c3'] });
    rmSync(database);
    project.sql('CREATE VIEW alembic_version AS SELECT 1 AS version_num; CREATE TABLE "we""ird" (version_num)');
    assert.deepEqual(describeSnapshot(database, project.folder()), { tool: 'alembic', revisions: [], heads: ['c3'] });
  });
});

describe('The relation of a backup to the files', () => {
  let project: AlembicProject;
  before(() => {
    project = alembicProject(LINE);
  });
  after(() => {
    project.remove();
  });

  const CASES: readonly [readonly string[], string, number][] = [
    [['c3'], 'equal', 0],
    [['a1'], 'behind', 2],
    [['zz'], 'unknown', 0],
    [['a1', 'zz'], 'unknown', 0],
    [[], 'none', 0],
  ];
  for (const [revisions, relation, behind] of CASES) {
    it(`is ${relation} (${behind} behind) for revisions [${revisions.join(', ')}]`, () => {
      assert.deepEqual(relationOf(revisions, project.folder()), { relation, behind });
    });
  }

  it('is none where the project has no migrations', () => {
    const bare = emptyProject();
    assert.deepEqual(relationOf(['a1'], bare.folder()), { relation: 'none', behind: 0 });
    bare.remove();
  });
});
