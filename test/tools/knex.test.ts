// Generated Knex projects: our answers are those of the real one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import { emptyProject, schemaOf } from '../support/migrations-project';
import { Chance } from '../support/random';
import { generateKnex, STYLES, tableMigration, type GeneratedKnex } from '../support/generated-knex';
import { npmModule, npmTool } from '../support/npm-tools';
import { newFolder } from '../support/folder';
import { execute } from '../support/sqlite';
import { newForSuite } from '../support/stand-in';

const PROJECTS = 42;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);

interface Knex {
  readonly migrate: {
    /** Completed and pending, as `migrate:status` prints them. */
    list(options?: object): Promise<readonly [readonly { readonly name: string }[], readonly { readonly file: string }[]]>;
    latest(): Promise<unknown>;
    up(): Promise<unknown>;
    down(): Promise<unknown>;
  };
  destroy(): Promise<void>;
}

type Connect = (config: object) => Knex;

/** As the command line does it: the knexfile's own environment, loaded with Knex's own code. */
async function connect({ knexfile }: GeneratedKnex): Promise<Knex> {
  const importFile = npmModule('knex', './node_modules/knex/lib/migrations/util/import-file.js') as (file: string) => Promise<unknown>;
  const loaded = (await importFile(knexfile)) as { default?: unknown };
  const exported = loaded.default ?? loaded;
  const configs = (typeof exported === 'function' ? await (exported as () => unknown)() : exported) as Record<string, object | undefined>;
  const log = { warn: () => undefined, error: () => undefined, debug: () => undefined };
  return (npmModule('knex', 'knex') as Connect)({ ...(configs['development'] ?? configs), log });
}

/** Some up, some down again; then a row of another branch, or a lock that somebody left. */
async function migrate(chance: Chance, knex: Knex, { database, table }: GeneratedKnex): Promise<{ readonly isLocked: boolean }> {
  for (let count = chance.below(8); count > 0; count--) {
    await knex.migrate.up().catch(() => undefined);
  }
  if (chance.is(0.3)) {
    await knex.migrate.latest().catch(() => undefined);
  }
  for (let count = chance.is(0.3) ? chance.below(3) : 0; count > 0; count--) {
    await knex.migrate.down().catch(() => undefined);
  }
  await knex.migrate.list();
  if (chance.is(0.25)) {
    execute(database, `INSERT INTO ${table} (name, batch) VALUES ('20990101_of_another_branch.js', 1)`);
  }
  const isLocked = chance.is(0.12);
  if (isLocked) {
    execute(database, `UPDATE ${table}_lock SET is_locked = 1`);
  }
  return { isLocked };
}

const revisionsOf = (state: SchemaState): string[] => state.pending.map(({ revision }) => revision);
const refusalOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => '',
    (error: unknown) => String(error),
  );

/** What is compared, and the name of what came out. */
async function compare(chance: Chance, project: GeneratedKnex, name: string): Promise<string> {
  const knex = await connect(project);
  try {
    const { isLocked } = await migrate(chance, knex, project);
    const state = readSchemaState(project);
    const [completed, pending] = await knex.migrate.list({ disableMigrationsListValidation: true });
    const told = `${name}: ${JSON.stringify({ completed, pending, state })}`;
    assert.equal(state.tool, 'knex', told);
    assert.deepEqual(
      revisionsOf(state),
      pending.map(({ file }) => file),
      told,
    );
    assert.deepEqual(
      state.revisions,
      completed.slice(-1).map((row) => row.name),
      told,
    );
    const fresh = await connect(project);
    const refusal = await refusalOf(fresh.migrate.latest()).finally(() => fresh.destroy());
    const lost = completed.some((row) => row.name.includes('another_branch'));
    assert.equal(
      state.problems.some(({ message }) => message.includes('of_another_branch')),
      lost,
      told,
    );
    assert.ok(lost || !/directory is corrupt/.test(refusal), `${told} ${refusal}`);
    assert.equal(state.state === 'half-applied', isLocked, told);
    assert.equal(/already locked/.test(refusal), isLocked && !/directory is corrupt/.test(refusal), `${told} ${refusal}`);
    return state.state;
  } finally {
    await knex.destroy();
  }
}

