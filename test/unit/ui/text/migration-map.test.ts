// The drawing of the history of migrations, and the page that says the same in words.
import assert from 'node:assert/strict';
import type { BackupEntry, MigrationMap } from '../../../../src/engine/engine';
import { lanesOf } from '../../../../src/ui/text/migration-lanes';
import { migrationMapPage } from '../../../../src/ui/text/migration-map-page';
import { Chance } from '../../../support/random';
import { seed } from '../../../support/seed';

type Entry = MigrationMap['migrations'][number];

function entry(revision: string, parents: readonly string[], more: Partial<Entry> = {}): Entry {
  return {
    revision,
    parents,
    title: `Title of ${revision}`,
    file: `/p/${revision}.py`,
    state: 'applied',
    isHead: false,
    isCurrent: false,
    backups: [],
    ...more,
  };
}

function backup(name: string, trigger: 'manual' | 'safety' = 'manual'): BackupEntry {
  return { name, path: `/p/backups/${name}`, status: 'ok', sizeBytes: 1, manifest: { trigger } as NonNullable<BackupEntry['manifest']> };
}

describe(`the map of migrations (seed ${String(seed)})`, () => {
  it('draws a line from each migration to each that it stands on, and none across another dot, in any history', () => {
    for (let round = 0; round < 60; round++) {
      const chance = new Chance(seed + round);
      const entries: Entry[] = [];
      for (let number = 0; number < 40; number++) {
        const parents = new Set(
          Array.from({ length: chance.below(3) }, () => String(chance.below(number + 1))).filter((each) => each !== String(number)),
        );
        entries.push(entry(String(number), [...parents]));
      }
      const { rows, edges, width } = lanesOf(entries);
      assert.deepEqual(
        rows.map((row) => row.entry.revision),
        entries.map(({ revision }) => revision).reverse(),
      );
      assert.equal(
        edges.length,
        entries.reduce((sum, { parents }) => sum + parents.length, 0),
      );
      assert.ok(rows.every(({ lane }) => lane < width));
      for (const { from, to } of edges) {
        const crossed = rows.slice(from.row + 1, to.row).filter(({ lane }) => lane === to.lane);
        assert.ok(from.row < to.row && crossed.length === 0, `seed ${String(seed + round)}`);
      }
    }
  });

  it('says everything in words, with links, and lets nothing of the files through', () => {
    const page = migrationMapPage(
      {
        tool: 'alembic',
        migrations: [
          entry('a1', [], { backups: ['one', 'two', 'three', 'four'] }),
          entry('b2', ['a1'], { isCurrent: true }),
          entry('c3', ['b2'], { state: 'pending', isHead: true, title: '<script>alert(1)</script>' }),
        ],
        unknown: ['x9'],
      },
      [backup('one', 'safety'), backup('two'), backup('three'), backup('four'), backup('elsewhere')],
      'pats',
      '/p',
    );
    assert.match(page, /alembic · 3 migrations · 1 pending/);
    assert.match(page, /The database is at x9, which no migration file has\./);
    assert.match(page, /<a href="command:patsBackup\.openMigration\?[^"]*">b2<\/a>.*database/);
    assert.match(page, />two<\/a>, <a [^>]*>three<\/a> .*and 2 more/);
    assert.ok(!page.includes('elsewhere'));
    assert.ok(!page.includes('<script'));
    assert.equal(page.match(/<circle class="(applied|pending)"/g)?.length, 3);
    assert.match(migrationMapPage({ tool: null, migrations: [], unknown: [] }, [], 'pats', '/p'), /No migrations were found/);
  });

  it('of 500 migrations is made at once', () => {
    const entries = Array.from({ length: 500 }, (_each, number) => entry(String(number), number === 0 ? [] : [String(number - 1)]));
    const page = migrationMapPage({ tool: 'alembic', migrations: entries, unknown: [] }, [], 'pats', '/p');
    assert.ok(page.length < 400_000, String(page.length));
  });
});
