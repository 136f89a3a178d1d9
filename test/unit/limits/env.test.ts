// Specification of `.env` files: read in one pass, and as the library that most applications use reads them.
import assert from 'node:assert/strict';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { parseEnv } from '../../../src/engine/limits/env';

const CASES = [
  'A=1\nB = 2\nexport C=3\nD: 4\n',
  'A="x y" # why\nB=\'#\'\nC=a#b\nD=a # b\nE=`it\'s "so"`',
  'A="line\nline"\nB=after\n',
  'A="a\\nb"\nB=\'a\\nb\'\nC=a\\nb',
  '# A=1\n\n \nB=\nC=""\n=x\n1A=2\nA.B-C=3',
  'A=sqlite:///${HOME}/x.db\r\nB=2\rC=3',
  'A = "x" y\nB="x\nC=3\nexport=5\nexport export X=1',
  'A="say \\"hi\\""\nB=2',
];

describe('A .env file', () => {
  for (const text of CASES) {
    it(`gives the same as the library: ${JSON.stringify(text)}`, () => {
      assert.deepEqual({ ...parseEnv(text) }, { ...parse(text) });
    });
  }

  it('gives the same as the library for assignments of any kind', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_:/.$ {}\\=-]{0,12}$/);
    const value = fc.oneof(word, ...['"', "'", '`'].map((quote) => word.map((text) => `${quote}${text.replaceAll('\\', '/')}${quote}`)));
    const line = fc.tuple(
      fc.stringMatching(/^[A-Z_][A-Z0-9_.-]{0,6}$/),
      fc.constantFrom('=', ' = ', '= '),
      value,
      fc.constantFrom('', ' # x', '  '),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((parts) => parts.join('')).join('\n');
        assert.deepEqual({ ...parseEnv(text) }, { ...parse(text) }, text);
      }),
    );
  });

  it('sets no prototype, whatever its names are', () => {
    const variables = parseEnv('__proto__=x\nconstructor=y\n');
    assert.equal(Object.getPrototypeOf(variables), Object.prototype);
    assert.deepEqual(Object.keys(variables), ['__proto__', 'constructor']);
  });
});
