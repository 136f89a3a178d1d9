// Generated histories and the example: our answers are those of real Alembic.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alembic, type AlembicHistory } from '../../../../../src/engine/migrations/tools/alembic/alembic';
import { positionOf } from '../../../../../src/engine/migrations/state/position';
import { readSchemaState } from '../../../../../src/engine/migrations/state/state';
import type { SchemaState } from '../../../../../src/engine/migrations/schema';
import { generateProject, type GeneratedProject } from '../../../../support/generated-history';
import { Chance } from '../../../../support/random';
import { askAlembic, isRefusal, type Answer } from '../../../../support/real-alembic';
import { newFolder } from '../../../../support/folder';
import { newForSuite } from '../../../../support/stand-in';

const HISTORIES = 240;
const SEED = Number(process.env['PATS_SEED'] ?? 20261124);
const repository = process.env['PATS_REPO'] ?? process.cwd();

/** The rows that Alembic would leave after it had applied some of the migrations. */
function reachableRows(chance: Chance, { revisions }: GeneratedProject): string[] {
  const applied = new Set<string>();
  for (const { id, down, depends } of revisions) {
    if ([...down, ...depends].every((parent) => applied.has(parent)) && chance.is(0.75)) {
      applied.add(id);
    }
  }
  const covered = new Set(revisions.filter(({ id }) => applied.has(id)).flatMap(({ down, depends }) => [...down, ...depends]));
  return [...applied].filter((id) => !covered.has(id));
}

function writeRows(file: string, rows: readonly string[]): void {
  const db = new Database(file);
  db.exec('CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)');
  for (const row of rows) {
    db.prepare('INSERT INTO alembic_version VALUES (?)').run(row);
  }
  db.close();
}

/** The newest applied revision of each branch. */
function shownBy(history: AlembicHistory, { pending }: SchemaState): string[] {
  const waiting = new Set(pending.map(({ revision }) => revision));
  const nodes = history.environments
    .flatMap(({ graph }) => [...graph.nodes.values()])
    .filter(({ script }) => !waiting.has(script.revision));
  const covered = new Set(nodes.flatMap(({ down }) => down));
  return sorted(nodes.map(({ script }) => script.revision).filter((revision) => !covered.has(revision)));
}

const sorted = (values: Iterable<string>): string[] => [...values].sort((a, b) => (a < b ? -1 : 1));

describe(`Alembic, compared with the real one (seed ${SEED})`, function () {
  this.timeout(300_000);
  const folder = newForSuite(() => newFolder('alembic'));

  it(`says the same heads, current revisions and pending migrations for ${HISTORIES} generated histories`, () => {
    const chance = new Chance(SEED);
    const cases = Array.from({ length: HISTORIES }, (_, index) => {
      const project = generateProject(chance, folder.at(`history-${index}`), 3 + (index % 14));
      const rows = Array.from({ length: 4 }, () => reachableRows(chance, project));
      const database = join(project.root, 'app.db');
      writeRows(database, rows[0] ?? []);
      return { project, rows, database };
    });
    const answers = askAlembic(cases.map(({ project, rows, database }) => ({ folder: project.folder, ini: project.ini, database, rows })));
    cases.forEach(({ project, rows, database }, index) => {
      const answer = answers[index];
      assert.ok(answer !== undefined && !isRefusal(answer), `history ${index}: ${JSON.stringify(answer)}`);
      compare(project, rows, database, answer, `history ${index}, seed ${SEED}`);
    });
  });

  function compare(project: GeneratedProject, rows: readonly (readonly string[])[], database: string, answer: Answer, name: string): void {
    const history = alembic.history({ root: project.root, database });
    assert.ok(history !== null, name);
    assert.equal(history.folder, project.folder, name);
    assert.deepEqual(
      history.problems.filter(({ message }) => !message.includes('version_locations does not exist') && !message.includes('not/there')),
      [],
      name,
    );
    assert.deepEqual(sorted(history.heads), answer.realHeads, name);
    assert.deepEqual(sorted(history.environments.flatMap(({ graph }) => graph.heads)), answer.heads, name);
    assert.deepEqual(Object.fromEntries(history.migrations.map(({ revision, title }) => [revision, title])), answer.titles, name);
    rows.forEach((each, index) => {
      const expected = answer.pending[index];
      assert.ok(Array.isArray(expected), `${name}, rows ${each.join()}: ${JSON.stringify(expected)}`);
      const { pending, unknown } = positionOf(history, each);
      assert.deepEqual(unknown, [], name);
      assert.deepEqual(sorted(pending.map(({ revision }) => revision)), sorted(expected as string[]), name);
      const waiting = new Set(pending.map(({ revision }) => revision));
      for (const { revision, parents } of pending) {
        assert.ok(!parents.some((parent) => waiting.has(parent)), `${name}: ${revision} comes before what it stands on`);
        waiting.delete(revision);
      }
    });
    const state = readSchemaState({ root: project.root, database });
    assert.deepEqual({ rows: sorted(state.revisions), shown: shownBy(history, state) }, answer.current, name);
    assert.equal(state.pending.length, (answer.pending[0] as string[]).length, name);
  }

  it('says the same for examples/pats at every revision', () => {
    const example = join(repository, 'examples/pats');
    const revisions = readdirSync(join(example, 'project/backend/alembic/versions')).map((file) => file.slice(0, 12));
    const targets = revisions.map((revision) => {
      const target = folder.at(`pats-${revision}`);
      execFileSync(process.execPath, [join(example, 'build.mjs'), target, '--revision', revision]);
      return target;
    });
    const answers = askAlembic(
      targets.map((target, index) => ({
        folder: join(target, 'backend'),
        ini: 'alembic.ini',
        database: join(target, 'backend/data/pats.db'),
        rows: [[revisions[index] ?? '']],
      })),
    );
    targets.forEach((target, index) => {
      const answer = answers[index];
      assert.ok(answer !== undefined && !isRefusal(answer), JSON.stringify(answer));
      const state = readSchemaState({ root: target, database: join(target, 'backend/data/pats.db') });
      const [pending] = answer.pending;
      assert.ok(Array.isArray(pending));
      assert.deepEqual(state.heads, answer.realHeads);
      assert.deepEqual(answer.current, { rows: state.revisions, shown: state.revisions });
      assert.deepEqual(sorted(state.pending.map(({ revision }) => revision)), sorted(pending as string[]));
      assert.equal(state.state, pending.length === 0 ? 'current' : 'behind');
      assert.deepEqual(state.problems, []);
    });
  });

  it('counts as upgraded what real "alembic upgrade" made of the example', () => {
    const copy = folder.at('upgraded');
    cpSync(folder.at('pats-5e9f1b7a2d30'), copy, { recursive: true });
    execFileSync('alembic', ['upgrade', 'head'], { cwd: join(copy, 'backend'), stdio: 'pipe' });
    const state = readSchemaState({ root: copy, database: join(copy, 'backend/data/pats.db') });
    assert.equal(state.state, 'current');
    assert.deepEqual(state.pending, []);
  });
});
