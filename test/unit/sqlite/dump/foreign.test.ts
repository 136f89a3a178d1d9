// Dumps of the sqlite3 shell and of Python are read, and theirs reads ours.
import Database from 'better-sqlite3';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compareDatabases } from '../../../../src/engine/sqlite/compare';
import { loadDump } from '../../../../src/engine/sqlite/dump/load';
import { writeDump } from '../../../../src/engine/sqlite/dump/write';
import { makeRandomDatabase } from '../../../support/random-database';
import { EVERYTHING, inFolder, makeDatabase } from '../../../support/sample-database';

const MUCH = { maxBuffer: 2 ** 28 };
const ITERDUMP =
  'import sqlite3, sys\nfor line in sqlite3.connect(sys.argv[1]).iterdump(): sys.stdout.buffer.write((line + "\\n").encode())';
const EXECUTE = 'import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.executescript(open(sys.argv[2], newline="").read())\nd.close()';

/** A database without what the dumps of others lose: text with NUL, rowids, and the header. */
const PLAIN = `
  CREATE TABLE numbers(any, real REAL, id INTEGER PRIMARY KEY AUTOINCREMENT);
  INSERT INTO numbers VALUES (1, 1, 1), (1.0, 0.1 + 0.2, 5), (9223372036854775807, 5e-324, 7), (-9223372036854775808, 1.7976931348623157e308, 90);
  DELETE FROM numbers WHERE id = 90;
  CREATE TABLE texts(id INTEGER PRIMARY KEY, text TEXT, blob BLOB);
  INSERT INTO texts VALUES (1, 'it''s; -- no comment', x'00ff'), (2, 'a' || char(13, 10) || 'b\\r', NULL), (3, char(0x1f600, 9), x'');
  CREATE TABLE "we;ird ""na"("a b" PRIMARY KEY, c) WITHOUT ROWID; INSERT INTO "we;ird ""na" VALUES ('x', 1);
  CREATE TABLE strict(a INTEGER, b ANY) STRICT; INSERT INTO strict VALUES (1, '1'), (2, 2);
  CREATE INDEX i ON texts(text); CREATE VIEW v AS SELECT * FROM texts;
  CREATE TRIGGER t AFTER INSERT ON texts BEGIN UPDATE texts SET blob = CASE WHEN new.id THEN ';' ELSE 'end;' END; DELETE FROM strict; END;`;
const VIRTUAL = `
  CREATE VIRTUAL TABLE words USING fts5(title); INSERT INTO words VALUES ('hello'), ('it''s over');
  CREATE VIRTUAL TABLE old_words USING fts4(a); INSERT INTO old_words VALUES ('foo bar');
  CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); INSERT INTO boxes VALUES (1, 2.5, 3.5);`;

describe('the dumps of others', function () {
  this.timeout(60_000);

  it('of the sqlite3 shell are read, plain and compressed', () =>
    inFolder(async (path) => {
      const before = makeDatabase(path('before.db'), PLAIN, VIRTUAL, 'INSERT INTO numbers(real) VALUES (9e999), (-9e999); ANALYZE');
      const dump = execFileSync('sqlite3', [before, '.dump'], MUCH);
      const forms = { plain: dump, gzip: gzipSync(dump), zstd: zstdCompressSync(dump), bom: Buffer.concat([Buffer.from('\ufeff'), dump]) };
      for (const [form, bytes] of Object.entries(forms)) {
        writeFileSync(path(form), bytes);
        const loaded = await loadDump(path(form), path(`${form}.db`));
        assert.equal(loaded.completeness, 'commit');
        assert.deepEqual(compareDatabases(before, path(`${form}.db`)), [], form);
      }
      const after = new Database(path('plain.db'), { readonly: true });
      assert.deepEqual(after.prepare("SELECT a FROM old_words WHERE old_words MATCH 'bar'").pluck().all(), ['foo bar']);
      after.close();
    }));

  it("of Python's iterdump are read", () =>
    inFolder(async (path) => {
      for (const [name, sql] of Object.entries({ plain: PLAIN, virtual: VIRTUAL, analyzed: `${PLAIN} ANALYZE` })) {
        const before = makeDatabase(path(`${name}.db`), sql);
        writeFileSync(path(`${name}.sql`), execFileSync('python3', ['-c', ITERDUMP, before], MUCH));
        assert.equal((await loadDump(path(`${name}.sql`), path(`${name}.after.db`))).completeness, 'commit');
        assert.deepEqual(compareDatabases(before, path(`${name}.after.db`)), [], name);
      }
    }));

  it('may use unistr() and replace(), multi-row INSERTs and no transaction', () =>
    inFolder(async (path) => {
      const sql =
        "CREATE TABLE t(a,b);\nINSERT OR REPLACE INTO main.t(a,b) VALUES(unistr('a\\u0001b'),replace('x\\ny','\\n',char(10))),(1,-2.5e-3);\r\nREPLACE INTO t VALUES(CAST(X'6100' AS TEXT),TRUE);";
      writeFileSync(path('dump.sql'), sql);
      assert.deepEqual(await loadDump(path('dump.sql'), path('after.db')), {
        tables: 1,
        rows: 3,
        completeness: 'unknown',
        warnings: [],
        foreignKeyViolations: 0,
      });
      const after = new Database(path('after.db'), { readonly: true });
      assert.deepEqual(after.prepare('SELECT a, b FROM t').raw().all(), [
        ['a\u0001b', 'x\ny'],
        [1, -0.0025],
        ['a\0', 1],
      ]);
      after.close();
    }));

  it('never fire triggers while they are loaded, wherever the triggers stand', () =>
    inFolder(async (path) => {
      writeFileSync(
        path('dump.sql'),
        'CREATE TABLE t(a); CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END; INSERT INTO t VALUES (1);',
      );
      await loadDump(path('dump.sql'), path('after.db'));
      const after = new Database(path('after.db'), { readonly: true });
      assert.equal(after.prepare('SELECT count(*) FROM t').pluck().get(), 1);
      assert.equal(after.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").pluck().get(), 1);
      after.close();
    }));
});

describe('our dumps', function () {
  this.timeout(60_000);

  it('are loaded by the sqlite3 shell and by Python', () =>
    inFolder(async (path) => {
      const before = makeDatabase(path('before.db'), EVERYTHING);
      await writeDump(before, path('dump.sql'));
      execFileSync('sqlite3', ['-bail', path('shell.db')], { input: readFileSync(path('dump.sql')), ...MUCH });
      assert.deepEqual(compareDatabases(before, path('shell.db')), []);
      execFileSync('python3', ['-c', EXECUTE, path('python.db'), path('dump.sql')]);
      assert.deepEqual(compareDatabases(before, path('python.db')), []);
    }));

  it('of random databases are loaded by the sqlite3 shell row for row', () =>
    inFolder(async (path) => {
      for (let seed = 1001; seed <= 1030; seed++) {
        const before = path(`${seed}.db`);
        makeRandomDatabase(before, seed, { extremes: false });
        await writeDump(before, path(`${seed}.sql`));
        execFileSync('sqlite3', ['-bail', path(`${seed}.shell.db`)], { input: readFileSync(path(`${seed}.sql`)), ...MUCH });
        assert.deepEqual(compareDatabases(before, path(`${seed}.shell.db`)), [], `seed ${seed}`);
      }
    }));
});
