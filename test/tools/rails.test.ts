// Generated folders of Active Record migrations: our answers are those of the real one.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import { Chance } from '../support/random';
import { askRuby } from '../support/system-tools';
import { newFolder } from '../support/folder';
import { newForSuite } from '../support/stand-in';

const PROJECTS = 25;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);

interface Answer {
  readonly error: string | null;
  readonly refusal: string | null;
  /** What `db:migrate:status` prints. */
  readonly status: readonly (readonly [status: 'up' | 'down', version: string, name: string])[];
  readonly needs: boolean;
}

interface Generated {
  readonly root: string;
  readonly database: string;
  readonly versions: readonly string[];
}

const askRails = (questions: unknown): Answer[] => askRuby('ruby-activerecord ruby-sqlite3', 'real_rails.rb', questions) as Answer[];

/** Up to `size` migrations, some in folders below; now and then a name that Rails refuses. */
function generate(chance: Chance, root: string, size: number): Generated {
  const files = new Map([['config/database.yml', 'development:\n  adapter: sqlite3\n  database: db/<%= Rails.env %>.sqlite3\n']]);
  const versions: string[] = [];
  for (let index = 0; index < size; index++) {
    const version = chance.is(0.1) ? String(index + 1).padStart(3, '0') : String(20240101000000 + index * 1000 + chance.below(900));
    const name = `step_${index}_of_${chance.of(['a', 'b2', 'c_d'])}`;
    const fails = chance.is(0.08) ? '; raise "half way"' : '';
    const body = `create_table(:t${index}) { |t| t.string :name }${fails}`;
    const path = `db/migrate/${chance.is(0.1) ? '2024/' : ''}${version}_${name}${chance.is(0.1) ? '.engine' : ''}.rb`;
    files.set(path, `class ${camelized(name)} < ActiveRecord::Migration[6.1]\n  def change\n    ${body}\n  end\nend\n`);
    versions.push(version);
  }
  if (chance.is(0.15)) {
    files.set(
      `db/migrate/${chance.of(['20250101000000_Upper', '20250101000000_a-b', `${versions[0] ?? '1'}_twin`, '20250101000000_step_0_of_a'])}.rb`,
      '',
    );
  }
  files.set('db/migrate/README.rb', '').set('db/migrate/.keep', '');
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, database: join(root, 'db/development.sqlite3'), versions };
}

const camelized = (name: string): string => name.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());

describe(`Rails, compared with real Active Record (seed ${SEED})`, function () {
  this.timeout(300_000);
  const folder = newForSuite(() => newFolder('rails'));

  it(`says the same status for ${PROJECTS} generated projects, some after a migration that failed`, () => {
    const chance = new Chance(SEED);
    const cases = Array.from({ length: PROJECTS }, (_, index) => {
      const project = generate(chance, folder.at(`project-${index}`), index % 9);
      const some = index % 6 === 3 ? [] : project.versions.filter(() => chance.is(0.5));
      const rows = some.length > 0 && chance.is(0.2) ? [...some, '20230101000000'] : chance.is(0.2) ? [...some, '20990101000000'] : some;
      const migrates = index % 6 !== 3 && chance.is(0.6);
      return {
        project,
        question: {
          database: project.database,
          paths: [join(project.root, 'db/migrate')],
          versions: migrates ? null : rows,
          target: migrates && project.versions.length > 0 ? Number(chance.of(project.versions)) : null,
        },
      };
    });
    const answers = askRails(cases.map(({ question }) => question));
    const seen = new Set<string>();
    cases.forEach(({ project: { root, database, versions } }, index) => {
      const answer = answers[index];
      assert.ok(answer !== undefined);
      const name = `project ${index}, seed ${SEED}: ${JSON.stringify(answer)}`;
      const state = readSchemaState({ root, database });
      const refuses = state.problems.some(({ message }) => message.includes('Rails refuses'));
      assert.equal(refuses, answer.refusal !== null, name);
      seen.add(refuses ? 'refusal' : answer.error === null ? state.state : 'failure');
      if (refuses) {
        return;
      }
      const of = (status: string): string[] => answer.status.flatMap((row) => (row[0] === status ? String(BigInt(row[1])) : []));
      assert.deepEqual(state.pending.map(({ revision }) => revision).sort(), of('down').sort(), name);
      assert.equal(state.pending.length > 0, answer.needs, name);
      const applied = of('up').map(BigInt);
      const newest = applied.reduce((a, b) => (a > b ? a : b), 0n);
      assert.deepEqual(state.revisions, applied.length === 0 ? [] : [String(newest)], name);
      // Rows older than the oldest file are of migrations that were deleted after schema.rb had taken them over.
      const oldest = versions.map(BigInt).reduce((a, b) => (a < b ? a : b), BigInt(versions[0] ?? 0));
      const lost = answer.status.some(([, version, title]) => title.includes('NO FILE') && BigInt(version) >= oldest);
      assert.equal(state.state === 'ahead' || state.state === 'diverged', lost, name);
    });
    for (const state of ['current', 'behind', 'never-migrated', 'refusal', 'failure']) {
      assert.ok(seen.has(state), `no project was ${state}: ${[...seen].join(', ')}`);
    }
  });
});
