// Generated Drizzle projects: our answers are what the real `migrate()` then does, before and since 1.0.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import { Chance } from '../support/random';
import {
  CHANGES,
  changed,
  steps,
  writeConfig,
  writeSteps,
  type Change,
  type GeneratedDrizzle,
  type Step,
} from '../support/generated-drizzle';
import { npmModule, npmTool } from '../support/npm-tools';

const PROJECTS = 60;
const UPGRADES = 20;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);
type Version = 'drizzle' | 'drizzle-1';

interface Orm {
  readonly drizzle: (settings: { readonly client: Database.Database }) => unknown;
}
interface Migrator {
  migrate(orm: unknown, options: { readonly migrationsFolder: string; readonly migrationsTable: string }): void;
}

/** What the real tool did: the error that it threw, or null. */
function migrate(version: Version, { database, out, table }: GeneratedDrizzle): string | null {
  const { drizzle } = npmModule(version, 'drizzle-orm/better-sqlite3') as Orm;
  const migrator = npmModule(version, 'drizzle-orm/better-sqlite3/migrator') as Migrator;
  const db = new Database(database);
  db.pragma('synchronous = OFF');
  try {
    migrator.migrate(drizzle({ client: db }), { migrationsFolder: out, migrationsTable: table });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    db.close();
  }
}

/** The hashes in its table, in the order in which they were written. */
function hashes({ database, table }: GeneratedDrizzle): string[] {
  const db = new Database(database);
  try {
    const exists = db.prepare('SELECT count(*) FROM sqlite_schema WHERE name = ?').pluck().get(table) === 1;
    return exists ? db.prepare<[], string>(`SELECT hash FROM "${table}" ORDER BY rowid`).pluck().all() : [];
  } finally {
    db.close();
  }
}

const hashOf = ({ sql }: Step): string => createHash('sha256').update(sql).digest('hex');
const said = (state: SchemaState, words: string): boolean => state.problems.some(({ message }) => message.includes(words));
const stateOf = ({ root, database }: GeneratedDrizzle): SchemaState => readSchemaState({ root, database });

describe(`Drizzle, compared with the real one (seed ${SEED})`, function () {
  this.timeout(600_000);
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pats-drizzle-')));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const version of ['drizzle', 'drizzle-1'] as const) {
    it(`says which migrations ${version} then applies, skips and does not know, for ${PROJECTS} generated projects`, () => {
      const chance = new Chance(SEED);
      const seen = new Set<string>();
      for (let index = 0; index < PROJECTS; index++) {
        const change = CHANGES[index % CHANGES.length] ?? 'none';
        const project = newProject(chance, join(folder, `${version}-${index}`));
        seen.add(compareOnce(chance, version, project, change, `project ${index}, seed ${SEED}, ${change}`));
      }
      const wanted = ['current', 'behind', 'never-migrated', 'unknown', 'failure'];
      for (const state of [...wanted, ...(version === 'drizzle' ? ['several-heads', 'refusal'] : [])]) {
        assert.ok(seen.has(state), `no project was ${state}: ${[...seen].join(', ')}`);
      }
    });
  }

  it(`says what is applied once "drizzle-kit up" has made folders of a journal, for ${UPGRADES} generated projects`, () => {
    const chance = new Chance(SEED);
    const seen = new Set<string>();
    for (let index = 0; index < UPGRADES; index++) {
      const project = newProject(chance, join(folder, `up-${index}`));
      seen.add(compareUpgrade(chance, project, index % 3 === 0, `project ${index}, seed ${SEED}`));
    }
    for (const wanted of ['behind', 'current', 'diverged', 'never-migrated']) {
      assert.ok(seen.has(wanted), `no project was ${wanted}: ${[...seen].join(', ')}`);
    }
  });

  for (const [version, count] of [
    ['drizzle', 2],
    ['drizzle-1', 1],
  ] as const) {
    it(`reads what Drizzle Kit itself generates and migrates, for ${count} project(s) of ${version}`, () => {
      const chance = new Chance(SEED + 1);
      for (let index = 0; index < count; index++) {
        followKit(version, newProject(chance, join(folder, `kit-${version}-${index}`)), `kit ${index}, seed ${SEED}`);
      }
    });
  }
});

/** `drizzle-kit up` names each folder after the second of its entry. */
function compareUpgrade(chance: Chance, project: GeneratedDrizzle, loses: boolean, name: string): string {
  const old = steps(chance, 2 + chance.below(4), false);
  const done = chance.below(old.length + 1);
  writeSteps(project.out, old.slice(0, done), false);
  if (done > 0) {
    assert.equal(migrate('drizzle', project), null, name);
  }
  const list = old.map((each) => ({ ...each, tag: `${new Date(each.when).toISOString().replace(/\D/g, '').slice(0, 14)}_${each.tag}` }));
  const kept = loses ? list.slice(1) : chance.is(0.3) ? list.map((each) => ({ ...each, sql: `${each.sql}\n-- edited` })) : list;
  writeSteps(project.out, kept, true);
  const before = hashes(project).length;
  const state = stateOf(project);
  const error = migrate('drizzle-1', project);
  const label = `${name}: ${error} ${JSON.stringify(state)}`;
  assert.equal(state.state === 'ahead' || state.state === 'diverged', /do not match any local migration/.test(error ?? ''), label);
  if (error === null) {
    const added = hashes(project).slice(before);
    assert.deepEqual(
      state.pending.map(({ revision }) => revision),
      added.map((hash) => kept.find((each) => hashOf(each) === hash)?.tag),
      label,
    );
    assert.equal(stateOf(project).state, 'current', label);
  }
  return state.state;
}

