// Backups, exports and journals that somebody prepared: whatever they say, nothing outside the project is read or written.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { BackupError } from '../../../src/engine/errors';
import { Chance } from '../../support/random';
import { filesOf, makeProject, rowsOf } from '../../support/pats-project';
import { seed, share } from '../../support/seed';
import { newForEachTest } from '../../support/stand-in';

const MUTATIONS = share(60, 300);
const SECRET = 'what only its owner may read';
const engine = createEngine();

describe(`a hostile backup (seed ${String(seed)})`, () => {
  const project = newForEachTest(makeProject);
  let neighbour: string;
  let before: Record<string, string>;
  beforeEach(async () => {
    // What is outside lies near, so that a way out would reach it.
    neighbour = join(project.root, 'neighbour');
    mkdirSync(neighbour);
    writeFileSync(join(neighbour, 'secret.txt'), SECRET);
    before = filesOf(neighbour);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  /** Every verb that reads backups; each may fail, but only in the one way that is told to people. */
  async function tryEverything(name: string): Promise<void> {
    const request = { root: project.root };
    const verbs: (() => Promise<unknown>)[] = [
      () => engine.list(request),
      () => engine.status(request),
      () => engine.storage(request),
      () => engine.show(request, { name }),
      () => engine.verify(request, { names: [name], deep: true }),
      () => engine.drill(request, { name }),
      () => engine.planPrune(request, { policy: { keepLast: 1 } }),
      () => engine.setPinned(request, { names: [name], pinned: true }),
      () => engine.planRestore(request, { name, scope: 'all' }),
      () => engine.restore(request, { name, scope: 'all', ignoreDamage: true }),
      () => engine.undo(request, {}),
    ];
    for (const verb of verbs) {
      try {
        await verb();
      } catch (error) {
        assert.ok(error instanceof BackupError, `${String(verb)}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
        assert.notEqual(error.code, 'INTERNAL', `${error.message} ${String(error.cause)}`);
      }
    }
    assert.deepEqual(filesOf(neighbour), before);
    const uploads = Object.values(filesOf(project.uploads));
    assert.ok(!uploads.some((content) => content.includes(SECRET)), 'A file from outside was restored.');
  }

  it('whose metadata were changed at random reads and writes nothing outside, and fails with a sentence', async function () {
    this.timeout(1_200_000);
    const chance = new Chance(seed);
    const fresh = join(project.root, 'fresh');
    cpSync(join(project.root, 'backend'), join(fresh, 'backend'), { recursive: true });
    cpSync(join(project.backups, 'good'), join(fresh, 'good'), { recursive: true, preserveTimestamps: true });
    const text = readFileSync(join(fresh, 'good/backup_metadata.json'), 'utf8');
    for (let number = 0; number < MUTATIONS; number++) {
      const manifest = JSON.parse(text) as unknown;
      for (let times = 1 + chance.below(3); times > 0; times--) {
        mutate(manifest, chance);
      }
      rmSync(project.backups, { recursive: true });
      rmSync(join(project.root, 'backend'), { recursive: true });
      cpSync(join(fresh, 'backend'), join(project.root, 'backend'), { recursive: true });
      cpSync(join(fresh, 'good'), join(project.backups, 'good'), { recursive: true, preserveTimestamps: true });
      writeFileSync(join(project.backups, 'good/backup_metadata.json'), JSON.stringify(manifest));
      try {
        await tryEverything('good');
      } catch (error) {
        throw new Error(`Mutation ${number} of seed ${String(seed)}: ${JSON.stringify(manifest)}`, { cause: error });
      }
    }
  });

  it('that holds links instead of files brings nothing from behind them', async () => {
    const backup = join(project.backups, 'good');
    for (const [what, target] of [
      ['uploads/cv.pdf', join(neighbour, 'secret.txt')],
      ['uploads/2024', neighbour],
      ['uploads', neighbour],
      ['pats.db', project.database],
      ['backup_metadata.json', join(neighbour, 'secret.txt')],
    ] as const) {
      const kept = join(project.root, 'kept');
      cpSync(backup, kept, { recursive: true, preserveTimestamps: true });
      rmSync(join(backup, what), { recursive: true });
      symlinkSync(target, join(backup, what));
      await tryEverything('good');
      rmSync(project.backups, { recursive: true });
      cpSync(kept, backup, { recursive: true, preserveTimestamps: true });
      rmSync(kept, { recursive: true });
    }
  });

  it('whose database is something else harms nothing', async () => {
    const rows = rowsOf(project.database);
    const database = join(project.backups, 'good/pats.db');
    for (const bytes of ['', 'no database', `SQLite format 3\0${'x'.repeat(5000)}`]) {
      writeFileSync(database, bytes);
      await assert.rejects(engine.restore({ root: project.root }, { name: 'good', scope: 'all' }), { name: 'BackupError' });
      assert.deepEqual(rowsOf(project.database), rows);
    }
  });

  it('comes with a journal that names places outside, which are neither removed nor written', async () => {
    const journal = join(project.backups, '.restore-journal.json');
    for (const phase of ['staging', 'prepared', 'committing', 'done']) {
      writeFileSync(
        journal,
        JSON.stringify({
          version: 1,
          phase,
          state: phase,
          backup: 'good',
          safetyBackup: 'good',
          stage: neighbour,
          database: { live: join(neighbour, 'secret.txt'), staged: join(neighbour, 'secret.txt'), mode: 'swap' },
          uploads: [{ live: neighbour, stage: neighbour, folder: '../neighbour', entries: ['../../secret.txt'] }],
        }),
      );
      await tryEverything('good');
      assert.deepEqual(filesOf(neighbour), before);
      rmSync(journal, { force: true });
    }
  });
});

const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e300,
  '',
  '.',
  '..',
  '../neighbour/secret.txt',
  '../../neighbour/secret.txt',
  '/etc/passwd',
  'C:\\Windows\\win.ini',
  'a\0b',
  'x'.repeat(5000),
  '\u202e\u0007\u001b[31m',
  'backup_metadata.json',
  'uploads/../../../neighbour',
  '.restore-journal.json',
  [],
  {},
  [[]],
  [null],
  { __proto__: null, constructor: { prototype: {} } },
  '9'.repeat(40),
  '-9223372036854775809',
];

/** Replaces, removes or doubles one value somewhere in the document. */
function mutate(document: unknown, chance: Chance): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        places.push([value as Record<string, unknown>, key]);
        collect(inner);
      }
    }
  };
  collect(document);
  const [owner, key] = chance.of(places);
  const value = owner[key];
  if (chance.is(0.1)) {
    Reflect.deleteProperty(owner, key);
  } else if (Array.isArray(value) && chance.is(0.5)) {
    owner[key] = [...(value as unknown[]), ...(value as unknown[])];
  } else {
    owner[key] = chance.of(HOSTILE);
  }
}
