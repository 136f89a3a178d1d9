// Expressions that may keep a check busy for hours are seen however they are written; ordinary ones are worked out.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { checkDatabase } from '../../../src/engine/sqlite/checks';
import { processorTime } from '../../support/processor-time';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

describe('a check of expressions in the schema', () => {
  const folder = newForEachTest(() => newFolder('slow'));
  const warningsOf = (...statements: string[]): readonly string[] => {
    const file = folder.at('a.db');
    const db = new Database(file);
    statements.forEach((sql) => db.exec(sql));
    db.close();
    const { problems, warnings } = checkDatabase(file);
    assert.deepEqual(problems, []);
    return warnings;
  };

  const slow: Record<string, string> = {
    'as everybody writes it': 'AS (length(zeroblob(1)))',
    'with quotes': 'AS (length("zeroblob"(1)))',
    'with brackets': 'AS (length([zeroblob] (1)))',
    'with backticks and a line': 'AS (length(`zeroblob`\n(1)))',
    'with a comment': 'AS (length(zeroblob/* of */(1)))',
    'with a comment to the end of the line': 'AS (length(zeroblob -- of\n(1)))',
    'with a comment before the expression': 'AS/**/(length(zeroblob(1)))',
    'with a pattern of many wildcards': "AS (a LIKE '%a%a%a%a%')",
    'with many doublings in quotes': `AS (${'"hex"('.repeat(13)}a${')'.repeat(13)})`,
  };
  for (const [how, expression] of Object.entries(slow)) {
    it(`leaves out what may take long, written ${how}`, () => {
      assert.match(warningsOf(`CREATE TABLE t (a, b ${expression} NOT NULL)`, 'INSERT INTO t (a) VALUES (1)').join(), /may take very long/);
    });
  }

  for (const columns of [
    '"format", b AS (a + 1)',
    'format TEXT, b AS (a + 1)',
    '[zeroblob], "hex" AS (hex(a))',
    'b AS (lower("printf")), printf',
  ]) {
    it(`does the whole of ordinary tables: ${columns}`, () => {
      assert.deepEqual(warningsOf(`CREATE TABLE t (a, ${columns})`, 'INSERT INTO t (a) VALUES (1)'), []);
    });
  }

  it('reads a schema of any length once', () => {
    const took = processorTime();
    assert.deepEqual(warningsOf(`CREATE TABLE t (a, b AS (a + 1) -- ${'like '.repeat(150_000)}\n)`), []);
    assert.ok(took() < 2000, `${took()} ms`);
  });
});
