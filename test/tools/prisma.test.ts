// Generated Prisma projects: our answers are those of the real schema engine and of the real command line.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import { Chance } from '../support/random';
import { generatePrisma, LAYOUTS, scriptOf, type GeneratedPrisma } from '../support/generated-prisma';
import { npmTool } from '../support/npm-tools';
import { listOf, RealPrisma, runPrisma, type Diagnosis, type MigrationList } from '../support/real-prisma';
import { newFolder } from '../support/folder';
import { newForSuite } from '../support/stand-in';

const PROJECTS = 80;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);

interface Row {
  readonly migration_name: string;
  readonly finished_at: unknown;
  readonly rolled_back_at: unknown;
}

/** What Prisma says: why it refuses, or where it finds the database and what it would apply, in which order. */
type Answer = { readonly refusal: string } | (Diagnosis & { readonly pending: readonly string[] });

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

function rowsIn(database: string): Row[] {
  const db = new Database(database);
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_prisma_migrations'").get() !== undefined;
  const rows = has ? (db.prepare('SELECT * FROM _prisma_migrations').all() as Row[]) : [];
  db.close();
  return rows;
}

async function attempt<T>(work: () => Promise<T>): Promise<T | { readonly refusal: string }> {
  try {
    return await work();
  } catch (error) {
    return { refusal: error instanceof Error ? `${String((error as Error & { code?: string }).code)} ${error.message}` : String(error) };
  }
}

/** The first few applied, some of them failing half way, what failed then perhaps resolved and all tried again. */
async function migrate(chance: Chance, { database, scripts }: GeneratedPrisma): Promise<void> {
  const list = listOf(scripts);
  const directories = list.migrationDirectories;
  const real = await RealPrisma.open(database);
  const upTo = chance.is(0.4) ? directories.length : chance.below(directories.length + 1);
  await attempt(() => real.deploy({ ...list, migrationDirectories: directories.slice(0, upTo) }));
  const failed = rowsIn(database).find((row) => row.finished_at === null);
  if (failed !== undefined && chance.is(0.7)) {
    const name = failed.migration_name;
    await real.resolve(name, chance.of(['applied', 'rolled-back']), list);
    if (chance.is(0.6)) {
      writeFileSync(join(scripts, name, 'migration.sql'), scriptOf(`mended_${name}`, false));
    }
    await attempt(() => real.deploy(listOf(scripts)));
  }
  await real.close();
}

/** What happens to files later: edits, other line ends, a branch without one of them or with an older one, a lost script. */
function disturb(chance: Chance, { scripts }: GeneratedPrisma): void {
  const names = listOf(scripts).migrationDirectories.map(({ path }) => path);
  const someFile = (): string => join(scripts, chance.of(names), 'migration.sql');
  const ways: readonly (() => void)[] = [
    () => {
      appendFileSync(someFile(), '-- edited\n');
    },
    () => {
      const file = someFile();
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.includes('\r') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n'));
    },
    () => {
      rmSync(join(scripts, chance.of(names)), { recursive: true });
    },
    () => {
      mkdirSync(join(scripts, '20230101000000_late'));
      writeFileSync(join(scripts, '20230101000000_late/migration.sql'), scriptOf('late', false));
    },
    ...(chance.is(0.5)
      ? [
          () => {
            rmSync(someFile());
          },
          () => {
            writeFileSync(join(scripts, 'migration_lock.toml'), chance.of(['provider = "postgresql"\n', '', 'provider = "sqlite"']));
          },
        ]
      : []),
  ];
  for (const way of names.length > 0 && chance.is(0.75) ? chance.some(ways, chance.below(3) + 1) : []) {
    // An earlier one may have taken the file away.
    const left = names.every((name) => existsSync(join(scripts, name, 'migration.sql')));
    if (left) {
      way();
    }
  }
}

/** Asked of a copy, in which what failed counts as rolled back and no script can fail. */
async function pendingIn(database: string, list: MigrationList): Promise<readonly string[]> {
  const copy = `${database}.copy`;
  copyFileSync(database, copy);
  const real = await RealPrisma.open(copy);
  for (const { migration_name: name } of rowsIn(copy).filter((row) => row.finished_at === null && row.rolled_back_at === null)) {
    await real.resolve(name, 'rolled-back', list);
  }
  const migrationDirectories = list.migrationDirectories.map((each) => {
    const { migrationFile: file } = each;
    return { ...each, migrationFile: { ...file, content: file.content.tag === 'ok' ? { tag: 'ok' as const, value: '' } : file.content } };
  });
  const names = await real.deploy({ ...list, migrationDirectories });
  await real.close();
  return names;
}

async function ask({ database, scripts }: GeneratedPrisma): Promise<Answer> {
  const list = listOf(scripts);
  const real = await RealPrisma.open(database);
  const answer = await attempt(async () => ({ ...(await real.diagnose(list)), pending: await pendingIn(database, list) }));
  await real.close();
  return answer;
}

