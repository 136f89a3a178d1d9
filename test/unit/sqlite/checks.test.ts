// What SQLite cannot check as a whole is checked table by table, as far as that ends soon, and what was left out is told.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readFileSync, writeFileSync } from 'node:fs';
import { checkDatabase } from '../../../src/engine/sqlite/checks';
import { openDatabase } from '../../../src/engine/sqlite/connection';
import { processorTime } from '../../support/processor-time';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

describe('a check of very many tables', () => {
  const folder = newForEachTest(() => newFolder('many'));
  /** Virtual tables whose own tables are missing: SQLite's check of the whole file ends at the first. */
  const withVirtual = (count: number, first: (db: Database.Database) => void): string => {
    const file = folder.at('a.db');
    const db = new Database(file);
    db.pragma('page_size = 512');
    first(db);
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    const add = db.prepare("INSERT INTO sqlite_schema VALUES ('table', ?, ?, 0, ?)");
    db.transaction(() => {
      for (let n = 0; n < count; n++) {
        add.run(`v${n}`, `v${n}`, `CREATE VIRTUAL TABLE v${n} USING fts5(a)`);
      }
    })();
    db.close();
    return file;
  };

  it('ends soon, and says that not all were checked', () => {
    const file = withVirtual(1900, (db) => db.exec('CREATE TABLE t (a)'));
    const took = processorTime();
    const { problems, warnings } = checkDatabase(file, 'deep');
    assert.ok(took() < 1000, `${took()} ms`);
    assert.deepEqual(problems, []);
    assert.match(warnings.join('\n'), /^Only 250 of the 1901 tables were checked one by one/);
  });

  it('finds damage in a table that comes after them', () => {
    const file = withVirtual(300, () => undefined);
    const db = new Database(file);
    db.exec("CREATE TABLE t (a); INSERT INTO t VALUES ('kept')");
    const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 't'").pluck().get());
    db.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, (page - 1) * 512, page * 512);
    writeFileSync(file, bytes);
    assert.match(checkDatabase(file).problems.join('\n'), /^t: /);
  });

  it('does not let SQLite open again and again what takes it a second each time', () => {
    const file = withVirtual(6000, (db) => db.exec('CREATE TABLE t (a)'));
    const took = processorTime();
    const { problems } = checkDatabase(file);
    assert.ok(took() < 100, `${took()} ms`);
    assert.deepEqual(problems, ['most of its 6000 virtual tables lack the tables that they need']);
    assert.throws(() => openDatabase(file), { code: 'DATABASE_DAMAGED' });
  });

  it('opens a database of as many that keep their tables', () => {
    const file = withVirtual(2500, (db) => {
      db.exec('CREATE TABLE t (a)');
      db.prepare('INSERT INTO t VALUES (zeroblob(3000000))').run();
    });
    openDatabase(file).close();
  });
});
