// Tables, rows and files taken back: exactly these, by the same protocol as a whole restore.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { RestoreParams } from '../../../src/engine/engine';
import { failsWith } from '../../support/failing';
import {
  execute,
  filesOf,
  hiddenIn,
  makeProject,
  rowsOf,
  stateOf,
  visibleIn,
  writeUpload,
  type PatsProject,
} from '../../support/pats-project';
import { Chance } from '../../support/random';
import { seed } from '../../support/seed';

const engine = createEngine();

describe(`a restore of a part (seed ${String(seed)})`, function () {
  this.timeout(60_000);
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(async () => {
    project = makeProject();
    request = { root: project.root };
    execute(
      project.database,
      `CREATE TABLE seen (what); CREATE INDEX by_title ON applications (title);
       CREATE TRIGGER noted AFTER INSERT ON applications BEGIN INSERT INTO seen VALUES (new.id); END;
       CREATE TRIGGER erased AFTER DELETE ON applications BEGIN INSERT INTO seen VALUES (-old.id); END;`,
    );
    await engine.create(request, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    project.remove();
  });

  const restore = (part: Omit<RestoreParams, 'name' | 'scope'>): ReturnType<typeof engine.restore> =>
    engine.restore(request, { name: 'good', scope: 'all', ...part });
  const query = (sql: string): unknown[] => {
    const db = new Database(project.database);
    try {
      return db.prepare(sql).raw().all();
    } finally {
      db.close();
    }
  };

  it('asks the condition of tables with any name, and says so where it fails for a row', async () => {
    for (const name of ['pats-backup chosen', 'x WHERE y', 'pats-backup chosen+']) {
      execute(project.database, `CREATE TABLE "${name}" (id INTEGER PRIMARY KEY, body, old)`);
      execute(project.database, `INSERT INTO "${name}" VALUES (1, '{"a":1}', 1), (2, '{"a":1}', 1)`);
    }
    await engine.create(request, { trigger: 'manual', name: 'named' });
    const back = (table: string, where: string): ReturnType<typeof engine.restore> =>
      engine.restore(request, { name: 'named', scope: 'all', tables: [table], where });
    for (const name of ['pats-backup chosen', 'x WHERE y', 'pats-backup chosen+']) {
      execute(project.database, `ALTER TABLE "${name}" DROP COLUMN old; DELETE FROM "${name}" WHERE id = 1`);
      await back(name, 'old = 1 AND id = 1');
      assert.deepEqual(query(`SELECT id FROM "${name}"`), [[1], [2]]);
    }
    execute(project.database, `UPDATE "x WHERE y" SET body = 'no JSON' WHERE id = 2; DELETE FROM "x WHERE y" WHERE id = 1`);
    const failed = await failsWith('USAGE', back('x WHERE y', "json_extract(body, '$.a') = 1"));
    assert.match(failed.message, /x WHERE y: malformed JSON/);
    execute(project.database, 'ALTER TABLE "x WHERE y" RENAME TO z; CREATE VIEW "x WHERE y" AS SELECT * FROM z');
    assert.match((await failsWith('ROWS_CONFLICT', back('x WHERE y', 'id = 1'))).message, /has a view of that name/);
  });

  it('puts back a table and nothing else; undo brings back what was there', async () => {
    const good = rowsOf(project.database);
    execute(
      project.database,
      "DELETE FROM applications WHERE id <= 3; UPDATE applications SET title = 'x' WHERE id = 9; INSERT INTO applications VALUES (99, 1, 'new'); UPDATE companies SET name = 'kept' WHERE id = 1; DELETE FROM seen",
    );
    writeUpload(project, 'cv.pdf', 'kept');
    const before = stateOf(project);
    const plan = await engine.planRestore(request, { name: 'good', scope: 'all', tables: ['Applications'] });
    assert.deepEqual(plan.part, { tables: [{ name: 'applications', added: 3, changed: 1, removed: 1 }], files: [] });
    assert.deepEqual(stateOf(project), before);
    const result = await restore({ tables: ['Applications'] });
    assert.deepEqual(result.part, plan.part);
    assert.deepEqual(
      result.warnings.map(({ code, message }) => [code, /noted, erased/.test(message)]),
      [['PART_DIFFERS', true]],
    );
    assert.deepEqual(stateOf(project), { ...before, rows: { ...(before.rows as object), applications: good['applications'] } });
    execute(project.database, 'DELETE FROM applications WHERE id = 9');
    assert.deepEqual(query('SELECT what FROM seen'), [[-9]], 'the triggers are back');
    await engine.undo(request, {});
    assert.deepEqual(stateOf(project), before);
  });

  it('puts back the rows of a condition, and only what is gone where that is wanted', async () => {
    execute(project.database, "DELETE FROM applications WHERE id <= 5; UPDATE applications SET title = 'x' WHERE id IN (9, 10, 11)");
    const missing = await restore({ tables: ['applications'], missing: true, where: 'id > 2' });
    assert.deepEqual(missing.part?.tables, [{ name: 'applications', added: 3, changed: 0, removed: 0 }]);
    assert.deepEqual(query("SELECT count(*), sum(title = 'x') FROM applications"), [[48, 3]]);
    execute(project.database, "INSERT INTO applications VALUES (99, 1, 'new')");
    const chosen = await restore({ tables: ['applications'], where: "title = 'x' AND id < 11 OR id = 99" });
    assert.deepEqual(chosen.part?.tables, [{ name: 'applications', added: 0, changed: 2, removed: 1 }]);
    assert.deepEqual(query("SELECT id FROM applications WHERE title = 'x' OR id < 3 OR id > 50"), [[11]]);
  });

  it('brings a dropped table back with its indexes and triggers', async () => {
    const schema = "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'applications' ORDER BY name";
    const [good, rows] = [query(schema), query('SELECT * FROM applications')];
    execute(project.database, "DROP TABLE applications; UPDATE companies SET name = 'kept' WHERE id = 1; DELETE FROM seen");
    await restore({ tables: ['applications'] });
    assert.deepEqual([query(schema), query('SELECT * FROM applications')], [good, rows]);
    assert.deepEqual(query('SELECT name FROM companies WHERE id = 1'), [['kept']]);
    assert.deepEqual([query('SELECT * FROM seen'), query('PRAGMA integrity_check')], [[], [['ok']]]);
  });

  it('brings full-text indexes on a table up to date with it, and takes none for a table of its own', async () => {
    execute(
      project.database,
      `CREATE VIRTUAL TABLE found USING fts5 (title, content='applications', content_rowid='id');
       CREATE VIRTUAL TABLE textless USING fts5 (title, content='');
       INSERT INTO found (found) VALUES ('rebuild')`,
    );
    await engine.create(request, { trigger: 'manual', name: 'found' });
    execute(
      project.database,
      "UPDATE applications SET title = 'other' WHERE id < 4; DELETE FROM applications WHERE id = 4; INSERT INTO found (found) VALUES ('rebuild')",
    );
    const back = (tables: string[]): ReturnType<typeof engine.restore> => engine.restore(request, { name: 'found', scope: 'all', tables });
    for (const index of ['found', 'textless']) {
      await failsWith('NOTHING_TO_RESTORE', back([index]));
    }
    await back(['applications']);
    const matching = "SELECT count(*) FROM found WHERE found MATCH 'position'";
    assert.deepEqual([query(matching), query("SELECT title FROM found WHERE found MATCH 'other'")], [[[50]], []]);
    execute(project.database, "INSERT INTO found (found, rank) VALUES ('integrity-check', 1)");
  });

  it('is refused where rows would refer to missing ones: both are named, and nothing is changed', async () => {
    execute(project.database, 'DELETE FROM applications WHERE company_id <= 2; DELETE FROM companies WHERE id <= 2');
    const before = stateOf(project);
    const visible = visibleIn(project.backups);
    const error = await restore({ tables: ['applications'] }).catch((failure: unknown) => failure);
    assert.ok(error instanceof Error && 'code' in error && 'remedy' in error);
    assert.equal(error.code, 'REFERENCES_BROKEN');
    assert.match(error.message, /^2 rows of applications would refer to rows of companies/);
    assert.match(String(error.remedy), /--table applications companies/);
    const plan = await engine.planRestore(request, { name: 'good', scope: 'all', tables: ['applications'] });
    assert.match(plan.obstacles?.join() ?? '', /2 rows/);
    assert.deepEqual(plan.part?.needs, ['companies']);
    assert.deepEqual([stateOf(project), visibleIn(project.backups), hiddenIn(project.backups)], [before, visible, []]);
    await restore({ tables: ['applications', 'companies'] });
    assert.deepEqual(query('SELECT count(*) FROM applications JOIN companies ON companies.id = company_id'), [[50]]);
  });

  it('between two revisions puts back the columns that both have, and says which they are not', async () => {
    execute(
      project.database,
      "ALTER TABLE applications ADD COLUMN salary INTEGER DEFAULT 5; UPDATE applications SET salary = id, title = 'x' WHERE id <= 2; DELETE FROM applications WHERE id = 3; ALTER TABLE companies DROP COLUMN name",
    );
    const { warnings } = await restore({ tables: ['applications', 'companies'] });
    assert.deepEqual(query("SELECT id, salary, title LIKE 'Position%' FROM applications WHERE id <= 3"), [
      [1, 1, 1],
      [2, 2, 1],
      [3, 5, 1],
    ]);
    const text = warnings.map(({ message }) => message).join('\n');
    assert.match(text, /applications: salary is not in the backup/);
    assert.match(text, /companies: name of the backup was left out/);
  });

  it('puts back files as a comparison names them, and touches no other', async () => {
    rmSync(join(project.uploads, '2024/portrait.png'));
    writeUpload(project, '2024/later.png', 'later');
    writeUpload(project, 'cv.pdf', 'kept');
    writeUpload(project, 'empty.txt', 'no longer');
    const before = stateOf(project);
    const { uploads } = await engine.compare(request, { from: null, to: 'good' });
    assert.deepEqual(uploads.added, ['uploads/2024/portrait.png']);
    const { part } = await restore({ files: [...uploads.added, 'uploads/empty.txt'] });
    assert.deepEqual(part, { tables: [], files: ['uploads/2024/portrait.png', 'uploads/empty.txt'] });
    const { backups: list } = await engine.list(request);
    const good = filesOf(join(list.find(({ name }) => name === 'good')?.path ?? '', 'uploads'));
    const expected = { ...filesOf(project.uploads), ...(before.uploads as object) };
    for (const path of ['2024/portrait.png', 'empty.txt']) {
      expected[path] = good[path] ?? '';
    }
    assert.deepEqual(stateOf(project), { rows: before.rows, uploads: expected });
    await engine.undo(request, {});
    assert.deepEqual(stateOf(project), before);
    await failsWith('NOTHING_TO_RESTORE', restore({ files: ['uploads/../../x'] }));
  });

  it('is refused for what is no table, no condition, or cannot come back beside what stays', async () => {
    execute(project.database, 'CREATE UNIQUE INDEX one_title ON applications (title)');
    await engine.create(request, { trigger: 'manual', name: 'unique' });
    execute(project.database, 'DELETE FROM applications WHERE id = 1');
    execute(project.database, `UPDATE applications SET title = 'Position 1 ${'x'.repeat(200)}' WHERE id = 2`);
    const before = [stateOf(project), visibleIn(project.backups)];
    await failsWith('NOTHING_TO_RESTORE', restore({ tables: ['other'] }));
    await failsWith('NOTHING_TO_RESTORE', restore({ tables: ['sqlite_schema'] }));
    await failsWith('USAGE', restore({ tables: ['applications'], where: '1; DROP TABLE companies' }));
    await failsWith('USAGE', restore({ tables: ['applications', 'companies'], where: '1' }));
    await failsWith('USAGE', restore({ missing: true }));
    await failsWith('ROWS_CONFLICT', engine.restore(request, { name: 'unique', scope: 'all', tables: ['applications'], missing: true }));
    assert.deepEqual([stateOf(project), visibleIn(project.backups)], before);
  });

  it('leaves tables of any kind as they were in the backup', async () => {
    const shapes = [
      'id INTEGER PRIMARY KEY, k INTEGER UNIQUE, v',
      'id TEXT PRIMARY KEY, k, v',
      'id TEXT COLLATE NOCASE PRIMARY KEY, k UNIQUE, v) WITHOUT ROWID --',
      'id TEXT COLLATE NOCASE PRIMARY KEY, k, v',
      'id TEXT, k, v, PRIMARY KEY (id COLLATE NOCASE)',
      'id TEXT COLLATE NOCASE, k, v, PRIMARY KEY (id COLLATE BINARY)) WITHOUT ROWID --',
      'id, k, v',
      'id ANY, k INT, v TEXT, g ANY GENERATED ALWAYS AS (k || v) STORED, PRIMARY KEY (id, k)) STRICT --',
      'rowid, _rowid_, oid, id, k, v',
    ];
    const values = ['NULL', '1', '1.0', "'a'", "'A'", "X'ff'", '9223372036854775807', '-0.0', "CAST(X'fe' AS TEXT)", "'x' || char(0)"];
    const chance = new Chance(seed);
    const rows = (strict: boolean, table: number): string =>
      Array.from({ length: 15 }, () => {
        const id = table === 0 ? String(chance.below(30)) : chance.of(strict || table === 5 ? values.slice(1) : values);
        return `INSERT OR IGNORE INTO odd${String(table)} (id, k, v) VALUES (${id}, ${String(chance.below(20))}, ${strict ? "'v'" : chance.of(values)});`;
      }).join('');
    const fill = (): void => {
      execute(project.database, shapes.map((shape, table) => rows(shape.includes('STRICT'), table)).join(''));
    };
    const tables = shapes.map((_shape, table) => `odd${String(table)}`);
    execute(project.database, shapes.map((shape, table) => `CREATE TABLE odd${String(table)} (${shape}\n)`.replace('--\n)', '')).join(';'));
    execute(project.database, 'CREATE VIRTUAL TABLE search USING fts5 (text); CREATE VIRTUAL TABLE places USING rtree (id, x, y)');
    fill();
    execute(project.database, "INSERT INTO search VALUES ('one'), ('two'); INSERT INTO places VALUES (1, 0, 1), (2, 3, 4)");
    await engine.create(request, { trigger: 'manual', name: 'odd' });
    fill();
    for (const table of tables) {
      execute(
        project.database,
        `DELETE FROM ${table} WHERE abs(random()) % 3 = 0; UPDATE OR IGNORE ${table} SET k = (k + 1) % 20 WHERE abs(random()) % 3 = 0;
         UPDATE OR IGNORE ${table} SET id = upper(id) WHERE typeof(id) = 'text'`,
      );
    }
    execute(project.database, "DELETE FROM search WHERE rowid = 1; INSERT INTO search VALUES ('x'); UPDATE places SET y = 9 WHERE id = 2");
    await engine.restore(request, { name: 'odd', scope: 'all', tables: [...tables, 'search', 'places'] });
    const comparison = await engine.compare(request, { from: 'odd', to: null });
    assert.deepEqual([comparison.tables, comparison.schema], [[], { added: [], removed: [], changed: [] }]);
    assert.deepEqual(query('PRAGMA integrity_check'), [['ok']]);
  });
});
