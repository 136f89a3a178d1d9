// Rows name files: where no configuration leads to the migrations, the folder that holds what the table names is theirs.
import assert from 'node:assert/strict';
import { evidenceProject, atRevision, type EvidenceProject } from '../../../support/evidence-project';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import type { SchemaState } from '../../../../src/engine/migrations/schema';

const revision = (id: string, down: string | null): string =>
  `revision = "${id}"\ndown_revision = ${down === null ? 'None' : `"${down}"`}\n`;

describe('Migrations that only the rows of the database lead to', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  const stateOf = (...sql: string[]): SchemaState => readSchemaState({ root: project.root, database: project.database('app.db', ...sql) });

  it('are those of Alembic in folders below that of the versions, which no configuration names', () => {
    project.alembic();
    project.write('alembic/versions/2024.1/expand/c3_x.py', revision('c3', 'b2'));
    project.write('alembic/versions/2024.2/d4_x.py', revision('d4', 'c3'));
    const { state, pending } = stateOf(atRevision('c3'));
    assert.deepEqual([state, pending.map((each) => each.revision)], ['behind', ['d4']]);
  });

  it('are those of Alembic in a folder that only the code of the application names', () => {
    project.write('alembic.ini', '[alembic]\nscript_location = %(here)s/alembic\n');
    project.write('alembic/env.py', 'from alembic import context\n');
    project.write('shop/steps/a1_x.py', revision('a1', null));
    project.write('shop/steps/b2_x.py', revision('b2', 'a1'));
    const { state, heads } = stateOf(atRevision('b2'));
    assert.deepEqual([state, heads], ['current', ['b2']]);
  });

  it('are those of Knex in the folder that holds most of the names', () => {
    project.write('package.json', '{"dependencies":{"knex":"3","sqlite3":"5"}}');
    project.write('server/index.js', 'knex(options).migrate.latest({ directory: folderOfSteps() });\n');
    for (const name of ['store/steps/001_a.js', 'store/steps/002_b.js', 'store/steps/003_c.js', 'old/001_a.js']) {
      project.write(name, 'exports.up = async () => {};\nexports.down = async () => {};\n');
    }
    const { state, pending } = stateOf(
      'CREATE TABLE knex_migrations(id INTEGER PRIMARY KEY, name TEXT, batch INTEGER, migration_time TEXT)',
      "INSERT INTO knex_migrations(name, batch) VALUES('001_a.js', 1), ('002_b.js', 1)",
    );
    assert.deepEqual([state, pending.map((each) => each.revision)], ['behind', ['003_c.js']]);
  });
});
