// A small project in the PATS layout on the real disk, for the tests of the engine.
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newFolder } from './folder';
import { git as gitIn } from './git';
import { execute } from './sqlite';

export { execute };

export interface PatsProject {
  readonly root: string;
  readonly database: string;
  readonly uploads: string;
  readonly backups: string;
  readonly remove: () => void;
}

export interface PatsOptions {
  readonly journalMode?: 'wal' | 'delete';
  readonly pageSize?: number;
  readonly revision?: string;
}

/** Makes a project with a seeded database and some uploads. */
export function makeProject(options: PatsOptions = {}): PatsProject {
  const { path: root, remove } = newFolder('test');
  const project = {
    root,
    database: join(root, 'backend/data/pats.db'),
    uploads: join(root, 'backend/uploads'),
    backups: join(root, 'backups'),
    remove,
  };
  mkdirSync(dirname(project.database), { recursive: true });
  seedDatabase(project.database, options);
  writeUpload(project, 'cv.pdf', '%PDF-1.7 a curriculum vitae');
  writeUpload(project, '2024/portrait.png', 'PNG bytes');
  writeUpload(project, '2024/Übersicht.txt', 'Überblick\n');
  writeUpload(project, 'empty.txt', '');
  return project;
}

export function seedDatabase(file: string, options: PatsOptions = {}): void {
  const db = new Database(file);
  db.pragma(`page_size = ${options.pageSize ?? 4096}`);
  db.pragma(`journal_mode = ${options.journalMode ?? 'wal'}`);
  db.exec(`
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('${options.revision ?? 'a1b2c3d4e5f6'}');
    CREATE TABLE companies (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE applications (id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES companies(id), title TEXT NOT NULL);
  `);
  const company = db.prepare('INSERT INTO companies (name) VALUES (?)');
  const application = db.prepare('INSERT INTO applications (company_id, title) VALUES (?, ?)');
  db.transaction(() => {
    for (let number = 1; number <= 50; number++) {
      company.run(`Company ${number}`);
      application.run(number, `Position ${number} ${'x'.repeat(200)}`);
    }
  })();
  db.pragma('user_version = 7');
  db.close();
}

export function writeUpload(project: PatsProject, path: string, content: string): void {
  const file = join(project.uploads, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Every row of every table, for comparison. Leaves nothing beside the file. */
export function rowsOf(file: string): Record<string, unknown[]> {
  const db = new Database(file);
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
    return Object.fromEntries(tables.map((table) => [String(table), db.prepare(`SELECT * FROM "${String(table)}" ORDER BY 1`).all()]));
  } finally {
    db.close();
  }
}

/** What lies below a folder, without records of verifications: path -> content hash, "folder" or "-> target". */
export function filesOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string): void => {
    for (const name of existsSync(join(folder, path)) ? readdirSync(join(folder, path)).sort() : []) {
      if (name === '.verification.json') {
        continue;
      }
      const way = path === '' ? name : `${path}/${name}`;
      const stats = lstatSync(join(folder, way));
      if (stats.isDirectory()) {
        found[way] = 'folder';
        walk(way);
      } else if (stats.isSymbolicLink()) {
        found[way] = `-> ${readlinkSync(join(folder, way))}`;
      } else if (stats.isFile()) {
        found[way] = createHash('sha256')
          .update(readFileSync(join(folder, way)))
          .digest('hex');
      } else {
        found[way] = 'special';
      }
    }
  };
  walk('');
  return found;
}

/** The whole state that a backup protects. */
export function stateOf(project: PatsProject): { readonly rows: unknown; readonly uploads: unknown } {
  return { rows: existsSync(project.database) ? rowsOf(project.database) : null, uploads: filesOf(project.uploads) };
}

/** Names in the backups folder that a user sees. */
export function visibleIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort()
    : [];
}

/** Everything in the backups folder but the lock: what an interrupted run might have left. */
export function hiddenIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('.') && name !== '.pats-backup.lock') : [];
}

/** Runs the real git in the project and gives what it printed. */
export function git(project: PatsProject, ...args: string[]): string {
  return gitIn(project.root, ...args);
}

/** What a bad migration and a careless afternoon leave of the data. */
export function wreck(project: PatsProject): void {
  execute(project.database, "DELETE FROM applications; DROP TABLE companies; UPDATE alembic_version SET version_num = 'ffffffffffff'");
  rmSync(join(project.uploads, '2024'), { recursive: true });
  writeUpload(project, 'cv.pdf', 'overwritten');
  writeUpload(project, 'new/later.txt', 'made after the backup');
}
