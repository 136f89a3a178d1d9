// The schema state of migrations that fork or merge, and of databases with several rows.
import assert from 'node:assert/strict';
import { syncCommands } from '../../../../src/engine/migrations/state/state';
import { alembicProject, migration, rows } from '../../../support/alembic-project';
import { schemaOf, type MigrationsProject } from '../../../support/migrations-project';
import { standIn } from '../../../support/stand-in';

const LINE = { a1: 'base', b2: 'a1', c3: 'b2' };
const FORK = { ...LINE, d4: 'b2' };

describe('The schema state', function () {
  this.timeout(30_000);
  let project: MigrationsProject;
  beforeEach(() => {
    project = alembicProject(LINE);
  });
  afterEach(() => {
    project.remove();
  });
  const { state, pending, messages } = schemaOf(standIn(() => project));

  function use(revisions: Parameters<typeof alembicProject>[0]): void {
    project.remove();
    project = alembicProject(revisions);
  }

  it('has several heads when the files fork: merging or "upgrade heads", never "upgrade head"', () => {
    use(FORK);
    project.sql(rows('c3'));
    assert.equal(state().state, 'several-heads');
    assert.deepEqual(state().heads, ['c3', 'd4']);
    assert.deepEqual(pending(), ['d4']);
    assert.deepEqual(state().commands, { show: 'alembic current', apply: 'alembic upgrade heads', mark: 'alembic merge -m "merge" heads' });
    assert.deepEqual(syncCommands(state()), ['alembic upgrade heads']);
    assert.match(messages(), /"alembic upgrade head" fails until they are merged/);
  });

  it('is current with two rows of a fork that a later migration merges, once that is applied', () => {
    use({ ...FORK, e5: ['c3', 'd4'] });
    project.sql(rows('c3', 'd4'));
    assert.equal(state().state, 'behind');
    assert.deepEqual(pending(), ['e5']);
    project.sql(rows('e5'));
    assert.equal(state().state, 'current');
  });

  it('upgrades to "heads" where depends_on leaves one real head of two', () => {
    use({ a1: 'base', b2: 'base' });
    project.write('alembic/versions/c3.py', migration('c3', 'a1', "depends_on = 'b2'"));
    project.sql(rows('a1'));
    assert.equal(state().state, 'behind');
    assert.deepEqual(state().heads, ['c3']);
    assert.deepEqual(pending(), ['b2', 'c3']);
    assert.equal(state().commands.apply, 'alembic upgrade heads');
  });

  it('asks for "stamp --purge" with the full id when a row is abbreviated', () => {
    use({ a1b2c3d4: 'base', b2c3d4e5: 'a1b2c3d4' });
    project.sql(rows('a1b2'));
    assert.equal(state().state, 'behind');
    assert.match(messages(), /"a1b2", an abbreviation of a1b2c3d4/);
    assert.deepEqual(syncCommands(state()), ['alembic stamp --purge a1b2c3d4', 'alembic upgrade head']);
  });

  it('asks for "stamp --purge" with the descendant when one row includes another', () => {
    project.sql(rows('a1', 'c3'));
    assert.equal(state().state, 'current');
    assert.match(messages(), /both a1 and c3, although c3 includes it/);
    assert.deepEqual(syncCommands(state()), ['alembic stamp --purge c3']);
  });
});
