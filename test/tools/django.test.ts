// Generated Django projects: our answers are those of the real one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withInstalledPython } from '../../src/engine/migrations/commands/launcher';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { emptyProject, type MigrationsProject } from '../support/migrations-project';
import { Chance } from '../support/random';
import { generateDjango, type GeneratedDjango, type Key } from '../support/generated-django';
import { askPython } from '../support/system-tools';
import { newFolder } from '../support/folder';
import { execute } from '../support/sqlite';
import { newForSuite } from '../support/stand-in';

const PROJECTS = 60;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);

type Said = { readonly lines: readonly string[] } | { readonly error: string };
interface Answer {
  readonly error?: string;
  readonly steps: readonly Said[];
  readonly plan: Said;
  readonly dryRun: Said;
}

const askDjango = (questions: unknown): Answer[] => askPython('django', 'python3-django', 'real_django.py', questions) as Answer[];

/** Rows that Django could have left: a migration after all on which it stands; now and then one of another branch. */
function possibleRows(chance: Chance, { migrations }: GeneratedDjango): Key[] | null {
  if (chance.is(0.1)) {
    return null;
  }
  const share = chance.of([0.4, 0.9, 1]);
  const applied = new Set<string>();
  const rows: Key[] = [];
  const squashed = migrations
    .flatMap(({ replaces }) => replaces)
    .filter((key) => !migrations.some((other) => String(other.key) === String(key)));
  const gone = chance.is(0.6) ? squashed.slice(0, chance.is(0.2) ? 1 : squashed.length) : [];
  gone.forEach((key) => applied.add(String(key)));
  rows.push(...gone);
  for (const { key, dependencies, replaces } of migrations) {
    const isReady = [...dependencies, ...replaces].every((parent) => applied.has(String(parent)) || parent[1] === '__first__');
    if (isReady && chance.is(share)) {
      applied.add(String(key));
      rows.push(key);
    }
  }
  return chance.is(0.15) ? [...rows, [rows[0]?.[0] ?? 'shop', '0099_elsewhere']] : rows;
}

const CONTRIB = /^(?:auth|contenttypes)\./;

/** `[X]  app.name` and `[ ]  app.name`, in the order in which they are applied. */
function planned(said: Said, mark: 'X' | ' '): string[] {
  assert.ok('lines' in said);
  return said.lines
    .flatMap((line) => (line.startsWith(`[${mark}]`) ? [/^\[.\]\s+(\S+)/.exec(line)?.[1] ?? line] : []))
    .filter((revision) => !CONTRIB.test(revision));
}

function compare(state: SchemaState, answer: Answer, name: string): void {
  assert.equal(answer.error, undefined, name);
  if ('error' in answer.plan) {
    assert.ok(
      state.problems.some(({ message }) => message.includes('Django refuses')),
      `${name}: ${answer.plan.error}`,
    );
    return;
  }
  assert.deepEqual(
    state.pending.map(({ revision }) => revision),
    planned(answer.plan, ' '),
    `${name}: pending`,
  );
  assert.ok(
    state.pending.every(({ file }) => existsSync(file)),
    name,
  );
  const refusal = 'error' in answer.dryRun ? answer.dryRun.error : '';
  const refuses = state.problems.some(({ message }) => message.includes('Django refuses'));
  assert.equal(refuses, refusal !== '', `${name}: ${refusal} ${JSON.stringify(state.problems)}`);
  assert.equal(
    /Conflicting/.test(refusal) && state.state !== 'never-migrated' && state.state !== 'ahead' && state.state !== 'diverged',
    state.state === 'several-heads',
    name,
  );
}

describe(`Django, compared with the real one (seed ${SEED})`, function () {
  this.timeout(300_000);
  const folder = newForSuite(() => newFolder('django'));

  it(`says the same pending migrations, in the same order, and the same refusals for ${PROJECTS} generated projects`, () => {
    const chance = new Chance(SEED);
    const cases = Array.from({ length: PROJECTS }, (_, index) => {
      const project = generateDjango(chance, folder.at(`project-${index}`), index % 14);
      return { project, rows: possibleRows(chance, project) };
    });
    const answers = askDjango(cases.map(({ project, rows }) => ({ root: project.root, rows })));
    const seen = new Set<string>();
    cases.forEach(({ project: { root, database }, rows }, index) => {
      const answer = answers[index];
      assert.ok(answer !== undefined);
      const state = readSchemaState({ root, database });
      seen.add('error' in answer.plan || 'error' in answer.dryRun ? 'refusal' : state.state);
      compare(state, answer, `project ${index}, seed ${SEED}, rows ${JSON.stringify(rows)}`);
    });
    for (const state of ['current', 'behind', 'never-migrated', 'refusal']) {
      assert.ok(seen.has(state), `no project was ${state}: ${[...seen].join(', ')}`);
    }
  });

  it('sees what a failed migration without a transaction leaves, and the way back', () => {
    const project = emptyProject();
    try {
      writeShop(project);
      const question = { root: project.root, rows: [], migrate: [['shop', '0001']] };
      assert.deepEqual(askDjango([question])[0]?.steps, [{ lines: [] }]);
      const database = join(project.root, 'db.sqlite3');
      const state = (): SchemaState => readSchemaState({ root: project.root, database });
      assert.deepEqual([state().state, state().revisions], ['behind', ['shop.0001_initial']]);
      assert.deepEqual(state().commands, {
        show: withInstalledPython('python manage.py showmigrations'),
        apply: withInstalledPython('python manage.py migrate'),
      });
      execute(database, 'INSERT INTO shop_item (name) VALUES (NULL)');
      const [answer] = askDjango([{ ...question, migrate: [[]] }]);
      assert.match(JSON.stringify(answer?.steps), /IntegrityError/);
      assert.equal(state().state, 'half-applied');
      assert.match(state().halfApplied.join(), /"shop_item" stopped half way and left "new__shop_item"/);
      assert.deepEqual(
        state().pending.map(({ revision }) => revision),
        ['shop.0002_strict'],
      );
    } finally {
      project.remove();
    }
  });
});

function writeShop(project: MigrationsProject): void {
  const migration = (dependencies: string, operation: string, more = ''): string =>
    `from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    dependencies = ${dependencies}\n${more}    operations = [${operation}]\n`;
  project.write('manage.py', 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings")\n');
  project.write('conf/__init__.py', '');
  project.write(
    'conf/settings.py',
    "SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}\n",
  );
  project.write('shop/__init__.py', '');
  project.write('shop/migrations/__init__.py', '');
  project.write(
    'shop/migrations/0001_initial.py',
    migration('[]', "migrations.CreateModel('Item', [('id', models.AutoField(primary_key=True)), ('name', models.TextField(null=True))])"),
  );
  project.write(
    'shop/migrations/0002_strict.py',
    migration("[('shop', '0001_initial')]", "migrations.AlterField('Item', 'name', models.TextField())", '    atomic = False\n'),
  );
}
