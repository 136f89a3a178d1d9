// What a Prisma project says without being run: its schema, its config, its folders, and what its table notes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaState } from '../../../../../src/engine/migrations/schema';
import { readSchemaState, relationOf, syncCommands, watchedBy } from '../../../../../src/engine/migrations/state/state';
import { emptyProject, type AlembicProject } from '../../../../support/alembic-project';

const SCHEMA = 'datasource db {\n  provider = "sqlite"\n  url      = "file:../app.db"\n}\n';
const FIRST = '20240101000000_first';
const SECOND = '20240102000000_add_items';
const TABLE = `CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, finished_at DATETIME,
  migration_name TEXT NOT NULL, logs TEXT, rolled_back_at DATETIME, started_at DATETIME NOT NULL DEFAULT current_timestamp,
  applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0);`;

const sqlOf = (name: string): string => `CREATE TABLE "${name}" (id INTEGER);\n`;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('A Prisma project', () => {
  let project: AlembicProject;
  let count = 0;
  beforeEach(() => {
    project = emptyProject();
  });
  afterEach(() => {
    project.remove();
  });

  const state = (): SchemaState => readSchemaState(project.folder());
  const pending = (): string[] => state().pending.map(({ revision }) => revision);
  const messages = (): string => JSON.stringify(state().problems.map(({ message }) => message));

  function write(scripts: string, ...names: string[]): void {
    for (const name of names) {
      project.write(`${scripts}/${name}/migration.sql`, sqlOf(name));
    }
  }

  function row(name: string, how: 'done' | 'failed' | 'rolled-back' = 'done', text = sqlOf(name)): string {
    count += 1;
    const [finished, rolledBack] = [how === 'done' ? `'2024'` : 'NULL', how === 'rolled-back' ? `'2024'` : 'NULL'];
    return `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at, started_at)
      VALUES ('${count}', '${hashOf(text)}', '${name}', ${finished}, ${rolledBack}, ${count});`;
  }

  describe('with two migrations', () => {
    beforeEach(() => {
      project.write('prisma/schema.prisma', SCHEMA);
      write('prisma/migrations', FIRST, SECOND);
      project.write('prisma/migrations/migration_lock.toml', 'provider = "sqlite"\n');
      project.sql(TABLE);
    });

    it('is behind by each file without a row, with the commands and the file', () => {
      project.sql(row(FIRST));
      const { tool, state: name, revisions, heads, commands, problems } = state();
      assert.deepEqual([tool, name, revisions, heads, problems], ['prisma', 'behind', [FIRST], [SECOND], []]);
      const file = join(project.root, 'prisma/migrations', SECOND, 'migration.sql');
      assert.deepEqual(state().pending, [{ revision: SECOND, title: 'add items', file }]);
      assert.deepEqual(commands, { show: 'npx prisma migrate status', apply: 'npx prisma migrate deploy' });
      assert.deepEqual(syncCommands(state()), ['npx prisma migrate deploy']);
    });

    it('is behind also by a migration older than the newest row', () => {
      project.sql(row(SECOND));
      assert.deepEqual([state().state, pending(), state().revisions], ['behind', [FIRST], [SECOND]]);
    });

    it('is current when each has a row, and says so of a backup at the newest', () => {
      project.sql(row(FIRST) + row(SECOND));
      assert.deepEqual([state().state, state().problems], ['current', []]);
      assert.deepEqual(relationOf([SECOND], project.folder()), { relation: 'equal', behind: 0 });
      assert.deepEqual(relationOf([FIRST], project.folder()), { relation: 'behind', behind: 1 });
    });

    it('is ahead when a row is in no folder, and diverged when a folder is pending as well', () => {
      project.sql(row(FIRST) + row('20990101000000_elsewhere'));
      assert.deepEqual([state().state, pending()], ['diverged', [SECOND]]);
      project.sql(row(SECOND));
      assert.equal(state().state, 'ahead');
      assert.match(messages(), /20990101000000_elsewhere of the database is in no migration file/);
    });

    it('is half-applied when a row is neither finished nor rolled back, and says the way on', () => {
      project.sql(row(FIRST) + row(SECOND, 'failed'));
      assert.deepEqual([state().state, state().revisions, pending()], ['half-applied', [FIRST], [SECOND]]);
      assert.match(state().halfApplied.join(), new RegExp(`Restore a backup.*"npx prisma migrate resolve --rolled-back ${SECOND}"`));
      assert.deepEqual(syncCommands(state()), []);
    });

    it('has a migration that was rolled back pending again, and applied when it was tried once more', () => {
      project.sql(row(FIRST) + row(SECOND, 'rolled-back', 'CREATE nonsense'));
      assert.deepEqual([state().state, pending(), state().halfApplied], ['behind', [SECOND], []]);
      project.sql(row(SECOND));
      assert.deepEqual([state().state, state().problems], ['current', []]);
    });

    it('misses no file of a migration that was rolled back for good', () => {
      project.sql(row(FIRST) + row(SECOND) + row('20240103000000_mistake', 'rolled-back'));
      assert.deepEqual([state().state, state().problems], ['current', []]);
    });

    it('names the file that was edited after it was applied, but not when only its line ends differ', () => {
      project.sql(row(FIRST) + row(SECOND));
      project.write(`prisma/migrations/${FIRST}/migration.sql`, sqlOf(FIRST).replaceAll('\n', '\r\n'));
      assert.deepEqual(state().problems, []);
      const file = project.write(`prisma/migrations/${FIRST}/migration.sql`, `${sqlOf(FIRST)}-- more\n`);
      assert.deepEqual(state().problems, [{ message: 'This migration was edited after it was applied to the database.', file }]);
    });

    it('reports a folder without its migration.sql, and hides none of the others', () => {
      mkdirSync(join(project.root, 'prisma/migrations/20240103000000_empty'));
      assert.deepEqual(pending(), [FIRST, SECOND]);
      assert.match(messages(), /20240103000000_empty has no migration\.sql: Prisma refuses/);
    });

    it('reports migrations that were written for another kind of database', () => {
      const file = project.write('prisma/migrations/migration_lock.toml', '# generated\nprovider = "postgresql"\n');
      assert.deepEqual(
        state().problems.map((problem) => problem.file),
        [file],
      );
      assert.match(messages(), /migrations are for postgresql/);
      rmSync(file);
      assert.deepEqual(state().problems, []);
    });

    it('sorts the names as Prisma does: not by bytes', () => {
      write('prisma/migrations', 'b', 'B2', 'a', '_x');
      assert.deepEqual(pending(), ['_x', FIRST, SECOND, 'a', 'b', 'B2']);
    });

    it('watches the schema and the folder of the migrations', () => {
      assert.deepEqual(watchedBy(project.folder()), [join(project.root, 'prisma/schema.prisma'), join(project.root, 'prisma/migrations')]);
    });
  });

  it('marks the first migration where "db push" made the tables and left no record', () => {
    project.write('prisma/schema.prisma', SCHEMA);
    write('prisma/migrations', FIRST);
    project.sql('CREATE TABLE item (id INTEGER);');
    assert.equal(state().state, 'never-migrated');
    assert.deepEqual(syncCommands(state()), [`npx prisma migrate resolve --applied ${FIRST}`, 'npx prisma migrate deploy']);
  });

  it('is read from its table alone when the project has no files of it', () => {
    project.sql(TABLE + row(FIRST) + row(SECOND, 'failed'));
    assert.deepEqual([state().tool, state().state, state().revisions], ['prisma', 'half-applied', [FIRST]]);
  });

  it('is none when the schema is for another kind of database, whatever its comments say', () => {
    project.write('prisma/schema.prisma', 'datasource db {\n  // provider = "sqlite"\n  provider = "postgresql"\n  url = env("X")\n}\n');
    write('prisma/migrations', FIRST);
    assert.equal(state().tool, null);
  });

  describe('finds the migrations', () => {
    const LAYOUTS: Readonly<
      Record<string, { readonly files: Readonly<Record<string, string>>; readonly scripts: string; readonly option?: string }>
    > = {
      'beside the schema that package.json names': {
        files: { 'package.json': '{ "prisma": { "schema": "db/main.prisma" } }', 'db/main.prisma': SCHEMA, 'prisma/old.prisma': SCHEMA },
        scripts: 'db/migrations',
      },
      'beside the file with the datasource in a folder that package.json names': {
        files: {
          'package.json': '{ "prisma": { "schema": "./prisma/schema" } }',
          'prisma/schema/models/a.prisma': 'model A {}',
          'prisma/schema/base.prisma': SCHEMA.replace('../', '../../'),
        },
        scripts: 'prisma/schema/migrations',
      },
      'where the config says': {
        files: {
          'prisma/schema.prisma': SCHEMA,
          'prisma.config.ts':
            "// migrations: { path: 'x' }\nexport default defineConfig({ schema: 'prisma', migrations: { seed: 'tsx a.ts', path: './db/steps' } });",
        },
        scripts: 'db/steps',
      },
      'where a config joins the parts of its path': {
        files: {
          'prisma.config.mts': "export default { migrations: { path: path.join(__dirname, 'db', 'steps') } } satisfies PrismaConfig;",
        },
        scripts: 'db/steps',
      },
      'beside the schema that the config names': {
        files: { 'prisma.config.ts': "export default defineConfig({ schema: path.join('db', 'all.prisma') });", 'db/all.prisma': SCHEMA },
        scripts: 'db/migrations',
      },
      'of a config in the folder .config': {
        files: { '.config/prisma.ts': "export default { schema: '../db', migrations: { path: '../steps' } };", 'db/a.prisma': SCHEMA },
        scripts: 'steps',
      },
      'of a schema that each command must be told': {
        files: { 'package.json': '{}', 'src/db/main.prisma': SCHEMA.replace('../', '../../') },
        scripts: 'src/db/migrations',
        option: ' --schema src/db/main.prisma',
      },
      'of a schema in several files that each command must be told': {
        files: {
          'package.json': '{}',
          'prisma/schema/base.prisma': SCHEMA.replace('../', '../../'),
          'prisma/schema/item.prisma': 'model Item {}',
        },
        scripts: 'prisma/schema/migrations',
        option: ' --schema prisma/schema',
      },
    };
    for (const [where, { files, scripts, option = '' }] of Object.entries(LAYOUTS)) {
      it(where, () => {
        for (const [path, text] of Object.entries(files)) {
          project.write(path, text);
        }
        write(scripts, FIRST, SECOND);
        project.sql(TABLE + row(FIRST));
        assert.deepEqual([state().state, pending(), state().problems], ['behind', [SECOND], []]);
        // Without a schema nothing says which database a command would migrate.
        const hasSchema = Object.keys(files).some((path) => path.endsWith('.prisma'));
        assert.equal(state().commands.apply, hasSchema ? `npx prisma migrate deploy${option}` : undefined);
      });
    }

    it('of the project whose URL names this database, with the commands in its folder', () => {
      project.write('packages/a/prisma/schema.prisma', SCHEMA);
      write('packages/a/prisma/migrations', FIRST);
      project.write('packages/b/prisma/schema.prisma', SCHEMA.replace('"file:../app.db"', 'env("DATABASE_URL")'));
      project.write('packages/b/prisma/.env', 'DATABASE_URL="file:../../../app.db?connection_limit=1"\n');
      write('packages/b/prisma/migrations', SECOND);
      project.write('packages/c/prisma/schema.prisma', SCHEMA.replace('sqlite', 'mysql'));
      project.sql(TABLE);
      assert.deepEqual(pending(), [SECOND]);
      assert.equal(state().commands.apply, 'cd packages/b && npx prisma migrate deploy');
    });
  });

  it('says that a computed folder cannot be known, and does not call the rows unknown here', () => {
    project.write('prisma/schema.prisma', SCHEMA);
    const file = project.write('prisma.config.ts', 'export default defineConfig({ migrations: { path: folderOf(process.env) } });');
    project.sql(TABLE + row(FIRST));
    assert.equal(state().state, 'cannot-analyse');
    const problem = state().problems.find((each) => each.file === file);
    assert.match(problem?.message ?? '', /computes where its migrations are.*"npx prisma migrate status"/);
  });

  it('is read as far as it goes when config, schema or package.json are cut off', () => {
    write('prisma/migrations', FIRST);
    for (const [path, text] of [
      ['prisma.config.ts', 'export default defineConfig({ migrations: {'],
      ['package.json', '{ "prisma": '],
      ['prisma/schema.prisma', 'datasource db {\n  provider = "sqlite"\n  url = env('],
    ] as const) {
      project.write(path, text);
      assert.deepEqual([state().tool, pending()], ['prisma', [FIRST]], path);
    }
  });
});
