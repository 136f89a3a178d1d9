// Statements run on a SQLite file as another program would run them.
import Database from 'better-sqlite3';

/** Runs statements on a database file and closes it. */
export function execute(file: string, sql: string): void {
  const db = new Database(file);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}
