// Statements are found whole, wherever the pieces of a dump happen to end.
import assert from 'node:assert/strict';
import { StatementSplitter } from '../../../../src/engine/sqlite/dump/statements';

const PARTS = [
  "INSERT INTO t VALUES ('a''b;', \"c\"\"d;\", `e``f;`, [g;h], x'00', 1.5e-3)",
  "SELECT 1 -- ; one\n, /* ; two -- ' \n ; */ 3 - 4 / 5 * 6",
  "CREATE TRIGGER t AFTER INSERT ON u BEGIN SELECT CASE WHEN 1 THEN 'END;' END; UPDATE u SET a = 1 WHERE end; -- END;\n END",
  'CREATE TEMP TRIGGER "t" BEGIN SELECT 1; /* ; */ end',
  'COMMIT',
];
const TEXT = `${PARTS.join(';\n')};\n`;

function split(text: string, size: number): { sql: string; line: number }[] {
  const splitter = new StatementSplitter(1000);
  const found = [];
  for (let at = 0; at < text.length; at += size) {
    found.push(...splitter.push(text.slice(at, at + size)));
  }
  found.push(...splitter.push('', true));
  splitter.finish();
  return found.map(({ sql, line }) => ({ sql, line }));
}

describe('splitting a dump into statements', () => {
  it('finds the same statements and lines in pieces of every length', () => {
    const expected = PARTS.map((sql, at) => ({
      sql: `${sql};`,
      line: 1 + PARTS.slice(0, at).join('\n').split('\n').length - (at === 0 ? 1 : 0),
    }));
    for (let size = 1; size <= TEXT.length; size++) {
      assert.deepEqual(split(TEXT, size), expected, `pieces of ${size}`);
    }
  });

  it('refuses a statement that is too long for memory', () => {
    assert.throws(() => split(`INSERT INTO t VALUES ('${'x'.repeat(2000)}');`, 100), /too long/);
  });

  it('takes a line comment as the end and nothing between semicolons', () => {
    assert.deepEqual(split(';; ;COMMIT;;-- end', 3), [{ sql: 'COMMIT;', line: 1 }]);
  });
});