describe(`Knex, compared with the real one (seed ${SEED})`, function () {
  this.timeout(300_000);
  const folder = newForSuite(() => newFolder('knex'));
  const started = process.cwd();
  before(() => {
    npmTool('knex');
  });
  after(() => {
    process.chdir(started);
  });

  it(`says the same of ${PROJECTS} generated projects, after up, down, failures, other branches and locks`, async () => {
    const chance = new Chance(SEED);
    const seen = new Set<string>();
    for (let index = 0; index < PROJECTS; index++) {
      const style = STYLES[index % STYLES.length] ?? 'flat';
      const project = generateKnex(chance, folder.at(`project-${index}`), chance.below(8), style);
      // Knex resolves folders and the database from where it runs.
      process.chdir(project.root);
      seen.add(await compare(chance, project, `project ${index}, seed ${SEED}, ${style}, ${basename(project.knexfile)}`));
    }
    for (const state of ['current', 'behind', 'diverged', 'ahead', 'half-applied', 'never-migrated']) {
      assert.ok(seen.has(state), `no project was ${state}: ${[...seen].join(', ')}`);
    }
  });

  describe('on its command line', () => {
    const project = newForSuite(emptyProject);
    const knex = (...words: string[]): { readonly text: string; readonly status: number | null } => {
      const cli = join(npmTool('knex'), 'node_modules/knex/bin/cli.js');
      const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...words], { cwd: project.root, encoding: 'utf8' });
      return { text: stdout + stderr, status };
    };
    const advised = (line: string | undefined): ReturnType<typeof knex> => knex(...(line ?? '').split(' ').slice(2));
    const { state, pending, messages } = schemaOf(project);

    before(() => {
      symlinkSync(join(npmTool('knex'), 'node_modules'), join(project.root, 'node_modules'), 'junction');
      project.write(
        'knexfile.cjs',
        "module.exports = { client: 'better-sqlite3', connection: { filename: './app.db' }, useNullAsDefault: true };",
      );
      project.write('migrations/1_first.js', tableMigration('first'));
      project.write('migrations/2_second.js', tableMigration('second'));
    });

    it('takes the commands that are advised, also for a knexfile that it does not find by itself', () => {
      assert.match(knex('migrate:status').text, /No configuration file found/);
      assert.equal(knex('migrate:up', '--knexfile', 'knexfile.cjs').status, 0);
      assert.match(advised(state().commands.show).text, /Found 1 Completed[^]*1_first\.js[^]*Found 1 Pending[^]*2_second\.js/);
      assert.deepEqual([state().state, state().revisions, pending()], ['behind', ['1_first.js'], ['2_second.js']]);
      assert.equal(advised(state().commands.apply).status, 0);
      assert.equal(state().state, 'current');
    });

    it('leaves its lock when it is killed within a migration without a transaction, and takes the advised unlock', () => {
      const killed = "exports.up = () => process.kill(process.pid, 'SIGKILL'); exports.down = () => {};";
      const file = project.write('migrations/3_killed.js', killed);
      const { apply } = state().commands;
      assert.notEqual(advised(apply).status, 0);
      // Within a transaction, the lock is rolled back with everything else.
      assert.equal(state().state, 'behind');
      project.write('migrations/3_killed.js', `${killed} exports.config = { transaction: false };`);
      assert.notEqual(advised(apply).status, 0);
      assert.equal(state().state, 'half-applied');
      const unlock = /"(npx knex migrate:unlock[^"]*)"/.exec(state().halfApplied.join())?.[1];
      rmSync(file);
      assert.match(advised(apply).text, /already locked/);
      assert.equal(advised(unlock).status, 0);
      assert.equal(state().state, 'current');
    });

    it('calls the directory corrupt when a migration has another ending than in the database', () => {
      const { apply } = state().commands;
      rmSync(join(project.root, 'migrations/2_second.js'));
      project.write('migrations/2_second.cjs', tableMigration('second'));
      assert.match(advised(apply).text, /directory is corrupt.*2_second\.js/);
      assert.equal(state().state, 'current');
      assert.match(messages(), /migrations\/2_second\.cjs as 2_second\.js: Knex says .* corrupt/);
    });
  });
});
