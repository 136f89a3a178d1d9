// What a Knex project says without being run: its knexfile, its folders, its table and its lock.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { SchemaState } from '../../../../../src/engine/migrations/schema';
import { readSchemaState, relationOf, watchedBy } from '../../../../../src/engine/migrations/state/state';
import { emptyProject, type AlembicProject } from '../../../../support/alembic-project';

const FLAT = "module.exports = { client: 'better-sqlite3', connection: { filename: './app.db' } };\n";

const tablesOf = (table: string): string =>
  `CREATE TABLE "${table}" (id integer PRIMARY KEY AUTOINCREMENT, name varchar(255), batch integer, migration_time datetime);
   CREATE TABLE "${table}_lock" ("index" integer PRIMARY KEY AUTOINCREMENT, is_locked integer);
   INSERT INTO "${table}_lock" (is_locked) VALUES (0);`;

describe('A Knex project', () => {
  let project: AlembicProject;
  beforeEach(() => {
    project = emptyProject();
  });
  afterEach(() => {
    project.remove();
  });

  const state = (): SchemaState => readSchemaState(project.folder());
  const pending = (): string[] => state().pending.map(({ revision }) => revision);
  const messages = (): string => JSON.stringify(state().problems.map(({ message }) => message));
  const apply = (...names: string[]): void => {
    project.sql(names.map((name) => `INSERT INTO knex_migrations (name, batch) VALUES ('${name}', 1);`).join(''));
  };

  describe('with two migrations', () => {
    beforeEach(() => {
      project.write('knexfile.js', FLAT);
      project.write('migrations/20240101000000_add_users.js', '');
      project.write('migrations/20240102000000_add_items.js', '');
      project.sql(tablesOf('knex_migrations'));
    });

    it('has everything pending before the first is applied, with the commands and the files', () => {
      const file = join(project.root, 'migrations/20240101000000_add_users.js');
      assert.deepEqual([state().tool, state().state], ['knex', 'never-migrated']);
      assert.deepEqual(state().pending[0], { revision: '20240101000000_add_users.js', title: 'add users', file });
      assert.deepEqual(state().commands, { show: 'npx knex migrate:status', apply: 'npx knex migrate:latest' });
    });

    it('is behind by each file without a row, also by one before the newest row', () => {
      apply('20240102000000_add_items.js');
      assert.deepEqual([state().state, state().revisions], ['behind', ['20240102000000_add_items.js']]);
      assert.deepEqual(pending(), ['20240101000000_add_users.js']);
    });

    it('is current when each has a row', () => {
      apply('20240101000000_add_users.js', '20240102000000_add_items.js');
      assert.deepEqual([state().state, state().problems], ['current', []]);
    });

    it('is ahead when a row is in no file, and diverged when a file is pending as well', () => {
      apply('20240101000000_add_users.js', '20990101000000_elsewhere.js');
      assert.deepEqual([state().state, pending()], ['diverged', ['20240102000000_add_items.js']]);
      assert.match(messages(), /20990101000000_elsewhere\.js of the database is in no migration file/);
      apply('20240102000000_add_items.js');
      assert.equal(state().state, 'ahead');
    });

    it('is half-applied while its lock is set, and says how to take it away', () => {
      apply('20240101000000_add_users.js');
      project.sql('UPDATE knex_migrations_lock SET is_locked = 1');
      assert.equal(state().state, 'half-applied');
      assert.match(state().halfApplied.join(), /is running or was interrupted.*"npx knex migrate:unlock"/);
      project.sql('UPDATE knex_migrations_lock SET is_locked = 0');
      assert.deepEqual([state().state, state().halfApplied], ['behind', []]);
    });

    it('needs no lock table', () => {
      project.sql('DROP TABLE knex_migrations_lock');
      assert.equal(state().state, 'never-migrated');
    });

    it('knows a compiled migration, and says that Knex misses the file', () => {
      apply('20240101000000_add_users.ts', '20240102000000_add_items.js');
      assert.equal(state().state, 'current');
      assert.match(messages(), /add_users\.js as 20240101000000_add_users\.ts: Knex says that the migration directory is corrupt/);
    });

    it('has a compiled migration pending where Knex does not insist on its files', () => {
      project.write('knexfile.js', "module.exports = { client: 'sqlite3', migrations: { disableMigrationsListValidation: true } };");
      apply('20240101000000_add_users.ts', '20240102000000_add_items.js');
      assert.deepEqual([state().state, pending()], ['diverged', ['20240101000000_add_users.js']]);
    });

    it('takes the file with the very ending of the row where both are there', () => {
      project.write('migrations/20240101000000_add_users.ts', '');
      apply('20240101000000_add_users.js', '20240102000000_add_items.js');
      assert.deepEqual([state().state, pending(), state().problems], ['behind', ['20240101000000_add_users.ts'], []]);
    });

    it('relates the revision of a backup to the files', () => {
      assert.deepEqual(relationOf(['20240101000000_add_users.js'], project.folder()), { relation: 'behind', behind: 1 });
      assert.deepEqual(relationOf(['20240102000000_add_items.js'], project.folder()), { relation: 'equal', behind: 0 });
      assert.equal(relationOf(['20990101000000_elsewhere.js'], project.folder()).relation, 'unknown');
    });

    it('is read again when the knexfile or its folder changes', () => {
      assert.deepEqual(watchedBy(project.folder()), [join(project.root, 'knexfile.js'), join(project.root, 'migrations')]);
    });
  });

  it('is known by its table when it has no knexfile', () => {
    project.sql(tablesOf('knex_migrations'));
    apply('1_first.js');
    assert.deepEqual([state().tool, state().revisions, state().commands], ['knex', ['1_first.js'], {}]);
  });

  it('takes the knexfile that Knex takes, and names one that Knex does not find by itself', () => {
    project.write('migrations/1_first.js', '');
    project.write('knexfile.cjs', FLAT);
    assert.deepEqual(state().commands, {
      show: 'npx knex migrate:status --knexfile knexfile.cjs',
      apply: 'npx knex migrate:latest --knexfile knexfile.cjs',
    });
    project.write('knexfile.ts', "export default { client: 'sqlite3', connection: 'app.db' };");
    assert.equal(state().commands.apply, 'npx knex migrate:latest');
  });

  it('runs in the folder of its knexfile, from which its folders are meant', () => {
    project.write(
      'server/knexfile.js',
      "module.exports = { client: 'sqlite3', connection: { filename: '../app.db' }, migrations: { directory: './db' } };",
    );
    project.write('server/db/1_first.js', '');
    assert.deepEqual([pending(), state().commands.apply], [['1_first.js'], 'cd server && npx knex migrate:latest']);
  });

  it('reads the endings that Knex loads and no others', () => {
    project.write('knexfile.js', FLAT);
    for (const name of ['1_a.js', '2_b.ts', '3_c.cjs', '4_d.mjs', '5_e.sql', 'README.md', '.keep']) {
      project.write(`migrations/${name}`, '');
    }
    assert.deepEqual(pending(), ['1_a.js', '2_b.ts', '3_c.cjs']);
    project.write('knexfile.js', "module.exports = { client: 'sqlite3', migrations: { loadExtensions: ['.mjs'] } };");
    assert.deepEqual(pending(), ['4_d.mjs']);
  });

  it('orders several folders together, or apart where it says so', () => {
    const knexfile = (more: string): void => {
      project.write('knexfile.js', `module.exports = { client: 'sqlite3', migrations: { directory: ['./two', './one']${more} } };`);
    };
    project.write('one/1_a.js', '');
    project.write('two/2_b.js', '');
    project.write('one/3_c.js', '');
    knexfile('');
    assert.deepEqual([pending(), state().heads], [['1_a.js', '2_b.js', '3_c.js'], ['3_c.js']]);
    knexfile(', sortDirsSeparately: true');
    assert.deepEqual(pending(), ['2_b.js', '1_a.js', '3_c.js']);
  });

  it('says that one of several folders is missing, without which Knex does nothing', () => {
    project.write('knexfile.js', "module.exports = { client: 'sqlite3', migrations: { directory: ['./one', './gone'] } };");
    project.write('one/1_a.js', '');
    assert.match(messages(), /the folder gone is missing/);
  });

  it('is not asked where it keeps a database on a server', () => {
    project.write('knexfile.js', "module.exports = { client: 'pg', connection: process.env.DATABASE_URL };");
    project.write('migrations/1_first.js', '');
    assert.deepEqual([state().tool, state().state], [null, 'no-database']);
  });

  describe('finds the folder "db/steps" and the table "done"', () => {
    const SECTION = "{ directory: './db/steps', tableName: 'done' }";
    const KNEXFILES: Readonly<Record<string, string>> = {
      'in the development environment, wherever it stands': `module.exports = { production: { client: 'pg', migrations: { directory: './other' } }, development: { client: 'sqlite3', migrations: ${SECTION} } };`,
      'in a constant with a type': `const config: { [key: string]: Knex.Config } = { development: { client: 'sqlite3', migrations: ${SECTION} } };\nmodule.exports = config;`,
      'in what the environments share': `const base = { client: 'sqlite3', migrations: ${SECTION} };\nexport default { staging: {}, development: { ...base, debug: true } };`,
      'in a constant of the section': `const migrations = ${SECTION};\nexport default { client: 'sqlite3', migrations };`,
      'in constants of the strings': `const FOLDER = './db/steps';\nconst tableName = 'done' as const;\nexport default { client: 'sqlite3', migrations: { directory: FOLDER, tableName } };`,
      'in what a function returns': `module.exports = async () => { const x = 1; return { client: 'sqlite3', migrations: ${SECTION} }; };`,
      'in a call around it': `export default defineConfig({ client: 'sqlite3', migrations: ${SECTION} });`,
      'below __dirname': `module.exports = { client: 'sqlite3', migrations: { tableName: 'done', directory: __dirname + '/db/steps' } };`,
      'in a template': 'module.exports = { client: "sqlite3", migrations: { tableName: `done`, directory: `${__dirname}/db/steps` } };',
      'joined of parts': `module.exports = { client: 'sqlite3', migrations: { tableName: 'done', directory: path.join(__dirname, 'db', 'steps') } };`,
      'below the address of the file': `export default { client: 'sqlite3', migrations: { tableName: 'done', directory: fileURLToPath(new URL('./db/steps', import.meta.url)) } };`,
      'as the default of a variable': `module.exports = { client: 'sqlite3', migrations: { tableName: process.env.TABLE || 'done', directory: process.env.STEPS ?? './db/steps' } };`,
      'beside comments and strings that look like them': `// migrations: { directory: 'x' }\nmodule.exports = { client: 'sqlite3', note: '{ /* migrations: {', /* migrations: { tableName: 'y' } */ migrations: { "directory": './db/steps', /* } */ 'tableName': 'done', }, };`,
    };
    for (const [where, text] of Object.entries(KNEXFILES)) {
      it(where, () => {
        project.write('knexfile.ts', text);
        project.write('db/steps/1_first.ts', '');
        project.sql(`${tablesOf('done')} INSERT INTO done (name, batch) VALUES ('1_first.ts', 1);`);
        assert.deepEqual([state().state, state().revisions, state().problems], ['current', ['1_first.ts'], []]);
      });
    }
  });

  for (const [what, section] of [
    ['a computed folder', '{ directory: folderOf(process.env) }'],
    ['a source of its own', '{ migrationSource: new BundledMigrations() }'],
  ] as const) {
    it(`says that ${what} cannot be known, and does not call the rows unknown here`, () => {
      const file = project.write('knexfile.js', `module.exports = { client: 'sqlite3', migrations: ${section} };`);
      project.sql(tablesOf('knex_migrations'));
      apply('1_first.js');
      assert.equal(state().state, 'cannot-analyse');
      const problem = state().problems.find((each) => each.file === file);
      assert.match(problem?.message ?? '', /computes where its migrations are.*"npx knex migrate:status"/);
    });
  }

  it('is read as far as it goes when the knexfile is cut off, empty or refers to itself', () => {
    project.write('migrations/1_first.js', '');
    for (const text of [
      '',
      'module.exports = {',
      'const a = { ...a, migrations: a.b.c };\nmodule.exports = a;',
      "export default { x: '",
      '{{{((([[[`',
    ]) {
      project.write('knexfile.js', text);
      assert.deepEqual(pending(), ['1_first.js'], text);
    }
  });
});
