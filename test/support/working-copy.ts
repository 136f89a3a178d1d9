// A working copy of the example on disk: made, looked at from outside, and broken as a user would break it.
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { newFolder } from './folder';
import { execute } from './sqlite';

/** Every row of every table, and every uploaded file's hash. */
export interface Content {
  readonly rows: Readonly<Record<string, unknown[]>>;
  readonly uploads: Readonly<Record<string, string>>;
}

/** The fields of a manifest that a user's deeds change. */
export interface Metadata {
  readonly created_at: string;
  readonly pinned?: boolean;
  readonly trigger?: string;
}

export class WorkingCopy {
  readonly folder: string;
  private readonly place = newFolder('e2e');

  constructor(name = 'pats') {
    this.folder = join(this.home, name);
    execFileSync(process.execPath, [join(root, 'examples/pats/build.mjs'), this.folder], { stdio: 'ignore' });
  }

  /** The folder around it, which may be a user's home. */
  get home(): string {
    return this.place.path;
  }

  get database(): string {
    return join(this.folder, 'backend/data/pats.db');
  }

  get uploads(): string {
    return join(this.folder, 'backend/uploads');
  }

  get backups(): string {
    return join(this.folder, 'backups');
  }

  /** What the application would find now. */
  content(): Content {
    return { rows: rowsOf(this.database), uploads: hashesOf(this.uploads) };
  }

  /** Loses rows, tables and files, and changes others. */
  wreck(): void {
    execute(
      this.database,
      `DELETE FROM interviews; DELETE FROM reminders; DROP TABLE application_tags;
       UPDATE applications SET title = 'oops'; INSERT INTO companies (name, website) VALUES ('Nobody', 'https://nobody.example');`,
    );
    rmSync(join(this.uploads, '2'), { recursive: true });
    appendFileSync(join(this.uploads, '1/cover-letter.txt'), 'overwritten');
  }

  /** Changes the data a little, as the application would. */
  addCompany(name = 'Since'): void {
    execute(this.database, `INSERT INTO companies (name) VALUES ('${name}')`);
  }

  /** Runs the built command line in it. */
  commandLine(...args: string[]): void {
    execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd: this.folder, stdio: 'ignore' });
  }

  /** Its settings are these, and no others. */
  setting(settings: Readonly<Record<string, unknown>>): void {
    mkdirSync(join(this.folder, '.vscode'), { recursive: true });
    writeFileSync(join(this.folder, '.vscode/settings.json'), JSON.stringify(settings));
  }

  metadataFile(backup: string): string {
    return join(this.backups, backup, 'backup_metadata.json');
  }

  metadata(backup: string): Metadata {
    return JSON.parse(readFileSync(this.metadataFile(backup), 'utf8')) as Metadata;
  }

  /** Names of the folders in the backups folder, hidden ones left out. */
  backupNames(): string[] {
    return readdirSync(this.backups, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  }

  remove(): void {
    this.place.remove();
  }
}

/** Every row of every table of a SQLite file. */
function rowsOf(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true });
  try {
    const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(tables.map(({ name }) => [name, db.prepare(`SELECT rowid, * FROM "${name}" ORDER BY rowid`).all()]));
  } finally {
    db.close();
  }
}

/** The hash of every file below a folder, by its path in it. */
export function hashesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), sha256(path)]));
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
