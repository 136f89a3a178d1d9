// Everything that our runs keep for themselves in a project (the journal, stages, records of verifications, locks, who owns a
// stage), changed by a stranger in every field: every verb answers, and nothing outside of the project is touched.
import assert from 'node:assert/strict';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { createEngine } from '../../../src/engine/create-engine';
import { BackupError } from '../../../src/engine/errors';
import { deadFrom } from '../../support/dead-engine';
import { filesOf, makeProject, wreck, type PatsProject } from '../../support/pats-project';
import { isWhole, seed, share } from '../../support/seed';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

const engine = createEngine();
const JOURNAL = '.restore-journal.json';

/** Every place in a document, the document itself first. */
function placesIn(value: Json, path: Path = []): Path[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, each]) => placesIn(each, [...path, key]))];
}

/** The document with another value at a place; undefined leaves it out, 'twice' repeats what is there. */
function changedAt(value: Json, [first, ...rest]: Path, by: Json | undefined): Json | undefined {
  if (first === undefined) {
    return by === 'twice' ? [value, value] : by;
  }
  const entries = Object.entries(value ?? {}).flatMap(([key, each]) => {
    const next = key === String(first) ? changedAt(each as Json, rest, by) : (each as Json);
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

describe(`records of our own that a stranger has changed (seed ${String(seed)})`, function () {
  this.timeout(isWhole ? 1_200_000 : 120_000);
  let project: PatsProject;
  let template: string;
  let decoy: string;
  let untouched: Record<string, string>;
  let other: string;

  before(async () => {
    const stranger = makeProject();
    await engine.create({ root: stranger.root }, { trigger: 'manual', name: 'good' });
    await assert.rejects(deadFrom('uploads-placed').restore({ root: stranger.root }, { name: 'good', scope: 'all' }));
    other = readFileSync(join(stranger.backups, JOURNAL), 'utf8');
    stranger.remove();
    project = makeProject();
    decoy = `${project.root}-decoy`;
    template = `${project.root}-template`;
    for (const path of ['pats.db', 'uploads/theirs.txt', 'uploads/new/cv.pdf', 'uploads/old/cv.pdf', 'backups/good/backup_metadata.json']) {
      mkdirSync(dirname(join(decoy, path)), { recursive: true });
      writeFileSync(join(decoy, path), `theirs: ${path}`);
    }
    untouched = filesOf(decoy);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    await engine.verify({ root: project.root }, {});
    wreck(project);
    await assert.rejects(deadFrom('uploads-placed').restore({ root: project.root }, { name: 'good', scope: 'all' }));
    cpSync(project.root, template, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  });
  after(() => {
    project.remove();
    for (const folder of [decoy, template]) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  function reset(): void {
    rmSync(project.root, { recursive: true });
    cpSync(template, project.root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }

  /** Stages, wherever they are. */
  function stages(): string[] {
    return [project.uploads, dirname(project.database)].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.startsWith('.pats-restore-'))
        .map((name) => join(folder, name)),
    );
  }

  /** What a stranger may put anywhere. */
  const values = (): fc.Arbitrary<Json | undefined> =>
    fc.constantFrom<Json | undefined>(
      undefined,
      'twice',
      null,
      true,
      -1,
      0,
      1e308,
      2 ** 53,
      '',
      '.',
      '..',
      '/',
      '../../..',
      decoy,
      join(decoy, 'uploads'),
      join(decoy, 'pats.db'),
      `../${decoy.split('/').at(-1) ?? ''}/pats.db`,
      'a\0b',
      'x'.repeat(5000),
      'committing',
      'done',
      'remove',
      'swap',
      'good',
      'backup_metadata.json',
      [],
      {},
      [decoy, decoy],
      JSON.parse('{"__proto__": {"live": "/"}, "constructor": 1}') as Json,
    );

  async function everyVerb(): Promise<void> {
    const root = { root: project.root };
    const verbs: readonly (() => Promise<unknown>)[] = [
      () => engine.list(root),
      () => engine.recover(root, { dryRun: true }),
      () => engine.status(root),
      () => engine.doctor(root),
      () => engine.show(root, { name: 'good' }),
      () => engine.verify(root, {}),
      () => engine.planRestore(root, { name: 'good', scope: 'all' }),
      () => engine.drill(root, { name: 'good' }),
      () => engine.storage(root),
      () => engine.planPrune(root, {}),
      () => engine.recover(root, {}),
      () => engine.create(root, { trigger: 'manual' }),
      () => engine.repair(root, { name: 'good' }),
      () => engine.restore(root, { name: 'good', scope: 'all' }),
      () => engine.undo(root, {}),
      () => engine.remove(root, { names: ['good'] }),
      () => engine.prune(root, { names: ['good'] }),
    ];
    for (const verb of verbs) {
      try {
        await verb();
      } catch (error) {
        assert.ok(error instanceof BackupError && error.code !== 'INTERNAL', String(error));
      }
      assert.deepEqual(filesOf(decoy), untouched, verb.toString());
    }
  }

  const journalNow = (): Json => JSON.parse(readFileSync(join(project.backups, JOURNAL), 'utf8')) as Json;
  const recordNow = (): Json => JSON.parse(readFileSync(join(project.backups, 'good/.verification.json'), 'utf8')) as Json;

  for (const [what, file, read] of [
    ['the journal', JOURNAL, journalNow],
    ['a record of a verification', 'good/.verification.json', recordNow],
  ] as const) {
    it(`${what}, in any field`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), values(), async (number, value) => {
          reset();
          const document = read();
          const places = placesIn(document);
          const changed = changedAt(document, places[number % places.length] ?? [], value);
          writeFileSync(join(project.backups, file), changed === undefined ? '' : JSON.stringify(changed));
          await everyVerb();
        }),
        { seed, numRuns: share(6, 300) },
      );
    });
  }

  it('the journal of another project, or half of one', async () => {
    for (const text of [other, other.slice(0, other.length / 2), '[]', '"', '{'.repeat(10_000)]) {
      reset();
      writeFileSync(join(project.backups, JOURNAL), text);
      await everyVerb();
    }
  });

  it('a stage that names the backups folder of another project of ours leaves the restore alone that waits there', async () => {
    reset();
    const neighbour = makeProject();
    await engine.create({ root: neighbour.root }, { trigger: 'manual', name: 'good' });
    wreck(neighbour);
    await assert.rejects(deadFrom('uploads-placed').restore({ root: neighbour.root }, { name: 'good', scope: 'all' }));
    const left = filesOf(neighbour.root);
    for (const stage of stages()) {
      writeFileSync(join(stage, 'journal-in.txt'), neighbour.backups);
    }
    await everyVerb();
    assert.deepEqual(filesOf(neighbour.root), left);
    neighbour.remove();
  });

  it('with links in place of files and folders, some of them to themselves', async () => {
    const targets = [decoy, join(decoy, 'uploads'), join(decoy, 'pats.db'), '.', '..', 'loop'];
    const parts = (): string[] => [
      join(project.backups, JOURNAL),
      join(project.backups, 'good/.verification.json'),
      join(project.backups, '.pats-backup.lock'),
      ...stages().flatMap((root) => [root, ...readdirSync(root).map((name) => join(root, name))]),
    ];
    reset();
    const count = parts().length;
    await fc.assert(
      fc.asyncProperty(fc.nat(count - 1), fc.constantFrom(...targets), async (number, target) => {
        reset();
        const part = parts()[number] ?? join(project.backups, JOURNAL);
        rmSync(part, { recursive: true, force: true });
        symlinkSync(target === 'loop' ? part : target, part);
        await everyVerb();
        assert.ok(!existsSync(part) || lstatSync(part).isSymbolicLink() || !part.includes(decoy));
      }),
      { seed, numRuns: share(6, 200) },
    );
  });
});
