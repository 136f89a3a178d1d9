// What a Drizzle project says without being run by its journal, its scripts and what its table notes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { relationOf, syncCommands } from '../../../../../src/engine/migrations/state/state';
import { CONFIG, journalOf, row, sqlOf, TABLE, writeJournal } from '../../../../support/drizzle-project';
import { emptyProject, schemaOf } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('A Drizzle project', () => {
  const project = newForEachTest(emptyProject);
  const { state, pending, messages } = schemaOf(project);
  const write = (entries: Readonly<Record<string, number>>, out?: string): void => {
    writeJournal(project, entries, out);
  };

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
});
