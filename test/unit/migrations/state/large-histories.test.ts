// Histories as large as 1 MB of files and rows can make them, in the shapes that are the worst for whoever compares each with each:
// the answer is the same as for a small one, and it comes in a time that only something proportional to the size can keep.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { buildGraph as buildAlembic } from '../../../../src/engine/migrations/tools/alembic/graph';
import type { Script as AlembicScript } from '../../../../src/engine/migrations/tools/alembic/script';
import { buildGraph as buildDjango } from '../../../../src/engine/migrations/tools/django/graph';
import type { Script as DjangoScript } from '../../../../src/engine/migrations/tools/django/scripts';
import { drizzle } from '../../../../src/engine/migrations/tools/drizzle/drizzle';
import { positionOf } from '../../../../src/engine/migrations/state/position';
import type { Migration, MigrationHistory } from '../../../../src/engine/migrations/tool';
import { newFolder } from '../../../support/folder';
import { processorTime } from '../../../support/processor-time';

/** Milliseconds of processor time. What compares each with each takes minutes here. */
const LIMIT = 10_000;
const N = 20_000;
const numbers = [...Array(N).keys()];

async function inTime<T>(work: () => T | Promise<T>): Promise<T> {
  const time = processorTime();
  const result = await work();
  assert.ok(time() < LIMIT, `${Math.round(time())} ms`);
  return result;
}

function alembicScript(revision: string, down: readonly string[]): AlembicScript {
  return { revision, title: '', file: `${revision}.py`, down, dependsOn: [], labels: [], line: 1 };
}

function djangoScript(name: string, more: Partial<DjangoScript> = {}): DjangoScript {
  return { revision: `shop.${name}`, app: 'shop', file: `${name}.py`, dependencies: [], runBefore: [], replaces: [], ...more };
}

function padded(number: number): string {
  return String(number).padStart(6, '0');
}

describe('a large history', function () {
  this.timeout(120_000);

  it('of Alembic, where everything stands on one revision, or on the one before', async () => {
    const star = numbers.map((n) => alembicScript(`r${n}`, n === 0 ? [] : ['r0']));
    assert.equal((await inTime(() => buildAlembic(star))).heads.length, N - 1);
    const chain = numbers.map((n) => alembicScript(`r${n}`, n === 0 ? [] : [`r${n - 1}`]));
    assert.deepEqual((await inTime(() => buildAlembic(chain.toReversed()))).heads, [`r${N - 1}`]);
  });

  it('is compared with as many rows: each known, each unknown, each an abbreviation', async () => {
    const migrations: Migration[] = numbers.map((n) => ({
      revision: `r${padded(n)}x`,
      title: '',
      file: '',
      parents: n === 0 ? [] : [`r${padded(n - 1)}x`],
    }));
    const history: MigrationHistory = {
      folder: '',
      migrations,
      heads: [],
      rowsImplyAncestors: true,
      conflict: null,
      problems: [],
      watch: [],
    };
    const all = migrations.map(({ revision }) => revision);
    const known = await inTime(() => positionOf(history, all));
    assert.equal(known.overlapping.length, N - 1);
    assert.deepEqual(known.stampAs, all.slice(-1));
    const short = await inTime(() =>
      positionOf(
        history,
        numbers.map((n) => `r${padded(n)}`),
      ),
    );
    assert.equal(short.abbreviated.length, N);
    const unknown = await inTime(() =>
      positionOf(
        history,
        numbers.map((n) => `z${n}`),
      ),
    );
    assert.equal(unknown.unknown.length, N);
    assert.deepEqual(positionOf(history, ['r']).unknown, ['r'], 'What several begin with is none of them.');
  });

  it('of Django, in one long line, on one migration, and with squashes in the place of one another', async () => {
    const chain = numbers.map((n) => djangoScript(padded(n), { dependencies: n === 0 ? [] : [`shop.${padded(n - 1)}`] }));
    const { scripts, leaves } = await inTime(() => buildDjango(chain, new Set()));
    assert.deepEqual(
      [scripts.length, scripts.at(-1)?.revision, leaves.get('shop')],
      [N, `shop.${padded(N - 1)}`, [`shop.${padded(N - 1)}`]],
    );
    const roots = await inTime(() =>
      buildDjango(
        numbers.map((n) => djangoScript(padded(n))),
        new Set(),
      ),
    );
    assert.equal(roots.leaves.get('shop')?.length, N);
    const squashes = chain.map((script, n) => ({ ...script, replaces: [`shop.${padded(n + 1)}`] }));
    assert.ok((await inTime(() => buildDjango(squashes, new Set()))).scripts.length > 0);
    const cycle = chain.map((script, n) => (n === 0 ? { ...script, dependencies: [`shop.${padded(N - 1)}`] } : script));
    assert.notEqual((await inTime(() => buildDjango(cycle, new Set()))).cycle, null);
  });

  it('of Django, where each of many apps wants the first and the last of another', async () => {
    const apps = numbers.map((n) => ({
      ...djangoScript('m'),
      revision: `a${n % 5000}.m${n}`,
      app: `a${n % 5000}`,
      dependencies: [`a${(n + 1) % 5000}.__first__`, 'a0.__latest__'],
    }));
    assert.equal((await inTime(() => buildDjango(apps, new Set()))).scripts.length, N);
  });

  it('of Drizzle, whose rows have hashes that no file has', async () => {
    const folder = newFolder('large');
    try {
      mkdirSync(folder.at('drizzle/meta'), { recursive: true });
      const tags = numbers.slice(0, 300).map((n) => `t${n}`);
      writeFileSync(folder.at('drizzle.config.ts'), 'export default { dialect: "sqlite", out: "./drizzle" }');
      tags.forEach((tag) => {
        writeFileSync(folder.at('drizzle', `${tag}.sql`), `SELECT '${tag}'`);
      });
      const entries = tags.map((tag, when) => ({ tag, when }));
      writeFileSync(folder.at('drizzle/meta/_journal.json'), JSON.stringify({ dialect: 'sqlite', entries }));
      const db = new Database(':memory:');
      db.exec(`CREATE TABLE __drizzle_migrations(id, hash, created_at);
        WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${N}) INSERT INTO __drizzle_migrations SELECT n, 'x' || n, 1000 + n FROM c`);
      const applied = await inTime(() => drizzle.applied(db, { root: folder.path, database: null }));
      db.close();
      assert.equal(applied?.rows.length, N);
    } finally {
      folder.remove();
    }
  });
});
