// What differs between the live data, backups and dumps, as the user will be told before a restore.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
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
      migrationTables: ['alembic_version'],
      warnings: [],
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

  it('pairs rows of full-text and spatial tables, and does not take a table of a like name for a part of theirs', async () => {
    execute(
      project.database,
      "CREATE VIRTUAL TABLE search USING fts5 (text); CREATE TABLE search_history (q); INSERT INTO search VALUES ('one'), ('two'); INSERT INTO search_history VALUES (1); CREATE VIRTUAL TABLE places USING rtree (id, x, y); INSERT INTO places VALUES (1, 0, 1), (2, 0, 1)",
    );
    await engine.create(request, { trigger: 'manual', name: 'searchable' });
    execute(
      project.database,
      "UPDATE search SET text = 'other' WHERE rowid = 2; INSERT INTO search_history VALUES (2); UPDATE places SET y = 5 WHERE id = 1",
    );
    const { tables } = await engine.compare(request, { from: 'searchable', to: null, limit: 5 });
    assert.deepEqual(
      tables.map(({ name, added, changed, rows = [] }) => [name, added, changed, rows.map(({ after }) => after)]),
      [
        ['places', 0, 1, [['1', '0.0', '5.0']]],
        ['search', 0, 1, [["'other'"]]],
        ['search_history', 1, 0, [['2']]],
      ],
    );
  });

  it('of a table with as many columns as SQLite can return counts its rows', async () => {
    const columns = Array.from({ length: 1990 }, (_each, index) => `c${String(index)}`).join(', ');
    execute(project.database, `CREATE TABLE wide (${columns}); INSERT INTO wide (c0, c1989) VALUES (1, 2), (3, 4)`);
    await engine.create(request, { trigger: 'manual', name: 'wide' });
    execute(project.database, 'UPDATE wide SET c1989 = 5 WHERE c0 = 1');
    const { tables, warnings } = await engine.compare(request, { from: null, to: 'wide' });
    assert.deepEqual([tables, warnings], [[{ name: 'wide', before: 2, after: 2, added: 0, removed: 0, changed: 1 }], []]);
  });

  it('does not read tables whose digests are the same', async () => {
    execute(project.database, "UPDATE companies SET name = 'x' WHERE id = 1");
    await engine.create(request, { trigger: 'manual', name: 'second' });
    // What is written into it behind everybody's back shows whether a backup was read.
    execute(join(project.backups, 'second/pats.db'), "UPDATE applications SET title = 'unseen'; UPDATE companies SET name = 'seen'");
    const changedIn = async (from: string | null): Promise<unknown> =>
      (await engine.compare(request, { from, to: 'second', all: true })).tables.map(({ name, before, changed }) => [name, before, changed]);
    const expected = [
      ['alembic_version', 1, 0],
      ['applications', 50, 0],
      ['companies', 50, 50],
    ];
    assert.deepEqual(await changedIn('good'), expected);
  });

  it('shows rows up to a limit, as they are written in SQL', async () => {
    execute(
      project.database,
      "CREATE TABLE odd (id INTEGER PRIMARY KEY, v); INSERT INTO odd VALUES (1, 9223372036854775807), (2, -0.0), (3, X'00ff'), (4, 'it''s'), (5, NULL), (6, 9e999), (7, CAST(X'ff' AS TEXT))",
    );
    await engine.create(request, { trigger: 'manual', name: 'odd' });
    execute(project.database, 'UPDATE odd SET v = 0.0 WHERE id = 2; UPDATE odd SET v = v WHERE id = 1; DELETE FROM odd WHERE id > 2');
    const { tables } = await engine.compare(request, { from: null, to: 'odd', limit: 5 });
    const [odd] = tables;
    assert.deepEqual([odd?.columns, odd?.added, odd?.changed], [['id', 'v'], 5, 1]);
    assert.deepEqual(odd?.rows, [
      { kind: 'changed', before: ['2', '0.0'], after: ['2', '-0.0'], where: '"id" COLLATE BINARY IS 2' },
      { kind: 'added', before: null, after: ['3', "X'00ff'"], where: '"id" COLLATE BINARY IS 3' },
      { kind: 'added', before: null, after: ['4', "'it''s'"], where: '"id" COLLATE BINARY IS 4' },
      { kind: 'added', before: null, after: ['5', 'NULL'], where: '"id" COLLATE BINARY IS 5' },
      { kind: 'added', before: null, after: ['6', '9e999'], where: '"id" COLLATE BINARY IS 6' },
    ]);
  });

  it('of a table that only the application can read says so, and compares the others', async () => {
    const db = new Database(project.database);
    const module = () => ({
      columns: ['a'],
      *rows() {
        yield [1];
      },
    });
    // A function makes a module for CREATE VIRTUAL TABLE, of which the types do not know.
    db.table('own', module as never);
    db.exec('CREATE VIRTUAL TABLE odd USING own');
    await engine.create(request, { trigger: 'manual', name: 'odd' });
    db.exec('DELETE FROM applications WHERE id = 1');
    db.close();
    const { tables, warnings } = await engine.compare(request, { from: 'odd', to: null });
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['applications'],
    );
    assert.deepEqual(
      warnings.map(({ code, message }) => [code, message.includes('odd')]),
      [['NOT_CHECKED', true]],
    );
  });

  it('does not work out what both generate from the rest', async () => {
    const doubled = Array.from({ length: 16 }, (_, index) => `c${index + 1} AS (c${index} || c${index})`).join(', ');
    const db = new Database(project.database);
    db.function('own', { deterministic: true }, (value: unknown) => value);
    db.exec(`CREATE TABLE large (c0, ${doubled}); INSERT INTO large (c0) VALUES ('x'), ('y');
      CREATE TABLE odd (a, b GENERATED ALWAYS AS (own(a)) VIRTUAL); INSERT INTO odd (a) VALUES (1)`);
    await engine.create(request, { trigger: 'manual', name: 'odd' });
    db.exec("INSERT INTO large (c0) VALUES ('z'); INSERT INTO odd (a) VALUES (2)");
    db.close();
    const { tables, warnings } = await engine.compare(request, { from: 'odd', to: null, limit: 5 });
    assert.deepEqual(
      tables.map(({ name, added, columns }) => [name, added, columns]),
      [
        ['large', 1, ['c0']],
        ['odd', 1, ['a']],
      ],
    );
    assert.deepEqual(warnings, []);
    const { columns } = await engine.lookInside(request, { name: 'odd', table: 'large' });
    assert.deepEqual(columns, ['c0']);
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
