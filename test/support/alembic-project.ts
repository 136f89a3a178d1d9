// Small Alembic projects on the real disk, for the tests of the migrations.
import { emptyProject, type MigrationsProject } from './migrations-project';

/** With alembic.ini, env.py and a file for each revision: `a1: 'base'` or `b2: 'a1'` or `c3: ['a1', 'b2']`. */
export function alembicProject(revisions: Readonly<Record<string, string | readonly string[]>> = {}): MigrationsProject {
  const project = emptyProject();
  project.write('alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///app.db\n');
  project.write('alembic/env.py', 'from alembic import context\n');
  for (const [revision, parents] of Object.entries(revisions)) {
    project.write(`alembic/versions/${revision}.py`, migration(revision, parents));
  }
  return project;
}

export function migration(revision: string, parents: string | readonly string[], more = ''): string {
  const down = parents === 'base' ? 'None' : JSON.stringify(parents);
  return `"""change ${revision}"""\nrevision = '${revision}'\ndown_revision = ${down}\n${more}\n`;
}

export const rows = (...revisions: string[]): string =>
  `CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY); DELETE FROM alembic_version;` +
  revisions.map((revision) => `INSERT INTO alembic_version VALUES ('${revision}');`).join('');
