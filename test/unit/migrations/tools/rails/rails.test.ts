// What a Rails project says without being run: config/database.yml, its migrations, and the table that others use, too.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readSchemaState, relationOf, watchedBy } from '../../../../../src/engine/migrations/state/state';
import { emptyProject, schemaOf } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

const CONFIG = 'development:\n  adapter: sqlite3\n  database: <%= ENV.fetch("DB") { "app.db" } %>\n';
const TABLES =
  'CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY); CREATE TABLE ar_internal_metadata (key varchar, value varchar);';

describe('A Rails project', () => {
  const project = newForEachTest(emptyProject);

  const { state, pending, messages } = schemaOf(project);
  const apply = (...versions: string[]): void => {
    project.sql(versions.map((version) => `INSERT INTO schema_migrations VALUES ('${version}');`).join(''));
  };

  describe('with two migrations', () => {
    beforeEach(() => {
      project.write('config/database.yml', CONFIG);
      project.write('bin/rails', '');
      project.write('db/migrate/20240101000000_create_users.rb', '');
      project.write('db/migrate/20240102000000_create_items.rb', '');
      project.sql(TABLES);
    });

    it('is behind by each file without a row, with the commands and the file', () => {
      apply('20240101000000');
      const { tool, state: name, revisions, heads, commands } = state();
      assert.deepEqual([tool, name, revisions, heads], ['rails', 'behind', ['20240101000000'], ['20240102000000']]);
      const file = join(project.root, 'db/migrate/20240102000000_create_items.rb');
      assert.deepEqual(state().pending, [{ revision: '20240102000000', title: 'create items', file }]);
      assert.deepEqual(commands, { show: 'ruby bin/rails db:migrate:status', apply: 'ruby bin/rails db:migrate' });
    });

    it('is behind also by a migration older than the newest row', () => {
      apply('20240102000000');
      assert.deepEqual([state().state, pending()], ['behind', ['20240101000000']]);
    });

    it('has everything pending before the first is applied', () => {
      assert.deepEqual([state().state, pending()], ['never-migrated', ['20240101000000', '20240102000000']]);
    });

    it('is current when each has a row, and a backup at the first is one behind', () => {
      apply('20240101000000', '20240102000000');
      assert.deepEqual([state().state, state().problems], ['current', []]);
      assert.deepEqual(relationOf(['20240101000000'], project.folder()), { relation: 'behind', behind: 1 });
    });

    it('is ahead when a newer row is in no file', () => {
      apply('20240101000000', '20240102000000', '20990101000000');
      assert.equal(state().state, 'ahead');
      assert.match(messages(), /20990101000000 of the database is in no migration file/);
    });

    it('misses no file of a version older than all files: schema.rb holds what it did', () => {
      apply('20190101000000', '20240101000000', '20240102000000');
      assert.deepEqual([state().state, state().problems], ['current', []]);
    });

    it('reads versions as numbers, in folders below, with the scope of an engine', () => {
      project.write('db/migrate/2024/001_create_first.rb', '');
      project.write('db/migrate/20240103000000_create_blobs.active_storage.rb', '');
      apply('1', '20240101000000', '20240102000000');
      assert.deepEqual([state().state, pending()], ['behind', ['20240103000000']]);
    });

    for (const [what, name] of [
      ['a name that is none of a migration', '20240103000000_Create-Things.rb'],
      ['a version that another has', '20240102000000_create_things.rb'],
      ['a name that another has', '20240103000000_create_items.rb'],
    ] as const) {
      it(`reports ${what}, and hides none of the others`, () => {
        const file = project.write(`db/migrate/${name}`, '');
        const refusals = state().problems.filter(({ message }) => message.includes('Rails refuses to migrate'));
        assert.equal(refusals.length, 1);
        assert.ok(refusals[0]?.file === file || messages().includes(name), messages());
        assert.equal(pending().length, 2);
      });
    }

    it('watches the settings and the folder of the migrations', () => {
      assert.deepEqual(watchedBy(project.folder()), [join(project.root, 'config/database.yml'), join(project.root, 'db/migrate')]);
    });
  });

  it('takes the migrations of the database among several that they are for', () => {
    project.write(
      'config/database.yml',
      'base: &base\n  adapter: sqlite3\ndevelopment:\n  primary:\n    <<: *base\n    database: main.db\n  queue:\n    <<: *base\n    database: app.db\n    migrations_paths: db/queue_migrate\n',
    );
    project.write('db/migrate/20240101000000_create_users.rb', '');
    project.write('db/queue_migrate/20240102000000_create_jobs.rb', '');
    project.sql(TABLES);
    assert.deepEqual(pending(), ['20240102000000']);
    project.write('Rakefile', '');
    project.write('Gemfile', '');
    assert.equal(state().commands.apply, 'bundle exec rake db:migrate');
  });

  it('is told in its own folder when it is below', () => {
    project.write('backend/config/database.yml', CONFIG.replace('app.db', '../app.db'));
    project.write('backend/db/migrate/20240101000000_create_users.rb', '');
    project.sql(TABLES);
    assert.equal(state().commands.apply, undefined);
    project.write('backend/Rakefile', '');
    assert.equal(state().commands.apply, 'cd backend && rake db:migrate');
  });

  it('reads the name of the environment within a path', () => {
    project.write('config/database.yml', CONFIG.replace(/<%=.*%>/, '<%= Rails.root.join("#{Rails.env}.sqlite3") %>'));
    project.write('bin/rails', '');
    project.write('db/migrate/20240101000000_create_users.rb', '');
    const database = project.write('development.sqlite3', '');
    const { commands, commandProblem } = readSchemaState({ ...project.folder(), database });
    assert.deepEqual([commands.apply, commandProblem], ['ruby bin/rails db:migrate', null]);
  });

  it('is known by its companion table alone; without that, the table may be of another tool', () => {
    project.sql(
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101000000');",
    );
    assert.notEqual(state().tool, 'rails');
    project.sql('CREATE TABLE ar_internal_metadata (key varchar, value varchar);');
    assert.deepEqual([state().tool, state().state, state().revisions], ['rails', 'cannot-analyse', ['20240101000000']]);
  });

  it('is read as far as it goes when database.yml is no YAML', () => {
    project.write('config/database.yml', 'development: [\n  "<% if');
    project.write('db/migrate/20240101000000_create_users.rb', '');
    project.sql(TABLES);
    assert.deepEqual(pending(), ['20240101000000']);
  });
});
