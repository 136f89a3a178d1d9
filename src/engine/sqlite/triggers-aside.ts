// A private copy of a database without its triggers, for as long as rows are put into it that were there before.
import { openDatabase, type Connection } from './connection';

export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly rootpage: number | bigint;
  readonly sql: string;
}

/** Takes the triggers out of the schema of a file that nobody else has open, and returns them. */
export function takeTriggersOut(file: string): SchemaRow[] {
  return withSchema(file, (db) => {
    const triggers = db.prepare<[], SchemaRow>(
      "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
    );
    const rows = triggers.all();
    db.exec("DELETE FROM sqlite_schema WHERE type = 'trigger'");
    return rows;
  });
}

/** Puts triggers in, with their own text: none of them is run or compiled. */
export function putTriggersIn(file: string, triggers: readonly SchemaRow[]): void {
  withSchema(file, (db) => {
    const insert = db.prepare('INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)');
    for (const { type, name, tbl_name: table, rootpage, sql } of triggers) {
      insert.run(type, name, table, rootpage, sql);
    }
  });
}

/** A connection of its own: the next one reads the schema anew. */
function withSchema<T>(file: string, use: (db: Connection) => T): T {
  const db = openDatabase(file);
  try {
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    // Each statement of its own would wait for the disk, of which a copy has no need.
    db.pragma('synchronous = OFF');
    return db.transaction(() => use(db))();
  } finally {
    db.close();
  }
}
