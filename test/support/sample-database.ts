// Databases for the tests of dumps, and a folder for each test.
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder, hands it to `use`, and removes it. */
export async function inFolder(use: (path: (name: string) => string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pats-dump-'));
  try {
    await use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function makeDatabase(file: string, ...statements: string[]): string {
  const db = new Database(file);
  db.unsafeMode(true);
  for (const sql of statements) {
    db.exec(sql);
  }
  db.close();
  return file;
}

/** Everything a database may hold that every SQLite since 3.40 knows; `text` holds bytes that are UTF-8. */
export const EVERYTHING = `
  PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2;
  CREATE TABLE numbers(any, real REAL, id INTEGER PRIMARY KEY AUTOINCREMENT);
  INSERT INTO numbers VALUES (1, 1, 1), (1.0, 0.1 + 0.2, 5), (9223372036854775807, 5e-324, 7), (-9223372036854775808, 1.7976931348623157e308, 9), (9e999, -9e999, 10), (NULL, NULL, 11), (9007199254740993, -0.0, 12);
  DELETE FROM numbers WHERE id = 12;
  CREATE TABLE texts(id INTEGER PRIMARY KEY, text TEXT COLLATE NOCASE, blob BLOB);
  INSERT INTO texts VALUES (1, 'it''s; -- no comment', x'00ff'), (2, CAST(x'610062' AS TEXT), x''), (3, 'a' || char(13, 10) || 'b\\r' || char(13), NULL), (4, char(0xfffd, 0x1f600, 9, 1), zeroblob(5)), (5, '', NULL);
  CREATE TABLE "we;ird ""na'me"("a b" UNIQUE, "c""d" AS ("a b" || '!') STORED, e AS (length("a b")), CHECK ("a b" <> ';'));
  INSERT INTO "we;ird ""na'me"(rowid, "a b") VALUES (17, 'x'), (-4, 'y'), (99, NULL);
  CREATE TABLE pairs(a TEXT, b BLOB, c, PRIMARY KEY (b DESC, a)) WITHOUT ROWID;
  INSERT INTO pairs VALUES ('x', x'01', 1), (CAST(x'7800' AS TEXT), x'02', 1.0);
  CREATE TABLE strict(a INTEGER, b ANY) STRICT;
  INSERT INTO strict VALUES (1, '1'), (2, 2);
  CREATE TABLE hidden(rowid, oid TEXT); INSERT INTO hidden(_rowid_, rowid, oid) VALUES (8, 1, 'one');
  CREATE TABLE descending(id INTEGER PRIMARY KEY DESC, b); INSERT INTO descending VALUES (5, 'five');
  CREATE TABLE child(parent REFERENCES numbers(id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO child VALUES (1);
  CREATE VIRTUAL TABLE words USING fts5(title, body); INSERT INTO words VALUES ('hello', 'wide world'), ('bye', 'it''s over');
  CREATE VIRTUAL TABLE texts_index USING fts5(text, content='texts', content_rowid='id'); INSERT INTO texts_index(rowid, text) SELECT id, text FROM texts WHERE id < 2;
  CREATE VIRTUAL TABLE old_words USING fts4(a); INSERT INTO old_words VALUES ('foo bar');
  CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); INSERT INTO boxes VALUES (1, 2.5, 3.5), (2, -1, 4);
  CREATE INDEX by_text ON texts(text) WHERE id > 1; CREATE UNIQUE INDEX by_expression ON numbers(id, abs(id));
  CREATE VIEW shown AS SELECT n.id, t.text FROM numbers n JOIN texts t USING (id);
  CREATE TRIGGER on_text AFTER INSERT ON texts BEGIN UPDATE texts SET blob = CASE WHEN new.id THEN ';' ELSE 'end;' END WHERE id = 99; INSERT INTO texts_index(rowid, text) VALUES (new.id, new.text); END;
  CREATE TRIGGER on_view INSTEAD OF INSERT ON shown BEGIN SELECT 1; END;
  ANALYZE; PRAGMA user_version = 77; PRAGMA application_id = -5;`;
