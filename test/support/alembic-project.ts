// Small Alembic projects on the real disk, for the tests of the migrations.
import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProjectFolder } from '../../src/engine/migrations/tool';

export interface AlembicProject {
  readonly root: string;
  readonly database: string;
  /** A new object, so that everything is read again. */
  folder(): ProjectFolder;
  write(path: string, content: string): string;
  sql(statements: string): void;
  remove(): void;
}

export function emptyProject(): AlembicProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pats-migrations-')));
  const database = join(root, 'app.db');
  return {
    root,
    database,
    folder: () => ({ root, database }),
    write: (path, content) => {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    sql: (statements) => {
      const db = new Database(database);
      db.exec(statements);
      db.close();
    },
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** With alembic.ini, env.py and a file for each revision: `a1: 'base'` or `b2: 'a1'` or `c3: ['a1', 'b2']`. */
export function alembicProject(revisions: Readonly<Record<string, string | readonly string[]>> = {}): AlembicProject {
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
