// Every verb says the same of a backup: what one calls good the others can use, and what one refuses the others call bad.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import { makeProject, rowsOf } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

interface Odd {
  readonly make: string;
  /** What is then written over the statement of the object `t`, behind SQLite's back. */
  readonly claim: string;
}

/** Rows that SQLite's quick check does not compare with their indexes: all of them are there. */
const INDEXES: Readonly<Record<string, Odd>> = {
  'an index that lacks rows': {
    make: "CREATE TABLE o(a, b); CREATE INDEX t ON o(a); INSERT INTO o VALUES (1, 'x'), (2, 'y')",
    claim: 'CREATE INDEX t ON o(b)',
  },
  'two rows of one unique key': {
    make: 'CREATE TABLE o(a); CREATE INDEX t ON o(a); INSERT INTO o VALUES (1), (1)',
    claim: 'CREATE UNIQUE INDEX t ON o(a)',
  },
  'a table without rowid in another order': {
    make: "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES ('A'), ('b'), ('C')",
    claim: 'CREATE TABLE t(a COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID',
  },
};

/** What SQLite's quick check finds as well. */
const DAMAGE: Readonly<Record<string, Odd>> = {
  'an index with other numbers of rows': {
    make: 'CREATE TABLE o(a); CREATE INDEX t ON o(a) WHERE a > 1; INSERT INTO o VALUES (1), (2)',
    claim: 'CREATE INDEX t ON o(a)',
  },
  'a row that lacks what it must have': {
    make: 'CREATE TABLE t(a, b); INSERT INTO t VALUES (1, NULL)',
    claim: 'CREATE TABLE t(a, b NOT NULL)',
  },
  'a row of another type': {
    make: "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x')",
    claim: 'CREATE TABLE t(a INT, b INT) STRICT',
  },
};

describe('what the verbs say of a backup', () => {
  const project = newForEachTest(makeProject);
  const file = (name: string): string => join(project.backups, 'odd', name);

  function makeOdd(database: string, { make, claim }: Odd): void {
    const db = new Database(database);
    db.exec(make);
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 't'").run(claim);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  }

  function edit(change: (database: { size: number; sha256: string; tables?: { rows: number }[] }) => void): void {
    const manifest = JSON.parse(readFileSync(file('backup_metadata.json'), 'utf8')) as { database: Parameters<typeof change>[0] };
    change(manifest.database);
    writeFileSync(file('backup_metadata.json'), JSON.stringify(manifest));
  }

  /** As a stranger's backup may be: the database is one that this program would not have taken. */
  async function makeBackup(odd: Odd): Promise<void> {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'odd' });
    makeOdd(file('pats.db'), odd);
    const bytes = readFileSync(file('pats.db'));
    edit((database) => {
      delete database.tables;
      database.size = bytes.length;
      database.sha256 = createHash('sha256').update(bytes).digest('hex');
    });
  }

  interface Said {
    readonly good: boolean;
    readonly warned: boolean;
  }

  async function said(): Promise<Record<string, Said>> {
    const request = { root: project.root };
    const about = (problems: readonly string[], warnings: readonly { readonly code: string }[]): Said => ({
      good: problems.length === 0,
      warned: warnings.some(({ code }) => code === 'INDEXES_DIFFER' || code === 'RECORDED_WRONG'),
    });
    const plan = await engine.planRestore(request, { name: 'odd', scope: 'all' });
    const [quick] = await engine.verify(request, { names: ['odd'] });
    const [deep] = await engine.verify(request, { names: ['odd'], deep: true });
    const drilled = await engine.drill(request, { name: 'odd' });
    const exported = await engine
      .exportBackup(request, { name: 'odd', file: join(project.root, 'odd.zip') })
      .then(({ warnings }) => about([], warnings))
      .catch((error: unknown) => about([String(error)], []));
    const [entry] = (await engine.list(request)).backups;
    assert.ok(quick !== undefined && deep !== undefined && entry !== undefined);
    const restored = await engine
      .restore(request, { name: 'odd', scope: 'all' })
      .then(({ warnings }) => about([], warnings))
      .catch((error: unknown) => about([String(error)], []));
    return {
      plan: about(plan.problems, plan.warnings),
      verify: about(quick.problems, quick.warnings),
      'verify --deep': about(deep.problems, deep.warnings),
      drill: about(drilled.problems, drilled.warnings),
      list: { good: entry.verification?.ok !== false, warned: false },
      export: exported,
      restore: restored,
    };
  }

  for (const [what, odd] of Object.entries(INDEXES)) {
    it(`is that it can be used, and that its indexes are to be made anew: ${what}`, async () => {
      await makeBackup(odd);
      const before = rowsOf(file('pats.db'));
      const { plan, list, export: exported, ...others } = await said();
      assert.deepEqual(
        [plan, list, exported].map(({ good } = { good: false, warned: false }) => good),
        [true, true, true],
      );
      for (const [verb, answer] of Object.entries(others)) {
        assert.deepEqual(answer, { good: true, warned: true }, verb);
      }
      assert.deepEqual(rowsOf(project.database), before);
    });
  }

  it('is said of the live database, too, when it is backed up and looked at', async () => {
    const odd = INDEXES['an index that lacks rows'] ?? { make: '', claim: '' };
    makeOdd(project.database, odd);
    const created = await engine.create({ root: project.root }, { trigger: 'manual', name: 'odd' });
    assert.ok(created.warnings.some(({ code }) => code === 'INDEXES_DIFFER'));
    const findings = await engine.doctor({ root: project.root });
    assert.match(findings.map(({ message }) => message).join(' '), /indexes/);
    const shown = await engine.show({ root: project.root }, { name: 'odd' });
    assert.ok(shown.warnings.some(({ code }) => code === 'INDEXES_DIFFER'));
    assert.deepEqual((await said())['drill'], { good: true, warned: true });
  });

  for (const [what, odd] of Object.entries(DAMAGE)) {
    it(`is that it is damaged: ${what}`, async () => {
      await makeBackup(odd);
      for (const [verb, answer] of Object.entries(await said())) {
        assert.equal(answer.good, false, verb);
      }
    });
  }

  it('is that it can be used where only what it says of its tables is wrong', async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'odd' });
    edit(({ tables }) => {
      for (const table of tables ?? []) {
        table.rows += 1;
      }
    });
    const answers = await said();
    for (const [verb, answer] of Object.entries(answers)) {
      assert.equal(answer.good, true, verb);
    }
    assert.equal(answers['verify --deep']?.warned, true);
    assert.equal(answers['drill']?.warned, true);
  });
});
