// A dump of many statements can be cancelled while it is loaded, however few pieces of text it comes in.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { loadDump } from '../../../../src/engine/sqlite/dump/load';
import { newFolder } from '../../../support/folder';

const STATEMENTS = 1000;
const KINDS: Readonly<Record<string, (number: number) => string>> = {
  rows: () => 'INSERT INTO a VALUES(1);',
  tables: (number) => `CREATE TABLE t${number}(x);`,
  'triggers, which wait until the end,': (number) => `CREATE TRIGGER g${number} AFTER INSERT ON a BEGIN SELECT 1; END;`,
};

/** How often the loader looks whether it was cancelled. */
async function looks(text: string): Promise<number> {
  const folder = newFolder('turns');
  try {
    writeFileSync(folder.at('x.sql'), text);
    const { signal } = new AbortController();
    let asked = 0;
    Object.defineProperty(signal, 'aborted', {
      get: () => {
        asked++;
        return false;
      },
    });
    await loadDump(folder.at('x.sql'), folder.at('new.db'), { signal });
    return asked;
  } finally {
    folder.remove();
  }
}

describe('Loading a dump', () => {
  for (const [kind, statement] of Object.entries(KINDS)) {
    it(`of many ${kind} looks for a cancellation between them`, async () => {
      const before = await looks('CREATE TABLE a(x);');
      const statements = [...Array(STATEMENTS).keys()].map(statement);
      const after = await looks(`CREATE TABLE a(x);${statements.join('')}`);
      assert.ok(after - before >= STATEMENTS / 100, `${before} and ${after}`);
    });
  }
});
