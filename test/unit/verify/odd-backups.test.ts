// Verification calls no database good that a drill or a restore cannot use, and none damaged that only needs its application.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { execute, makeProject, rowsOf, type PatsProject } from '../../support/pats-project';
import { makeWrecked, WRECKS } from '../../support/wrecked-database';

const engine = createEngine();

describe('verification of odd databases', () => {
  let project: PatsProject;

  beforeEach(() => {
    project = makeProject({ journalMode: 'delete' });
  });

  afterEach(() => {
    project.remove();
  });

  for (const [index, kind] of Object.keys(WRECKS).entries()) {
    it(`agrees with the drill and the restore: ${kind}`, async () => {
      const request = { root: project.root };
      const { path } = await engine.create(request, { trigger: 'manual', name: 'odd' });
      makeWrecked(join(path, 'pats.db'), kind, index, { wal: index % 2 === 0 });
      trust(path);
      const [verified] = await engine.verify(request, { names: ['odd'], deep: true });
      const drilled = await engine.drill(request, { name: 'odd' });
      assert.equal(drilled.ok, verified?.ok);
      if (verified?.ok === true) {
        await engine.restore(request, { name: 'odd', scope: 'all' });
        execute(project.database, 'CREATE TABLE can_be_written(a)');
      } else {
        const before = rowsOf(project.database);
        await failsWith('BACKUP_DAMAGED', engine.restore(request, { name: 'odd', scope: 'all' }));
        const forced = engine.restore(request, { name: 'odd', scope: 'all', ignoreDamage: true });
        const refusal = await forced.then(
          () => null,
          (error: unknown) => (error instanceof Error ? error.message : 'no error'),
        );
        if (refusal === null) {
          await engine.undo(request, {});
        } else {
          assert.doesNotMatch(refusal, /\.pats-|\.tmp-/);
        }
        assert.deepEqual(rowsOf(project.database), before);
      }
    });
  }

  /** Makes the manifest say that the database is the one that was backed up. */
  function trust(backup: string): void {
    const file = join(backup, 'backup_metadata.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { database: { size: number; sha256: string; tables?: unknown } };
    delete manifest.database.tables;
    const bytes = readFileSync(join(backup, 'pats.db'));
    manifest.database.size = bytes.length;
    manifest.database.sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(file, JSON.stringify(manifest));
  }

  /** A table that only its application can use. */
  const needs: Readonly<Record<string, readonly [string, string]>> = {
    'a tokenizer of FTS5': ['CREATE VIRTUAL TABLE f USING fts5(a)', "CREATE VIRTUAL TABLE f USING fts5(a, tokenize='simple')"],
    'a tokenizer of FTS4': ['CREATE VIRTUAL TABLE f USING fts4(a)', 'CREATE VIRTUAL TABLE f USING fts4(a, tokenize=icu de_DE)'],
    'a function': ['CREATE TABLE f(a)', 'CREATE TABLE f(a, b AS (own(a)) NOT NULL)'],
    'a collation': ['CREATE TABLE f(a COLLATE NOCASE UNIQUE)', 'CREATE TABLE f(a COLLATE LOCALIZED UNIQUE)'],
    'a module': ['CREATE VIRTUAL TABLE f USING fts4(a)', 'CREATE VIRTUAL TABLE f USING own_module(a)'],
  };

  function addTable([create, claimed]: readonly [string, string]): void {
    const db = new Database(project.database);
    db.unsafeMode(true);
    db.exec(`${create}; INSERT INTO f(a) VALUES ('one')`);
    db.pragma('writable_schema = ON');
    db.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 'f'").run(claimed);
    db.close();
  }

  for (const [what, table] of Object.entries(needs)) {
    it(`backs up and restores what needs ${what} of the application, and says what was not checked`, async () => {
      addTable(table);
      const request = { root: project.root };
      const before = readFileSync(project.database);
      const created = await engine.create(request, { trigger: 'manual', name: 'odd' });
      const [verified] = await engine.verify(request, { deep: true });
      assert.deepEqual(verified?.problems, []);
      assert.deepEqual((await engine.drill(request, { name: 'odd' })).problems, []);
      assert.deepEqual((await engine.checkLive(request, {})).problems, []);
      if (what !== 'a module') {
        // SQLite itself passes over tables of modules that are not here.
        assert.match(String(created.database?.unchecked?.join()), /could not check/);
        assert.match(verified.warnings.map(({ message }) => message).join(), /could not check/);
      }
      await engine.restore(request, { name: 'odd', scope: 'all' });
      assert.equal(readFileSync(project.database).length, before.length);
      if (what.startsWith('a tokenizer')) {
        // The index comes back by its own tables, as it is.
        await engine.restoreDump(request, { file: (await engine.dump(request, {})).file });
      } else {
        await failsWith('DUMP_REFUSED', engine.dump(request, {}));
      }
    });

    it(`finds damage in another table beside one that needs ${what}`, async () => {
      const db = new Database(project.database);
      db.exec(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT i, 'lost row ' || i || hex(zeroblob(50)) FROM n",
      );
      db.close();
      addTable(table);
      const bytes = readFileSync(project.database);
      const page = Array.from({ length: bytes.length / 4096 }, (_, number) => number * 4096).find(
        (at) => at > 0 && bytes[at] === 13 && bytes.subarray(at, at + 4096).includes('lost row'),
      );
      bytes.writeUInt16BE(1, (page ?? 0) + 3);
      writeFileSync(project.database, bytes);
      await failsWith('DATABASE_DAMAGED', engine.create({ root: project.root }, { trigger: 'manual' }));
      await failsWith('DATABASE_DAMAGED', engine.dump({ root: project.root }, {}));
    });
  }

  it('finds a wrong list of free pages beside a table that needs its application', async () => {
    addTable(needs['a function'] ?? ['', '']);
    const bytes = readFileSync(project.database);
    bytes.set([0, 0, 0, 2, 0, 0, 0, 3], 32);
    writeFileSync(project.database, bytes);
    await failsWith('DATABASE_DAMAGED', engine.create({ root: project.root }, { trigger: 'manual' }));
  });
});
