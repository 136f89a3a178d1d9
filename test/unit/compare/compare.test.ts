// What differs between the live data, backups and dumps, as the user will be told before a restore.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { execute, filesOf, makeProject, stateOf, writeUpload, type PatsProject } from '../../support/pats-project';

const engine = createEngine();
const NOTHING = { added: [], removed: [], changed: [] };

describe('a comparison', () => {
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(async () => {
    project = makeProject({ journalMode: 'delete' });
    request = { root: project.root };
    await engine.create(request, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    project.remove();
  });

  it('of the live data with the backup just made finds nothing', async () => {
    const comparison = await engine.compare(request, { from: null, to: 'good' });
    assert.deepEqual(comparison, {
      from: 'live',
      to: 'good',
      schema: NOTHING,
      tables: [],
      uploads: NOTHING,
      revisions: { from: ['a1b2c3d4e5f6'], to: ['a1b2c3d4e5f6'] },
    });
  });

  it('says which rows and files a restore would bring back, and which it would take away', async () => {
    execute(
      project.database,
      "DELETE FROM applications WHERE id <= 3; UPDATE applications SET title = 'other' WHERE id = 10; INSERT INTO companies (name) VALUES ('New')",
    );
    rmSync(join(project.uploads, 'cv.pdf'));
    writeUpload(project, 'later.txt', 'later');
    writeUpload(project, '2024/portrait.png', 'other PNG');
    const { tables, uploads } = await engine.compare(request, { from: null, to: 'good' });
    assert.deepEqual(tables, [
      { name: 'applications', before: 47, after: 50, added: 3, removed: 0, changed: 1 },
      { name: 'companies', before: 51, after: 50, added: 0, removed: 1, changed: 0 },
    ]);
    assert.deepEqual(uploads, { added: ['uploads/cv.pdf'], removed: ['uploads/later.txt'], changed: ['uploads/2024/portrait.png'] });
  });

  it('between two revisions compares the columns that both have, and names the others', async () => {
    execute(
      project.database,
      "ALTER TABLE applications ADD COLUMN salary INTEGER; CREATE INDEX by_title ON applications (title); UPDATE applications SET title = 'x' WHERE id = 1; UPDATE alembic_version SET version_num = 'b2'",
    );
    const { schema, tables, revisions } = await engine.compare(request, { from: 'good', to: null });
    assert.deepEqual(
      [schema.added, schema.changed].map((list) => list.map(({ type, name }) => `${type} ${name}`)),
      [['index by_title'], ['table applications']],
    );
    assert.deepEqual(
      tables.find(({ name }) => name === 'applications'),
      { name: 'applications', before: 50, after: 50, added: 0, removed: 0, changed: 1, onlyAfter: ['salary'] },
    );
    assert.deepEqual(revisions, { from: ['a1b2c3d4e5f6'], to: ['b2'] });
  });

  it('of a table that one state lacks counts all its rows', async () => {
    execute(project.database, 'DROP TABLE applications; CREATE TABLE notes (text); INSERT INTO notes VALUES (1), (2)');
    const { schema, tables } = await engine.compare(request, { from: null, to: 'good' });
    assert.deepEqual(tables, [
      { name: 'applications', before: 0, after: 50, added: 50, removed: 0, changed: 0 },
      { name: 'notes', before: 2, after: 0, added: 0, removed: 2, changed: 0 },
    ]);
    assert.deepEqual([schema.added[0]?.name, schema.removed[0]?.name], ['applications', 'notes']);
  });

  it('with a dump compares the databases and says nothing of uploads', async () => {
    const { file } = await engine.dump(request, { compression: 'gzip' });
    execute(project.database, 'DELETE FROM applications WHERE id = 1');
    writeUpload(project, 'later.txt', 'later');
    const { tables, uploads } = await engine.compare(request, { from: null, to: file.slice(project.backups.length + 1) });
    assert.deepEqual(tables, [{ name: 'applications', before: 49, after: 50, added: 1, removed: 0, changed: 0 }]);
    assert.deepEqual(uploads, NOTHING);
  });

  it('of full-text tables compares what they hold, not how they store it', async () => {
    execute(project.database, "CREATE VIRTUAL TABLE search USING fts5 (text); INSERT INTO search VALUES ('one'), ('two')");
    await engine.create(request, { trigger: 'manual', name: 'searchable' });
    execute(project.database, "INSERT INTO search VALUES ('three'); INSERT INTO search (search) VALUES ('optimize')");
    const { tables } = await engine.compare(request, { from: 'searchable', to: null });
    assert.deepEqual(tables, [{ name: 'search', before: 2, after: 3, added: 1, removed: 0, changed: 0 }]);
  });

  it('of some tables reads only these, and with all of them tells the equal ones too', async () => {
    execute(project.database, 'DELETE FROM applications; DELETE FROM companies');
    const some = await engine.compare(request, { from: null, to: 'good', tables: ['COMPANIES'] });
    assert.deepEqual(
      some.tables.map(({ name }) => name),
      ['companies'],
    );
    const all = await engine.compare(request, { from: 'good', to: 'good', all: true });
    assert.deepEqual(
      all.tables.map(({ name, changed }) => [name, changed]),
      [
        ['alembic_version', 0],
        ['applications', 0],
        ['companies', 0],
      ],
    );
  });

  it('changes nothing, leaves nothing behind, and stops when it is told to', async () => {
    const [live, backups] = [stateOf(project), filesOf(project.backups)];
    const stop = new AbortController();
    stop.abort();
    await failsWith('CANCELLED', engine.compare(request, { from: null, to: 'good' }, { signal: stop.signal }));
    await failsWith('BACKUP_NOT_FOUND', engine.compare(request, { from: null, to: 'other' }));
    assert.deepEqual([stateOf(project), filesOf(project.backups)], [live, backups]);
  });
});
