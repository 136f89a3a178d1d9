// The application whose data is protected: it commits rows and saves uploads, and knows what was acknowledged.
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PatsProject } from './pats-project';

const TABLE = 'CREATE TABLE IF NOT EXISTS acknowledged (id INTEGER PRIMARY KEY, word TEXT NOT NULL)';

export class Application {
  private readonly rows: string[] = [];
  private readonly uploads: string[] = [];

  constructor(private readonly project: PatsProject) {}

  /** Commits one row; what SQLite refuses was never acknowledged. */
  commit(word: string): void {
    let db: Database.Database | undefined;
    try {
      db = new Database(this.project.database, { fileMustExist: true, timeout: 2000 });
      db.exec(TABLE);
      db.prepare('INSERT INTO acknowledged (word) VALUES (?)').run(word);
      this.rows.push(word);
    } catch (error) {
      // An application that finds its database locked or gone tells its user so.
      if (!(error instanceof Error)) {
        throw error;
      }
    } finally {
      db?.close();
    }
  }

  /** Saves one upload whose content is its name. */
  save(name: string): void {
    mkdirSync(this.project.uploads, { recursive: true });
    writeFileSync(join(this.project.uploads, name), name);
    this.uploads.push(name);
  }

  /** Everything acknowledged that is neither in the live data nor in one of these complete backups. */
  lost(backups: readonly { readonly path: string }[]): string[] {
    const places = [
      { database: this.project.database, uploads: this.project.uploads },
      ...backups.map(({ path }) => ({ database: join(path, 'pats.db'), uploads: join(path, 'uploads') })),
    ];
    const words = new Set(places.flatMap(({ database }) => wordsIn(database)));
    const files = new Set(places.flatMap(({ uploads }) => filesIn(uploads)));
    return [...this.rows.filter((row) => !words.has(row)), ...this.uploads.filter((upload) => !files.has(upload))];
  }
}

function wordsIn(database: string): string[] {
  if (!existsSync(database)) {
    return [];
  }
  const db = new Database(database, { fileMustExist: true });
  try {
    const has = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'acknowledged'").pluck().get() === 1;
    return has ? db.prepare('SELECT word FROM acknowledged').pluck().all().map(String) : [];
  } finally {
    db.close();
  }
}

/** Names of files whose content is whole. */
function filesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.startsWith('saved-') && readFileSync(join(folder, name), 'utf8') === name);
}
