// What is found at one look is what is found token by token: the same statements, lines and verdicts.
import assert from 'node:assert/strict';
import { judge, type Verdict } from '../../../../src/engine/sqlite/dump/allowed';
import type { StatementFault } from '../../../../src/engine/sqlite/dump/statement';
import { StatementSplitter } from '../../../../src/engine/sqlite/dump/statements';
import { Chance } from '../../../support/random';

interface Seen {
  readonly sql: string;
  readonly line: number;
  readonly act: Verdict['act'];
}

const VALUES = [
  '1',
  '-2.5e-7',
  '9e999',
  'NULL',
  "'it''s'",
  "''",
  "X'00ff'",
  "'a;b\n-- c'",
  "'é\u{1f600}\ud83d'",
  '1--2',
  '1-2',
  '+1',
  '1e',
  '.5',
];
const ODD_VALUES = [
  "'open",
  'null',
  "x'00'",
  'load_extension(1)',
  "CAST(X'00' AS TEXT)",
  '/* ; */ 1',
  '1 -- ;\n',
  '"a"',
  ';',
  ')',
  '(',
  '',
  '1)(2',
  'SELECT 1',
];
const NAMES = [
  't',
  '"t"',
  '"a ""b"" ; c"',
  '"T"',
  'main.t',
  '"sqlite_master"',
  'sqlite_sequence',
  '[t]',
  "'t'",
  '"load_extension"',
  'é',
  '"open',
];
const COLUMNS = ['', '(a,"b;""c")', '(rowid,a)', '( a )', '()', '(a'];
const BETWEEN = ['\n', '', ' ', '-- INSERT INTO t VALUES(1);\n', 'CREATE TABLE t(a);\n', 'COMMIT;', '/* INSERT INTO t VALUES(1); */'];

function randomDump(chance: Chance): string {
  const pick = (from: readonly string[]): string => from[chance.below(from.length)] ?? '';
  const value = (): string => (chance.below(40) === 0 ? pick(ODD_VALUES) : pick(VALUES));
  const row = (): string => `(${Array.from({ length: 1 + chance.below(4) }, value).join(',')})`;
  const insert = (): string =>
    `INSERT INTO ${chance.below(3) === 0 ? pick(NAMES) : '"t"'}${chance.below(3) === 0 ? pick(COLUMNS) : ''} VALUES${pick(['', '\n', ' '])}${Array.from({ length: 1 + chance.below(5) }, row).join(pick([',', ',\n', ', ', ' ,']))};`;
  return Array.from({ length: 1 + chance.below(12) }, () => insert() + pick(BETWEEN)).join('');
}

function split(text: string, sizes: () => number): { readonly seen: Seen[]; readonly fault: string } {
  const splitter = new StatementSplitter(1_000_000);
  const seen: Seen[] = [];
  const take = (piece: string, last: boolean): void => {
    for (const statement of splitter.push(piece, last)) {
      seen.push({ sql: statement.sql.replaceAll('INSERT  INTO', 'INSERT INTO'), line: statement.line, act: judge(statement).act });
    }
  };
  try {
    for (let at = 0, size = 0; at < text.length; at += size) {
      size = sizes();
      take(text.slice(at, at + size), false);
    }
    take('', true);
    splitter.finish();
    return { seen, fault: '' };
  } catch (error) {
    const { line, message } = error as StatementFault;
    return { seen, fault: `${line}: ${message}` };
  }
}

describe('an INSERT of plain values', () => {
  it('is the same at one look and token by token, whatever stands around it and in whatever pieces it comes', () => {
    const chance = new Chance(Number(process.env['PATS_SEED'] ?? 1));
    let plain = 0;
    for (let round = 0; round < 2000; round++) {
      const text = randomDump(chance);
      const most = 1 + chance.below(2 * text.length);
      const found = split(text, () => 1 + chance.below(most));
      // Two spaces are not what dumps write: such a statement is looked at token by token.
      const closely = split(text.replaceAll('INSERT INTO', 'INSERT  INTO'), () => 1000);
      assert.deepEqual(found, closely, JSON.stringify(text));
      plain += found.seen.filter(({ act }) => act === 'insert').length;
    }
    assert.ok(plain > 2000, `${plain} of them`);
  });

  it('is found where a hundred thousand characters come one by one', () => {
    const text = `INSERT INTO "t" VALUES\n${Array.from({ length: 10_000 }, (_, at) => `(${at},'x')`).join(',\n')};`;
    const { seen, fault } = split(text, () => 7);
    assert.equal(fault, '');
    assert.deepEqual(
      seen.map(({ sql }) => sql === text),
      [true],
    );
  });
});
