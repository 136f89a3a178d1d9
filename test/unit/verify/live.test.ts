// What is said about the live database after somebody else changed it.
import assert from 'node:assert/strict';
import { createEngine } from '../../../src/engine/create-engine';
import { execute, makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

describe('the check of the live database', () => {
  const engine = createEngine();
  const project = newForEachTest(makeProject);
  beforeEach(async () => {
    run('CREATE TABLE old (id INTEGER); CREATE TABLE same (id INTEGER); CREATE INDEX by_id ON same (id)');
    await engine.create({ root: project.root }, { trigger: 'pre-migration', name: 'before' });
  });

  function run(sql: string): void {
    execute(project.database, sql);
  }

  it('finds nothing to say while the schema is that of the backup, whatever happens to the rows', async () => {
    run('INSERT INTO same VALUES (1); DELETE FROM old; VACUUM');
    const { problems, schemaChanges } = await engine.checkLive({ root: project.root }, { since: 'before' });
    assert.deepEqual([problems, schemaChanges], [[], []]);
  });

  it('names what is new, gone or different', async () => {
    run(
      'CREATE TABLE half (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE old; ALTER TABLE same ADD COLUMN note TEXT; DROP INDEX by_id',
    );
    const { schemaChanges } = await engine.checkLive({ root: project.root }, { since: 'before' });
    assert.deepEqual(schemaChanges, [
      { kind: 'removed', type: 'index', name: 'by_id' },
      { kind: 'added', type: 'table', name: 'half' },
      { kind: 'removed', type: 'table', name: 'old' },
      { kind: 'changed', type: 'table', name: 'same', columns: { added: ['note'], removed: [] } },
    ]);
  });

  it('compares with nothing when no backup is named', async () => {
    run('DROP TABLE old');
    assert.deepEqual((await engine.checkLive({ root: project.root }, {})).schemaChanges, []);
  });
});
