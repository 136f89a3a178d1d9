// Where a Drizzle project is found: its config, its folder, its table.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { watchedBy } from '../../../../../src/engine/migrations/state/state';
import { CONFIG, row, TABLE, writeJournal, naming } from '../../../../support/drizzle-project';
import { emptyProject, schemaOf } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('A Drizzle project', () => {
  const project = newForEachTest(emptyProject);
  const { state, pending } = schemaOf(project);
  const write = (entries: Readonly<Record<string, number>>, out?: string): void => {
    writeJournal(project, entries, out);
  };

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
