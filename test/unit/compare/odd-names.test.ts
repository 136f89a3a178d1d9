// Names are the same where SQLite says so: it folds A to Z and nothing else, and keeps bytes that are no UTF-8.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import { execute, makeProject, rowsOf } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();
const LARGE = 'Größe Ä';
const SMALL = 'größe ä';

describe('names that only other rules than those of SQLite take for one', () => {
  const project = newForEachTest(() => makeProject({ journalMode: 'delete' }));
  const request = (): { readonly root: string } => ({ root: project.root });

  beforeEach(async () => {
    execute(
      project.database,
      `CREATE TABLE "${LARGE}" (id INTEGER PRIMARY KEY, a); INSERT INTO "${LARGE}" VALUES (1, 'large'), (2, 'large');
       CREATE TABLE "${SMALL}" (id INTEGER PRIMARY KEY, a); INSERT INTO "${SMALL}" VALUES (1, 'small')`,
    );
    await engine.create(request(), { trigger: 'manual', name: 'before' });
  });

  for (const changed of [LARGE, SMALL]) {
    it(`are compared by themselves: ${changed}`, async () => {
      execute(project.database, `UPDATE "${changed}" SET a = 'other' WHERE id = 1`);
      await engine.create(request(), { trigger: 'manual', name: 'after' });
      for (const to of ['after', null]) {
        const { tables } = await engine.compare(request(), { from: 'before', to });
        assert.deepEqual(
          tables.map((table) => [table.name, table.changed]),
          [[changed, 1]],
        );
      }
    });

    it(`come back by themselves: ${changed}`, async () => {
      const before = rowsOf(project.database);
      execute(project.database, `DELETE FROM "${LARGE}"; DELETE FROM "${SMALL}"`);
      const emptied = rowsOf(project.database);
      await engine.restore(request(), { name: 'before', scope: 'all', tables: [changed] });
      assert.deepEqual(rowsOf(project.database), { ...emptied, [changed]: before[changed] });
    });

    it(`come back by themselves when they were dropped: ${changed}`, async () => {
      const before = rowsOf(project.database);
      execute(project.database, `DROP TABLE "${changed}"`);
      await engine.restore(request(), { name: 'before', scope: 'all', tables: [changed] });
      assert.deepEqual(rowsOf(project.database), before);
    });
  }

  it('come back together', async () => {
    const before = rowsOf(project.database);
    execute(project.database, `DELETE FROM "${LARGE}"; DELETE FROM "${SMALL}"`);
    await engine.restore(request(), { name: 'before', scope: 'all', tables: [LARGE, SMALL] });
    assert.deepEqual(rowsOf(project.database), before);
  });

  it('are counted by themselves', async () => {
    for (const [table, rows] of [
      [LARGE, 2],
      [SMALL, 1],
    ] as const) {
      assert.deepEqual(
        (await engine.logTable(request(), { table })).map((each) => each.rows),
        [rows],
      );
      assert.equal((await engine.findRows(request(), { table, where: 'id > 0' })).rows, rows);
    }
  });

  it('are different columns', async () => {
    execute(project.database, 'CREATE TABLE c (id INTEGER PRIMARY KEY, "Ä", "ä"); INSERT INTO c VALUES (1, 2, 3)');
    await engine.create(request(), { trigger: 'manual', name: 'both' });
    execute(project.database, 'ALTER TABLE c DROP COLUMN "Ä"');
    const { tables } = await engine.compare(request(), { from: 'both', to: null });
    assert.deepEqual(tables, [{ name: 'c', before: 1, after: 1, added: 0, removed: 0, changed: 0, onlyBefore: ['Ä'] }]);
  });

  it('are no damage where they differ in bytes that are no UTF-8', async () => {
    const db = new Database(project.database);
    db.exec('CREATE TABLE odd1 (a); CREATE TABLE odd2 (a); INSERT INTO odd1 VALUES (1); INSERT INTO odd2 VALUES (1), (2)');
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    for (const [name, byte] of [
      ['odd1', 'fe'],
      ['odd2', 'ff'],
    ] as const) {
      db.prepare(
        `UPDATE sqlite_schema SET name = CAST(x'${byte}' AS TEXT), tbl_name = CAST(x'${byte}' AS TEXT), sql = CAST(CAST('CREATE TABLE "' AS BLOB) || x'${byte}' || CAST('" (a)' AS BLOB) AS TEXT) WHERE name = ?`,
      ).run(name);
    }
    db.close();
    const created = await engine.create(request(), { trigger: 'manual', name: 'bytes' });
    const [verified] = await engine.verify(request(), { names: ['bytes'], deep: true });
    assert.deepEqual(verified?.problems, []);
    const inside = (await engine.lookInside(request(), { name: 'bytes' })).tables.map(({ name, rows }) => [name, rows]);
    assert.deepEqual(inside.slice(-3), [
      [SMALL, 1],
      ['\ufffd', null],
      ['\ufffd', null],
    ]);
    assert.equal(created.database?.tables?.filter(({ name }) => name.includes('�')).length, 0);
  });
});