/** Two migrations by `drizzle-kit generate`, the second of which rebuilds a table; each applied by the command that we name. */
function followKit(version: Version, project: GeneratedDrizzle, name: string): void {
  const { root, config } = project;
  symlinkSync(join(npmTool(version), 'node_modules'), join(root, 'node_modules'), 'junction');
  const kit = (...args: readonly string[]): void => {
    const script = join(root, 'node_modules/drizzle-kit/bin.cjs');
    const result = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
    assert.equal(result.status, 0, `${name}: drizzle-kit ${args.join(' ')}: ${result.stdout}${result.stderr}`);
  };
  const heads: string[] = [];
  for (const more of ['', '.notNull()']) {
    mkdirSync(join(root, 'schema'), { recursive: true });
    writeFileSync(
      join(root, 'schema/items.ts'),
      `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';\nexport const items = sqliteTable('items', { id: integer('id').primaryKey(), name: text('name')${more} });\n`,
    );
    kit('generate', `--config=${config}`);
    const created = stateOf(project);
    assert.deepEqual([created.pending.length, created.problems], [1, []], `${name}: ${JSON.stringify(created)}`);
    const [npx, program, ...command] = (created.commands.apply ?? '').split(' ');
    assert.deepEqual([npx, program], ['npx', 'drizzle-kit'], name);
    kit(...command);
    const state = stateOf(project);
    heads.push(...state.heads);
    assert.deepEqual([state.state, state.problems], ['current', []], `${name}: ${JSON.stringify(state)}`);
    assert.deepEqual(
      state.revisions,
      created.pending.map(({ revision }) => revision),
      name,
    );
  }
  assert.equal(new Set(heads).size, 2, name);
}

function newProject(chance: Chance, root: string): GeneratedDrizzle {
  mkdirSync(root);
  return writeConfig(chance, root, 'app.db');
}

function compareOnce(chance: Chance, version: Version, project: GeneratedDrizzle, change: Change, name: string): string {
  const isFoldered = version === 'drizzle-1';
  const first = steps(chance, chance.below(6), isFoldered);
  const done = chance.is(0.2) ? first.length : chance.below(first.length + 1);
  writeSteps(project.out, first.slice(0, done), isFoldered);
  new Database(project.database).exec('CREATE TABLE own (id)').close();
  if (done > 0) {
    assert.equal(migrate(version, project), null, name);
  }
  const list = changed(chance, change, first, done, isFoldered);
  writeSteps(project.out, list, isFoldered);
  harm(change, project, list, isFoldered);
  const before = hashes(project);
  const state = stateOf(project);
  const error = migrate(version, project);
  const label = `${name}: ${error} ${JSON.stringify(state)}`;
  if (error !== null) {
    return compareError(state, stateOf(project), error, label);
  }
  const added = hashes(project).slice(before.length);
  const pending = added.map((hash) => list.find((step) => hashOf(step) === hash)?.tag);
  assert.deepEqual(
    state.pending.map(({ revision }) => revision),
    pending,
    label,
  );
  assert.ok(
    state.pending.every(({ file }) => existsSync(file)),
    label,
  );
  const edited = list.filter((step) => !before.includes(hashOf(step)) && !added.includes(hashOf(step)) && step.sql.endsWith('-- edited'));
  assert.equal(said(state, 'was edited after'), edited.length > 0, label);
  const skipped = list.filter((step) => !before.includes(hashOf(step)) && !added.includes(hashOf(step)) && !edited.includes(step));
  assert.equal(state.problems.filter(({ message }) => message.includes('skips it without')).length, skipped.length, label);
  const lost = before.filter((hash) => added.includes(hash) || !list.some((step) => hashOf(step) === hash));
  assert.equal(state.state === 'ahead' || state.state === 'diverged', lost.length > edited.length, label);
  assert.ok(!said(state, 'cannot apply any'), label);
  return lost.length > edited.length ? 'unknown' : state.state;
}

/** Nothing is left of a run that failed, and what stops every run is said before. */
function compareError(state: SchemaState, after: SchemaState, error: string, label: string): string {
  const isRefusal = /No file|JSON|Can't find/.test(error);
  assert.equal(said(state, 'cannot apply any'), isRefusal, label);
  assert.deepEqual([after.revisions, after.pending], [state.revisions, state.pending], label);
  assert.deepEqual(after.halfApplied, [], label);
  return isRefusal ? 'refusal' : 'failure';
}

function harm(change: Change, { out }: GeneratedDrizzle, list: readonly Step[], isFoldered: boolean): void {
  const last = list.at(-1);
  if (isFoldered || last === undefined) {
    return;
  }
  if (change === 'missing') {
    rmSync(join(out, `${last.tag}.sql`));
  }
  if (change === 'broken') {
    writeFileSync(join(out, 'meta/_journal.json'), '{ "dialect": "sqlite", "entries": [\n<<<<<<< HEAD\n');
  }
}
