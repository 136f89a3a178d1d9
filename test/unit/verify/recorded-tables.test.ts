// What a manifest says of tables is what their database holds, or a deep verification says so.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import { makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

interface Recorded {
  name: string;
  rows: number;
  sha256: string;
}

describe('tables that a manifest records', () => {
  const project = newForEachTest(makeProject);
  const problems = async (): Promise<readonly string[]> => {
    const [verified] = await engine.verify({ root: project.root }, { names: ['good'], deep: true });
    return verified?.problems ?? [];
  };
  const edit = (change: (tables: Recorded[]) => unknown): void => {
    const file = join(project.backups, 'good/backup_metadata.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { database: { tables: Recorded[] } };
    change(manifest.database.tables);
    writeFileSync(file, JSON.stringify(manifest));
  };
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  it('are as they say when nobody has touched it, and when it says less', async () => {
    assert.deepEqual(await problems(), []);
    edit((tables) => tables.splice(0, 1));
    assert.deepEqual(await problems(), []);
    edit((tables) => tables.splice(0));
    assert.deepEqual(await problems(), []);
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
      assert.deepEqual(await problems(), [`The manifest says of the table ${name} what is not in pats.db.`]);
    });
  }
});
