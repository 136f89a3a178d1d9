// What a Drizzle project says without being run where it keeps no journal: with "push", and since 1.0 with a folder for each migration.
import assert from 'node:assert/strict';
import { CONFIG, hashOf, row, sqlOf, TABLE } from '../../../../support/drizzle-project';
import { emptyProject, schemaOf } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('A Drizzle project', () => {
  const project = newForEachTest(emptyProject);
  const { state, pending } = schemaOf(project);

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
});