function compare(state: SchemaState, answer: Answer, rows: readonly Row[], name: string): string {
  const refuses = state.problems.filter(({ message }) => message.includes('Prisma refuses'));
  assert.equal(refuses.length > 0, 'refusal' in answer, name);
  if ('refusal' in answer) {
    assert.match(answer.refusal, refuses.some(({ file }) => file?.endsWith('.toml')) ? /^P3019/ : /^P3015/, name);
    return 'refusal';
  }
  const ours = state.pending.map(({ revision }) => revision);
  assert.deepEqual(ours, answer.pending, `${name}: pending`);
  assert.equal(state.state === 'half-applied', answer.failedMigrationNames.length > 0, name);
  for (const failed of answer.failedMigrationNames) {
    assert.match(state.halfApplied.join(), new RegExp(`${failed.replaceAll('.', '\\.')} is running or failed`), name);
  }
  // Prisma compares also with what was rolled back, and misses its files: neither matters when migrations are applied.
  const isDone = (row: Row): boolean => row.finished_at !== null && row.rolled_back_at === null;
  const undone = new Set(rows.filter((row) => !isDone(row)).map((row) => row.migration_name));
  const edited = state.problems.flatMap(({ message, file }) => (/was edited/.test(message) ? [basename(dirname(file ?? ''))] : []));
  const without = (names: Iterable<string>): string[] => sorted(names).filter((each) => !undone.has(each));
  assert.deepEqual(without(edited), without(answer.editedMigrationNames), `${name}: edited`);
  const { history } = answer;
  const gone = history !== null && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [];
  const done = new Set(rows.filter(isDone).map((row) => row.migration_name));
  const unknown = state.problems.flatMap(({ message }) => /^Revision (\S+) of the database is in no/.exec(message)?.[1] ?? []);
  assert.deepEqual(sorted(unknown), sorted(gone.filter((each) => done.has(each))), `${name}: unknown`);
  if (state.state !== 'half-applied' && rows.some(isDone)) {
    const words = { current: false, behind: true, ahead: false, diverged: true } as const;
    assert.equal(words[state.state as keyof typeof words], answer.pending.length > 0, name);
    assert.equal(state.state === 'ahead' || state.state === 'diverged', unknown.length > 0, name);
  }
  return state.state;
}

describe(`Prisma, compared with the real one (seed ${SEED})`, function () {
  this.timeout(300_000);
  const folder = newForSuite(() => newFolder('prisma'));
  before(() => {
    npmTool('prisma');
  });

  it(`says the same pending, failed, edited and lost migrations for ${PROJECTS} generated projects`, async () => {
    const chance = new Chance(SEED);
    const seen = new Set<string>();
    for (let index = 0; index < PROJECTS; index++) {
      const layout = LAYOUTS[index % LAYOUTS.length] ?? 'standard';
      const project = generatePrisma(chance, folder.at(`project-${index}`), index % 9, layout);
      await migrate(chance, project);
      disturb(chance, project);
      const rows = rowsIn(project.database);
      const answer = await ask(project);
      const { root, database } = project;
      seen.add(
        compare(readSchemaState({ root, database }), answer, rows, `project ${index} (${layout}), seed ${SEED}: ${JSON.stringify(answer)}`),
      );
    }
    for (const state of ['current', 'behind', 'half-applied', 'ahead', 'refusal']) {
      assert.ok(seen.has(state), `no project was ${state}: ${[...seen].join(', ')}`);
    }
  });

  for (const layout of LAYOUTS) {
    it(`finds schema, migrations and their order where the command line finds them: ${layout}`, async () => {
      const project = generatePrisma(new Chance(SEED + LAYOUTS.indexOf(layout)), folder.at(layout), 0, layout);
      for (const name of ['b_two', 'a_one', 'B_three', '_x', '10_z', '2_z', '.hidden']) {
        mkdirSync(join(project.scripts, name), { recursive: true });
        writeFileSync(join(project.scripts, name, 'migration.sql'), `-- ${name}\n`);
      }
      symlinkSync(join(npmTool('prisma'), 'node_modules'), join(project.root, 'node_modules'), 'junction');
      const { root, database } = project;
      const pending = readSchemaState({ root, database }).pending.map(({ revision }) => revision);
      const { status, output } = await runPrisma(root, [
        'migrate',
        'deploy',
        ...(project.hasConfig ? [] : ['--config', adapterAlone(database)]),
      ]);
      assert.equal(status, 0, output);
      assert.deepEqual(
        [...output.matchAll(/└─ (.+)\/\n/g)].map(([, name]) => name),
        pending,
        output,
      );
      const state = readSchemaState({ root, database });
      assert.deepEqual([state.state, state.revisions, state.problems], ['current', pending.slice(-1), []]);
    });
  }

  /** A project without a config is run with one that says nothing but how to reach the database without Prisma's binaries. */
  function adapterAlone(database: string): string {
    const file = folder.at('adapter.config.cjs');
    const adapter = JSON.stringify(join(npmTool('prisma'), 'node_modules/@prisma/adapter-better-sqlite3'));
    writeFileSync(
      file,
      `const { PrismaBetterSQLite3 } = require(${adapter});\nmodule.exports = { experimental: { adapter: true }, engine: 'js', adapter: async () => new PrismaBetterSQLite3({ url: ${JSON.stringify(`file:${database}`)} }) };\n`,
    );
    return file;
  }
});
