// Sequelize: its files, its table, its commands, and whose project is none of it.
import assert from 'node:assert/strict';
import { emptyProject, schemaOf } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('A Sequelize project', () => {
  const project = newForEachTest(emptyProject);
  const { state, pending } = schemaOf(project);
  const files = (settings: string, config = 'config/config.json'): void => {
    project.write('package.json', '{"dependencies":{"sequelize":"6"}}');
    project.write(config, settings);
    project.write('migrations/20240102000000-add-tags.js', '');
    project.write('migrations/20240101000000-first.js', '');
    project.write('migrations/types.d.ts', '');
    project.write('migrations/notes.md', '');
  };
  const rows = (...names: string[]): string =>
    `CREATE TABLE IF NOT EXISTS SequelizeMeta(name TEXT PRIMARY KEY); ${names.map((name) => `INSERT INTO SequelizeMeta VALUES ('${name}');`).join('')}`;
  const JSON_SETTINGS = '{"development": {"dialect": "sqlite", "storage": "app.db"}, "test": {"dialect": "sqlite", "storage": "t.db"}}';

  it('is never migrated, behind, current, and ahead by its files and rows', () => {
    files(JSON_SETTINGS);
    project.sql('CREATE TABLE t(x)');
    assert.deepEqual([state().state, pending()], ['never-migrated', ['20240101000000-first.js', '20240102000000-add-tags.js']]);
    project.sql(rows('20240101000000-first.js'));
    assert.deepEqual([state().state, pending(), state().pending[0]?.title], ['behind', ['20240102000000-add-tags.js'], 'add tags']);
    assert.deepEqual(state().commands, { show: 'npx sequelize-cli db:migrate:status', apply: 'npx sequelize-cli db:migrate' });
    project.sql(rows('20240102000000-add-tags.js'));
    assert.equal(state().state, 'current');
    project.sql(rows('20240103000000-later.js'));
    assert.equal(state().state, 'ahead');
  });

  it('has rows without files, which is said', () => {
    project.sql(rows('20240101000000-first.js'));
    assert.deepEqual([state().tool, state().state], ['sequelize', 'cannot-analyse']);
  });

  const REFUSED: readonly (readonly [why: string, settings: string, reason: RegExp])[] = [
    ['names another file', JSON_SETTINGS.replace('app.db', 'other.db'), /would migrate other\.db instead of app\.db/],
    ['names another engine', '{"development": {"dialect": "postgres", "database": "x"}}', /would migrate a PostgreSQL database/],
    ['has a URL, whose path is absolute', '{"development": {"url": "sqlite:app.db"}}', /would migrate \/app\.db instead of app\.db/],
    [
      'takes a variable that is not set',
      '{"development": {"dialect": "sqlite", "use_env_variable": "SOME_APP_URL"}}',
      /computes the database/,
    ],
  ];
  for (const [why, settings, reason] of REFUSED) {
    it(`is offered no command where its configuration ${why}`, () => {
      files(settings);
      project.sql(rows('20240101000000-first.js'));
      assert.equal(state().commands.apply, undefined);
      assert.match(state().commandProblem ?? '', reason);
    });
  }

  it('is read from the configuration with code where there are both, and from the table that it names', () => {
    files(JSON_SETTINGS.replace('app.db', 'other.db'));
    project.write(
      'config/config.js',
      "module.exports = { development: { dialect: 'sqlite', storage: process.env.SOME_FILE || './app.db', migrationStorageTableName: 'done' } };\n",
    );
    project.sql(rows('20240102000000-add-tags.js').replaceAll('SequelizeMeta', 'done'));
    assert.deepEqual([state().state, pending()], ['behind', ['20240101000000-first.js']]);
    assert.equal(state().commands.apply, 'npx sequelize-cli db:migrate');
  });

  it('is none without the settings of sequelize-cli', () => {
    project.write('package.json', '{"dependencies":{"sequelize":"6"}}');
    project.write('migrations/1_first.js', '');
    assert.equal(state().tool, null);
  });
});
