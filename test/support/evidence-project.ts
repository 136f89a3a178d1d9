// A small project of files and SQLite databases, for what discovery has to find out without settings.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

export interface EvidenceProject {
  readonly root: string;
  write(path: string, text?: string): string;
  /** A database with a table of its own, and what else these statements make. */
  database(path: string, ...sql: string[]): string;
  /** Two migrations of Alembic, a1 and b2, with this env.py. */
  alembic(folder?: string, env?: string, url?: string): void;
  remove(): void;
}

export const atRevision = (revision: string): string =>
  `CREATE TABLE alembic_version(version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES('${revision}')`;

export const djangoRows = (...names: string[]): string =>
  `CREATE TABLE django_migrations(id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT);${names
    .map((name) => `INSERT INTO django_migrations(app, name) VALUES('${name.split('.').join("', '")}');`)
    .join('')}`;

const RUN = 'from alembic import context\ncontext.configure(url=url)\ncontext.run_migrations()\n';
/** Only running the project could tell the URL. */
export const COMPUTED = `from elsewhere import secret\nurl = secret.find()\n${RUN}`;
export const fromEnvironment = (name: string): string => `import os\nurl = os.environ["${name}"]\n${RUN}`;

export function evidenceProject(): EvidenceProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pats-evidence-')));
  const write = (path: string, text = ''): string => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  return {
    root,
    write,
    database(path, ...sql) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      const db = new Database(file);
      db.exec(['CREATE TABLE t(x); INSERT INTO t VALUES(1)', ...sql].join(';'));
      db.close();
      return file;
    },
    alembic(folder = '.', env = COMPUTED, url = 'driver://user:pass@localhost/dbname') {
      write(`${folder}/alembic.ini`, `[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = ${url}\n`);
      write(`${folder}/alembic/env.py`, env);
      write(`${folder}/alembic/versions/a1_x.py`, 'revision = "a1"\ndown_revision = None\n');
      write(`${folder}/alembic/versions/b2_x.py`, 'revision = "b2"\ndown_revision = "a1"\n');
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
