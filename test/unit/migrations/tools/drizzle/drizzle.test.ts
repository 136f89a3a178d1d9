// What a Drizzle project says without being run: its settings, its journal, its folders, and what its table notes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SchemaState } from '../../../../../src/engine/migrations/schema';
import { readSchemaState, relationOf, syncCommands, watchedBy } from '../../../../../src/engine/migrations/state/state';
import { emptyProject, type AlembicProject } from '../../../../support/alembic-project';

const CONFIG = "export default { dialect: 'sqlite', out: './drizzle', dbCredentials: { url: 'app.db' } };\n";
/** A command is only offered where the file says which database it is for. */
const naming = (text: string): string =>
  text.replace(/export default \{|module\.exports = \{|^\{/, (start) => `${start} "dbCredentials": { "url": "app.db" },`);
const TABLE = 'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);';

const sqlOf = (tag: string): string => `CREATE TABLE \`${tag}\` (\`id\` integer);\n`;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const row = (tag: string, when: number, table = '__drizzle_migrations'): string =>
  `INSERT INTO "${table}" (hash, created_at) VALUES ('${hashOf(sqlOf(tag))}', ${when});`;
const journalOf = (entries: Readonly<Record<string, number>>, dialect = 'sqlite'): string =>
  JSON.stringify({ version: '7', dialect, entries: Object.entries(entries).map(([tag, when], idx) => ({ idx, when, tag })) }, null, 2);

describe('A Drizzle project', () => {
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

  function write(entries: Readonly<Record<string, number>>, out = 'drizzle'): void {
    project.write(`${out}/meta/_journal.json`, journalOf(entries));
    for (const tag of Object.keys(entries)) {
      project.write(`${out}/${tag}.sql`, sqlOf(tag));
    }
  }

  describe('with a journal', () => {
    beforeEach(() => {
      project.write('drizzle.config.ts', CONFIG);
      write({ '0000_first': 1000, '0001_add_items': 2000 });
      project.sql(TABLE);
    });

    it('is behind by what is newer than the newest row, and names the file and the command', () => {
      project.sql(row('0000_first', 1000));
      const { state: name, tool, revisions, heads, commands, problems } = state();
      assert.deepEqual([tool, name, revisions, heads], ['drizzle', 'behind', ['0000_first'], ['0001_add_items']]);
      assert.deepEqual(state().pending, [
        { revision: '0001_add_items', title: 'add items', file: join(project.root, 'drizzle/0001_add_items.sql') },
      ]);
      assert.deepEqual([commands, problems], [{ apply: 'npx drizzle-kit migrate' }, []]);
      assert.deepEqual(syncCommands(state()), ['npx drizzle-kit migrate']);
    });

    it('has everything pending when its table is empty', () => {
      assert.deepEqual([state().state, pending()], ['never-migrated', ['0000_first', '0001_add_items']]);
    });

    it('is current when each has a row', () => {
      project.sql(row('0000_first', 1000) + row('0001_add_items', 2000));
      assert.deepEqual([state().state, state().revisions, state().problems], ['current', ['0001_add_items'], []]);
    });

    it('says that a file was edited after it was applied, but not when only its line ends differ', () => {
      project.sql(row('0000_first', 1000) + row('0001_add_items', 2000));
      project.write('drizzle/0000_first.sql', sqlOf('0000_first').replaceAll('\n', '\r\n'));
      assert.deepEqual(state().problems, []);
      const file = project.write('drizzle/0000_first.sql', 'CREATE TABLE other (id);\n');
      assert.deepEqual(state().problems, [{ message: 'This migration was edited after it was applied to the database.', file }]);
      assert.equal(state().state, 'current');
    });

    it('knows a migration by its time when it was renamed', () => {
      project.sql(row('0000_first', 1000));
      project.write('drizzle/meta/_journal.json', journalOf({ '0000_renamed': 1000 }));
      project.write('drizzle/0000_renamed.sql', sqlOf('0000_first'));
      assert.deepEqual([state().state, state().revisions], ['current', ['0000_renamed']]);
    });

    it('knows a migration by its content when it got an older time, and has it pending when it got a newer one', () => {
      project.sql(row('0000_first', 1000) + row('0001_add_items', 2000));
      project.write('drizzle/meta/_journal.json', journalOf({ '0000_first': 1000, '0001_add_items': 1500 }));
      assert.deepEqual([state().state, state().revisions], ['current', ['0001_add_items']]);
      project.write('drizzle/meta/_journal.json', journalOf({ '0000_first': 1000, '0001_add_items': 2500 }));
      assert.deepEqual([state().state, pending()], ['diverged', ['0001_add_items']]);
    });

    it('tells two migrations of the same time apart by their content', () => {
      write({ '0000_first': 1000, '0001_a': 2000, '0001_b': 2000 });
      project.sql(row('0000_first', 1000) + row('0001_b', 2000));
      assert.deepEqual(state().revisions, ['0001_b']);
      assert.match(messages(), /0001_a is older than what the database has applied/);
    });

    it('is ahead when the database has a migration that is in no file', () => {
      project.sql(row('0000_first', 1000) + row('0001_add_items', 2000) + row('0002_elsewhere', 3000));
      assert.deepEqual([state().state, state().revisions], ['ahead', ['created_at 3000']]);
    });

    it('says of a migration that was merged late that Drizzle will skip it, and does not call it pending', () => {
      write({ '0000_first': 1000, '0001_add_items': 2000, '0002_late': 1500, '0003_new': 3000 });
      project.sql(row('0000_first', 1000) + row('0001_add_items', 2000));
      assert.deepEqual([state().state, pending(), state().heads], ['several-heads', ['0003_new'], ['0003_new']]);
      assert.match(messages(), /0002_late is older than what the database has applied: Drizzle skips it/);
      assert.equal(state().problems[0]?.file, join(project.root, 'drizzle/0002_late.sql'));
    });

    it('relates the revision of a backup to the files by their times', () => {
      write({ '0000_first': 1000, '0002_late': 1500, '0001_add_items': 1200 });
      assert.deepEqual(relationOf(['0001_add_items'], project.folder()), { relation: 'behind', behind: 1 });
      assert.deepEqual(relationOf(['0002_late'], project.folder()), { relation: 'equal', behind: 0 });
      assert.deepEqual(relationOf(['0009_other'], project.folder()).relation, 'unknown');
    });

    it('says which line of the journal names a file that is missing', () => {
      project.sql(row('0000_first', 1000));
      project.write('drizzle/meta/_journal.json', journalOf({ '0000_first': 1000, '0001_gone': 2000 }));
      const problem = state().problems.find(({ message }) => message.includes('0001_gone'));
      assert.match(problem?.message ?? '', /whose file is missing: Drizzle cannot apply any migration/);
      assert.deepEqual([problem?.file, problem?.line], [join(project.root, 'drizzle/meta/_journal.json'), 10]);
      assert.deepEqual([state().state, pending()], ['behind', ['0001_gone']]);
    });

    it('says which file the journal does not name', () => {
      const file = project.write('drizzle/0002_by_hand.sql', 'SELECT 1;');
      project.write('drizzle/seed.sql', 'SELECT 1;');
      assert.deepEqual(state().problems, [{ message: 'The journal does not name 0002_by_hand.sql: Drizzle will not apply it.', file }]);
    });

    const BROKEN: Readonly<Record<string, readonly [text: string, line: number, message: RegExp]>> = {
      'is cut off': [
        '{\n  "dialect": "sqlite",\n  "entries": [\n    { "when": 1000, "tag": "0000_first" },\n    { "when": 2000',
        5,
        /not valid/,
      ],
      'has a comma too many': [
        '{\n  "dialect": "sqlite",\n  "entries": [\n    { "when": 1000, "tag": "0000_first" },\n  ]\n}',
        5,
        /not valid/,
      ],
      'has an entry without a time': [
        '{\n  "dialect": "sqlite",\n  "entries": [\n    { "when": 1000, "tag": "0000_first" },\n    { "tag": "0001_add_items" }\n  ]\n}',
        5,
        /not valid/,
      ],
      'has a merge conflict': [
        '{\n  "dialect": "sqlite",\n  "entries": [\n    { "when": 1000, "tag": "0000_first" },\n<<<<<<< HEAD\n    { "when": 2000, "tag": "0001_add_items" }\n=======\n    { "when": 2100, "tag": "0001_b" }\n>>>>>>> other\n  ]\n}',
        5,
        /merge conflict/,
      ],
    };
    for (const [what, [text, line, message]] of Object.entries(BROKEN)) {
      it(`says the line where the journal ${what}, and still reads the entry before it`, () => {
        project.sql(row('0000_first', 1000));
        const file = project.write('drizzle/meta/_journal.json', text);
        const problem = state().problems.find((each) => each.file === file);
        assert.match(problem?.message ?? '', message);
        assert.equal(problem?.line, line);
        assert.deepEqual(state().revisions, ['0000_first']);
        assert.ok(['cannot-analyse', 'behind'].includes(state().state));
      });
    }

    for (const text of ['', '[]', 'null', '{}', '{"entries": {}}', '\0']) {
      it(`cannot be analysed when its journal is ${JSON.stringify(text)}`, () => {
        project.sql(row('0000_first', 1000));
        project.write('drizzle/meta/_journal.json', text);
        assert.equal(state().state, 'cannot-analyse');
        assert.match(messages(), /not valid: Drizzle cannot apply any/);
        assert.deepEqual(state().problems[0]?.line, 1);
      });
    }
  });

  it('whose journal is missing knows by their content which files were applied, and says that Drizzle cannot go on', () => {
    project.write('drizzle.config.ts', CONFIG);
    project.write('drizzle/0000_first.sql', sqlOf('0000_first'));
    project.write('drizzle/0001_second.sql', sqlOf('0001_second'));
    project.sql(TABLE + row('0000_first', 1000));
    assert.deepEqual([state().state, state().revisions, pending()], ['behind', ['0000_first'], ['0001_second']]);
    assert.match(messages(), /_journal\.json.*is missing: Drizzle cannot apply any migration/);
    project.sql(row('0001_second', 2000));
    assert.equal(state().state, 'cannot-analyse');
  });

  it('that only uses "push" has no migrations and no command to apply them', () => {
    project.write('drizzle.config.ts', "export default { dialect: 'sqlite', schema: './schema.ts' };");
    project.sql('CREATE TABLE items (id)');
    assert.deepEqual([state().tool, state().state, state().commands, state().problems], ['drizzle', 'no-migrations', {}, []]);
  });

  it('is half applied when "push" stopped while it rebuilt a table', () => {
    project.write('drizzle.config.ts', "export default { dialect: 'sqlite', schema: './schema.ts' };");
    project.sql('CREATE TABLE items (id); CREATE TABLE __new_items (id)');
    assert.equal(state().state, 'half-applied');
    assert.match(state().halfApplied.join(), /"items" stopped half way and left "__new_items"/);
    project.sql('DROP TABLE items; INSERT INTO __new_items VALUES (1)');
    assert.match(state().halfApplied.join(), /may be the only copy of its rows/);
  });

  describe('since 1.0, with a folder for each migration', () => {
    const NEW_TABLE =
      'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric, name text, applied_at TEXT);';
    const named = (tag: string, when: number): string =>
      `INSERT INTO __drizzle_migrations (hash, created_at, name) VALUES ('${hashOf(sqlOf(tag))}', ${when}, '${tag}');`;
    const [first, second] = ['20250101000000_first', '20250202000000_second'] as const;

    beforeEach(() => {
      project.write('drizzle.config.ts', CONFIG);
      project.write(`drizzle/${first}/migration.sql`, sqlOf(first));
      project.write(`drizzle/${second}/migration.sql`, sqlOf(second));
    });

    it('is judged by names, and a migration that was merged late is pending', () => {
      project.sql(NEW_TABLE + named(second, Date.UTC(2025, 1, 2)));
      assert.deepEqual([state().state, pending()], ['behind', [first]]);
      project.sql(named(first, Date.UTC(2025, 0, 1)));
      assert.deepEqual([state().state, state().revisions], ['current', [second]]);
    });

    it('says that a file was edited after it was applied', () => {
      project.sql(NEW_TABLE + named(first, Date.UTC(2025, 0, 1)));
      const file = project.write(`drizzle/${first}/migration.sql`, 'other');
      assert.deepEqual(state().problems, [{ message: 'This migration was edited after it was applied to the database.', file }]);
    });

    it('takes the rows of an older version by the second of their time', () => {
      project.sql(TABLE + row('whatever', Date.UTC(2025, 0, 1) + 123));
      assert.deepEqual([state().revisions, pending()], [[first], [second]]);
    });
  });

  describe('is found by its settings', () => {
    const FOUND: Readonly<Record<string, readonly [file: string, text: string, command: string]>> = {
      'a comment that names another folder': [
        'drizzle.config.ts',
        "// out: './old'\nexport default { /* out: './older', */ schema: './src/**/*.ts', out: './sql', /* x */ dialect: 'sqlite' };",
        'npx drizzle-kit migrate',
      ],
      JSON: ['drizzle.config.json', '{ "dialect": "sqlite", "out": "./sql" }', 'npx drizzle-kit migrate'],
      'a default behind a variable': [
        'drizzle.config.mjs',
        'export default { out: process.env.OUT ?? `./sql` }',
        'npx drizzle-kit migrate --config=drizzle.config.mjs',
      ],
      'a constant': [
        'drizzle-dev.config.ts',
        "const out: string = 'sql';\nexport default { dialect: 'turso', out };",
        'npx drizzle-kit migrate --config=drizzle-dev.config.ts',
      ],
      'a call': [
        'drizzle.config.js',
        "module.exports = { dialect: 'sqlite', out: path.join(__dirname, 'sql') };",
        'npx drizzle-kit migrate',
      ],
      'something computed': ['drizzle.config.ts', "export default { dialect: 'sqlite', out: folderOf(name) };", 'npx drizzle-kit migrate'],
      'a template': ['drizzle.config.ts', 'export default { dialect: "sqlite", out: `${base}/sql` };', 'npx drizzle-kit migrate'],
    };
    for (const [what, [file, text, command]] of Object.entries(FOUND)) {
      it(`with ${what}`, () => {
        project.write(file, naming(text));
        write({ '0000_first': 1000 }, 'sql');
        project.sql(TABLE + row('0000_first', 1000));
        assert.deepEqual([state().state, state().heads, state().commands], ['current', ['0000_first'], { apply: command }]);
        assert.deepEqual([...watchedBy(project.folder())], [join(project.root, file), join(project.root, 'sql')]);
      });
    }

    it('of which ts counts before js, as for Drizzle Kit', () => {
      project.write('drizzle.config.js', "module.exports = { dialect: 'sqlite', out: 'wrong' };");
      project.write('drizzle.config.ts', CONFIG);
      write({ '0000_first': 1000 });
      write({ '0000_other': 1000 }, 'wrong');
      assert.deepEqual(state().heads, ['0000_first']);
    });

    it('in a package below, where its command runs', () => {
      project.write('packages/db/drizzle.config.ts', CONFIG.replace('app.db', '../../app.db'));
      write({ '0000_first': 1000 }, 'packages/db/drizzle');
      project.sql(TABLE);
      assert.deepEqual(state().commands, { apply: 'cd packages/db && npx drizzle-kit migrate' });
    });

    it('when the path is meant from the root of a monorepo', () => {
      project.write('packages/db/drizzle.config.ts', CONFIG);
      write({ '0000_first': 1000 });
      assert.deepEqual(state().heads, ['0000_first']);
    });

    for (const [what, text] of Object.entries({
      'a string': "export default { dialect: 'sqlite', migrations: { prefix: 'unix', table: 'my log' } };",
      'a constant': "const LOG = 'my log';\nexport default { dialect: 'sqlite', migrations: { table: LOG } };",
    })) {
      it(`with another table, named by ${what}, and does not look at the usual one`, () => {
        project.write('drizzle.config.ts', text);
        write({ '0000_first': 1000, '0001_second': 2000 });
        project.sql(TABLE + row('0000_first', 1000) + row('0001_second', 2000));
        assert.equal(state().state, 'never-migrated');
        project.sql(TABLE.replace('__drizzle_migrations', '"my log"') + row('0000_first', 1000, 'my log'));
        assert.deepEqual([state().state, pending()], ['behind', ['0001_second']]);
      });
    }

    it('or, without any, by its journal, and then has no command', () => {
      write({ '0000_first': 1000, '0001_second': 2000 }, 'src/db/migrations');
      project.sql(TABLE + row('0000_first', 1000));
      assert.deepEqual([state().tool, state().state, pending(), state().commands], ['drizzle', 'behind', ['0001_second'], {}]);
    });

    it('but is none of ours when it keeps another kind of database', () => {
      project.write('drizzle.config.ts', "export default { dialect: 'postgresql', out: './drizzle' };");
      write({ '0000_first': 1000 });
      project.sql('CREATE TABLE items (id)');
      assert.equal(state().tool, null);
      project.write('local/drizzle.config.ts', "export default { dialect: 'sqlite' };");
      write({ '0000_local': 1000 }, 'local/drizzle');
      assert.deepEqual(state().heads, ['0000_local']);
    });
  });
});
