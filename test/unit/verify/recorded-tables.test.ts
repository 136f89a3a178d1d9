// What a manifest says of tables is what their database holds, or a deep verification says so.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import type { VerifyResult } from '../../../src/engine/engine';
import { makeProject } from '../../support/pats-project';
import { processorTime } from '../../support/processor-time';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

interface Recorded {
  name: string;
  rows: number;
  sha256: string;
}

describe('tables that a manifest records', () => {
  const project = newForEachTest(makeProject);
  const verified = async (): Promise<VerifyResult | undefined> =>
    (await engine.verify({ root: project.root }, { names: ['good'], deep: true }))[0];
  const problems = async (): Promise<readonly string[]> => (await verified())?.problems ?? ['it is not there'];
  const doubts = async (): Promise<readonly string[]> => {
    const { ok, warnings } = (await verified()) ?? { ok: false, warnings: [] };
    return ok ? warnings.map(({ message }) => message) : ['it is damaged'];
  };
  const edit = (change: (tables: Recorded[], database: object) => unknown): void => {
    const file = join(project.backups, 'good/backup_metadata.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { database: { tables: Recorded[] } };
    change(manifest.database.tables, manifest.database);
    writeFileSync(file, JSON.stringify(manifest));
  };
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  it('are as they say when nobody has touched it, and when it says less', async () => {
    assert.deepEqual(await doubts(), []);
    edit((tables) => tables.splice(0, 1));
    assert.deepEqual(await doubts(), []);
    edit((tables) => tables.splice(0));
    assert.deepEqual(await doubts(), []);
  });

  const lies: Record<string, (table: Recorded) => unknown> = {
    'another number of rows': (table) => (table.rows += 1),
    'another digest': (table) => (table.sha256 = '0'.repeat(64)),
    'a table that is not there': (table) => (table.name = 'nowhere'),
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`are not believed when it says ${what}`, async () => {
      let name = '';
      edit(([table]) => {
        assert.ok(table !== undefined);
        lie(table);
        ({ name } = table);
      });
      assert.deepEqual(await doubts(), [
        `The manifest says of the table ${name} what is not in pats.db: comparisons may be wrong about it, a restore is not.`,
      ]);
    });
  }

  it('are not read where SQLite finds damage: tables that share their pages would be read once for each', async () => {
    const file = join(project.backups, 'good/pats.db');
    const db = new Database(file);
    db.unsafeMode(true);
    db.exec('CREATE TABLE large (a); CREATE TABLE shared (a)');
    db.prepare(`INSERT INTO large ${numbers(8000)} SELECT zeroblob(1000) FROM n`).run();
    db.pragma('writable_schema = ON');
    db.prepare(
      `INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) ${numbers(900)}
       SELECT 'table', 't' || i, 't' || i, (SELECT rootpage FROM sqlite_schema WHERE name = 'large'), 'CREATE TABLE t' || i || ' (a)' FROM n`,
    ).run();
    db.close();
    const bytes = readFileSync(file);
    edit((_tables, database) => Object.assign(database, { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }));
    const took = processorTime();
    assert.match((await problems()).join(), /2nd reference to page/);
    assert.ok(took() < 2000, `${took()} ms`);
  });
});

function numbers(most: number): string {
  return `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${most})`;
}
