// Databases of at most a megabyte with very many views or triggers: no verb looks at each of them for each of them.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import { makeProject } from '../../support/pats-project';
import { processorTime } from '../../support/processor-time';
import { newForEachTest } from '../../support/stand-in';

/** Milliseconds of processor time: a busy machine counts more of them, and a reader that is careless takes minutes. */
const LIMIT = 8000;
const engine = createEngine();

/** Written where SQLite keeps them: to create them one by one would take minutes. */
function fill(file: string, type: 'view' | 'trigger', sql: (name: string) => string): void {
  const db = new Database(file);
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
  const insert = db.prepare('INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, 0, ?)');
  db.transaction(() => {
    for (let number = 0; number < 9000; number++) {
      insert.run(type, `n${number}`, type === 'view' ? `n${number}` : 'companies', sql(`n${number}`));
    }
  })();
  db.close();
}

const KINDS = {
  views: (file: string) => {
    fill(file, 'view', (name) => `CREATE VIEW ${name} AS SELECT 1`);
  },
  triggers: (file: string) => {
    fill(file, 'trigger', (name) => `CREATE TRIGGER ${name} AFTER INSERT ON companies BEGIN SELECT 1; END`);
  },
};

describe('a database with thousands of', () => {
  const project = newForEachTest(makeProject);
  for (const [what, make] of Object.entries(KINDS)) {
    it(`${what} is as soon done with as any other`, async function () {
      this.timeout(120_000);
      make(project.database);
      const request = { root: project.root };
      const name = 'good';
      const verbs: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['backup', () => engine.create(request, { trigger: 'manual', name })],
        ['verify', () => engine.verify(request, { deep: true })],
        ['show', () => engine.lookInside(request, { name })],
        ['diff', () => engine.compare(request, { from: name, to: null, all: true })],
        ['restore', () => engine.restore(request, { name, scope: 'all' })],
        ['restore --table', () => engine.restore(request, { name, scope: 'all', tables: ['companies', 'applications'] })],
      ];
      for (const [verb, run] of verbs) {
        const spent = processorTime();
        await run();
        assert.ok(spent() < LIMIT, `${verb} took ${Math.round(spent())} ms`);
      }
      assert.equal(new Database(project.database, { readonly: true }).prepare('SELECT count(*) FROM companies').pluck().get(), 50);
    });
  }
});
