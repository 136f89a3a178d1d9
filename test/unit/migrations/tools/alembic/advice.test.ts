// The commands that are advised, run by real Alembic on real databases: they mend what they are advised for.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { readSchemaState, syncCommands } from '../../../../../src/engine/migrations/state/state';
import type { SchemaState } from '../../../../../src/engine/migrations/schema';
import { alembicProject, rows } from '../../../../support/alembic-project';
import type { MigrationsProject } from '../../../../support/migrations-project';
import { requireAlembic } from '../../../../support/real-alembic';

const ENV = `
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
`;

describe('What is advised, run by real Alembic,', function () {
  this.timeout(60_000);
  let project: MigrationsProject;
  before(requireAlembic);
  afterEach(() => {
    project.remove();
  });

  /** Each migration makes a table of its name. */
  function use(revisions: Readonly<Record<string, string | readonly string[]>>): void {
    project = alembicProject();
    project.write('alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///app.db\n');
    project.write('alembic/env.py', ENV);
    project.write(
      'alembic/script.py.mako',
      'revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\ndef upgrade():\n    pass\n',
    );
    for (const [revision, parents] of Object.entries(revisions)) {
      write(revision, parents, `    op.create_table("t_${revision}", sa.Column("id", sa.Integer()))`);
    }
  }
  function write(revision: string, parents: string | readonly string[], body: string): void {
    const down = parents === 'base' ? 'None' : JSON.stringify(parents);
    project.write(
      `alembic/versions/${revision}.py`,
      `from alembic import op\nimport sqlalchemy as sa\nrevision = "${revision}"\ndown_revision = ${down}\n\ndef upgrade():\n${body}\n\ndef downgrade():\n    pass\n`,
    );
  }
  const state = (): SchemaState => readSchemaState(project.folder());
  function run(command: string): number | null {
    return spawnSync(command, { cwd: project.root, shell: true, stdio: 'pipe' }).status;
  }
  function runAdvice(): void {
    for (const command of syncCommands(state())) {
      assert.equal(run(command), 0, command);
    }
  }
  const LINE = { a1b2c3: 'base', b2c3d4: 'a1b2c3', c3d4e5: 'b2c3d4' };

  it('makes an empty database current', () => {
    use(LINE);
    runAdvice();
    assert.equal(state().state, 'no-database');
    assert.equal(run(state().commands.apply ?? ''), 0);
    assert.equal(state().state, 'current');
  });

  it('makes a database that Alembic only touched current', () => {
    use(LINE);
    assert.equal(run('alembic current'), 0);
    assert.equal(state().state, 'never-migrated');
    runAdvice();
    assert.equal(state().state, 'current');
  });

  it('makes a database that is behind current', () => {
    use(LINE);
    assert.equal(run('alembic upgrade a1b2c3'), 0);
    assert.equal(state().state, 'behind');
    runAdvice();
    assert.deepEqual([state().state, state().revisions], ['current', ['c3d4e5']]);
  });

  it('mends an abbreviated row, which an upgrade would leave beside the new one', () => {
    use(LINE);
    assert.equal(run('alembic upgrade b2c3d4'), 0);
    project.sql("UPDATE alembic_version SET version_num = 'b2c3'");
    assert.deepEqual([state().state, state().pending.map(({ revision }) => revision)], ['behind', ['c3d4e5']]);
    runAdvice();
    assert.deepEqual([state().state, state().revisions, state().problems], ['current', ['c3d4e5'], []]);
  });

  it('mends overlapping rows, on which an upgrade fails', () => {
    use(LINE);
    assert.equal(run('alembic upgrade b2c3d4'), 0);
    project.sql("INSERT INTO alembic_version VALUES ('a1b2c3')");
    assert.notEqual(run('alembic upgrade head'), 0);
    runAdvice();
    assert.deepEqual([state().state, state().revisions, state().problems], ['current', ['c3d4e5'], []]);
  });

  it('applies the migrations of several heads, or merges them', () => {
    use({ ...LINE, d4e5f6: 'b2c3d4' });
    assert.equal(run('alembic upgrade c3d4e5'), 0);
    assert.notEqual(run('alembic upgrade head'), 0);
    assert.equal(state().state, 'several-heads');
    runAdvice();
    assert.deepEqual([...state().revisions].sort(), ['c3d4e5', 'd4e5f6']);
    assert.equal(run(state().commands.mark ?? ''), 0);
    assert.equal(state().state, 'behind');
    runAdvice();
    assert.equal(state().state, 'current');
  });

  it('is nothing for an unknown revision, where neither upgrade nor a plain stamp works', () => {
    use(LINE);
    project.sql(rows('ffffff'));
    assert.equal(state().state, 'unknown-revision');
    assert.deepEqual(syncCommands(state()), []);
    assert.notEqual(run('alembic upgrade head'), 0);
    assert.notEqual(run('alembic stamp c3d4e5'), 0);
  });

  it('warns of a migration that failed after it had created a table: applying it again fails', () => {
    use({ a1b2c3: 'base' });
    write('b2c3d4', 'a1b2c3', '    op.create_table(\n        "notes", sa.Column("id", sa.Integer()))\n    raise RuntimeError("half way")');
    assert.equal(run('alembic upgrade a1b2c3'), 0);
    assert.deepEqual(state().problems, []);
    assert.notEqual(run('alembic upgrade head'), 0);
    assert.equal(state().state, 'behind');
    assert.match(
      state().problems[0]?.message ?? '',
      /^Migration b2c3d4 creates the table "notes", which is already there: it stopped half way/,
    );
    assert.equal(state().problems[0]?.line, 7);
    write('b2c3d4', 'a1b2c3', '    op.drop_table("notes")\n    op.create_table("notes", sa.Column("id", sa.Integer()))');
    assert.deepEqual(state().problems, []);
  });

  it('is nothing for a batch migration that failed half way, and says what it left', () => {
    use({ a1b2c3: 'base' });
    write(
      'b2c3d4',
      'a1b2c3',
      '    op.add_column("t_a1b2c3", sa.Column("name", sa.Text()))\n    with op.batch_alter_table("t_a1b2c3") as batch:\n        batch.alter_column("name", nullable=False)',
    );
    assert.equal(run('alembic upgrade a1b2c3'), 0);
    project.sql('INSERT INTO t_a1b2c3 VALUES (1)');
    assert.notEqual(run('alembic upgrade head'), 0);
    assert.deepEqual([state().state, state().revisions], ['half-applied', ['a1b2c3']]);
    assert.match(state().halfApplied.join(), /left "_alembic_tmp_t_a1b2c3"/);
    assert.deepEqual(syncCommands(state()), []);
    const db = new Database(project.database, { readonly: true });
    assert.equal(db.prepare('SELECT count(*) FROM t_a1b2c3').pluck().get(), 1);
    db.close();
  });
});
