// One table over all backups, and conditions of people that are no more than conditions.
import assert from 'node:assert/strict';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { execute, filesOf, makeProject, stateOf, type PatsProject } from '../../support/pats-project';

const engine = createEngine();

describe('the rows of a table over all backups', () => {
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(async () => {
    project = makeProject();
    request = { root: project.root };
    await engine.create(request, { trigger: 'manual', name: 'first' });
    execute(project.database, 'DELETE FROM applications WHERE id <= 10');
    await engine.create(request, { trigger: 'manual', name: 'second' });
    execute(project.database, 'DROP TABLE applications');
    await engine.create(request, { trigger: 'manual', name: 'third' });
  });
  afterEach(() => {
    project.remove();
  });

  it('are counted in each of them, newest first', async () => {
    const counts = async (where?: string): Promise<unknown> =>
      (await engine.logTable(request, { table: 'Applications', ...(where !== undefined && { where }) })).map(({ name, rows }) => [
        name,
        rows,
      ]);
    assert.deepEqual(await counts(), [
      ['third', null],
      ['second', 40],
      ['first', 50],
    ]);
    assert.deepEqual(await counts('id IN (SELECT id FROM companies WHERE id < 12)'), [
      ['third', null],
      ['second', 1],
      ['first', 11],
    ]);
  });

  it('are found in the newest backup that still has them', async () => {
    const found = await engine.findRows(request, { table: 'applications', where: 'company_id IN (9, 10, 11)' });
    assert.deepEqual([found.backup, found.rows, found.columns], ['second', 1, ['id', 'company_id', 'title']]);
    assert.deepEqual(found.first[0]?.slice(0, 2), ['11', '11']);
    assert.equal((await engine.findRows(request, { table: 'applications', where: 'id = 9' })).backup, 'first');
    assert.equal((await engine.findRows(request, { table: 'applications', where: 'id = 99' })).backup, null);
  });

  it('are asked for with an expression and nothing else, which changes nothing', async () => {
    const before = [stateOf(project), filesOf(project.backups)];
    for (const where of [
      '1; DROP TABLE companies',
      '1) UNION SELECT 1 FROM companies WHERE (1',
      '1 -- )',
      '/* ( */ 1',
      "'",
      '',
      '(1',
      'DELETE FROM companies',
      'unknown = 1',
      'id = ?',
      "load_extension('x')",
      'id = 1 LIMIT 1',
      "1) THEN 1 END; ATTACH 'x' AS y; SELECT CASE WHEN (1",
    ]) {
      await failsWith('USAGE', engine.logTable(request, { table: 'applications', where }));
      await failsWith('USAGE', engine.findRows(request, { table: 'applications', where }));
    }
    await failsWith('USAGE', engine.logTable(request, { table: 'other' }));
    await failsWith('USAGE', engine.logTable(request, { table: 'sqlite_schema' }));
    assert.deepEqual([stateOf(project), filesOf(project.backups)], before);
  });
});
