// A dump brings a database back as it was: types, bytes, rowids, schema and header.
import Database from 'better-sqlite3';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { compareDatabases } from '../../../../src/engine/sqlite/compare';
import { loadDump } from '../../../../src/engine/sqlite/dump/load';
import { writeDump } from '../../../../src/engine/sqlite/dump/write';
import { makeRandomDatabase } from '../../../support/random-database';
import { EVERYTHING, inFolder, makeDatabase } from '../../../support/sample-database';

async function roundTrip(path: (name: string) => string, before: string, compression?: 'gzip' | 'zstd'): Promise<Database.Database> {
  await writeDump(before, path('dump.sql'), { compression });
  const loaded = await loadDump(path('dump.sql'), path('after.db'));
  assert.deepEqual(compareDatabases(before, path('after.db')), []);
  assert.equal(loaded.completeness, 'trailer');
  assert.deepEqual(loaded.warnings, []);
  return new Database(path('after.db'), { readonly: true });
}

describe('a dump and its load', function () {
  this.timeout(60_000);

  for (const compression of [undefined, 'gzip', 'zstd'] as const) {
    it(`bring back everything a database holds (${compression ?? 'plain'})`, () =>
      inFolder(async (path) => {
        const db = await roundTrip(path, makeDatabase(path('before.db'), EVERYTHING), compression);
        assert.equal(db.pragma('user_version', { simple: true }), 77);
        assert.equal(db.pragma('application_id', { simple: true }), -5);
        assert.equal(db.pragma('page_size', { simple: true }), 1024);
        assert.equal(db.pragma('auto_vacuum', { simple: true }), 2);
        assert.equal(db.pragma('journal_mode', { simple: true }), 'delete');
        assert.deepEqual(db.prepare('SELECT seq FROM sqlite_sequence').pluck().all(), [12]);
        assert.deepEqual(db.prepare("SELECT title FROM words WHERE words MATCH 'world'").pluck().all(), ['hello']);
        assert.deepEqual(db.prepare("SELECT rowid FROM texts_index WHERE texts_index MATCH 'comment'").pluck().all(), [1]);
        assert.deepEqual(db.prepare("SELECT a FROM old_words WHERE a MATCH 'bar'").pluck().all(), ['foo bar']);
        assert.deepEqual(db.prepare('SELECT id FROM boxes WHERE x0 > 0').pluck().all(), [1]);
        assert.ok(Number(db.prepare('SELECT count(*) FROM sqlite_stat1').pluck().get()) > 0);
        db.close();
        assert.deepEqual(readdirSync(dirname(path('x'))).sort(), ['after.db', 'before.db', 'dump.sql']);
      }));
  }

  it('bring back 120 random databases row for row', () =>
    inFolder(async (path) => {
      for (let seed = 1; seed <= 120; seed++) {
        const before = path(`${seed}.db`);
        makeRandomDatabase(before, seed);
        await writeDump(before, path(`${seed}.sql`));
        await loadDump(path(`${seed}.sql`), path(`${seed}.after.db`));
        assert.deepEqual(compareDatabases(before, path(`${seed}.after.db`)), [], `seed ${seed}`);
      }
    }));

  it('keep every bit of a double', () =>
    inFolder(async (path) => {
      const before = new Database(path('before.db'));
      before.exec('CREATE TABLE t(v); BEGIN');
      const insert = before.prepare('INSERT INTO t VALUES (?)');
      const bits = Buffer.alloc(8);
      for (let i = 0, state = 1n; i < 50_000; i++) {
        state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
        bits.writeBigUInt64LE(state);
        insert.run(i % 2 === 0 ? bits.readDoubleLE() : Number(state) / 2 ** 64);
      }
      before.exec('COMMIT');
      before.close();
      (await roundTrip(path, path('before.db'))).close();
    }));

  it('keep text that is not valid UTF-8, and UTF-16 databases with half a surrogate pair', () =>
    inFolder(async (path) => {
      for (const encoding of ['UTF-8', 'UTF-16le', 'UTF-16be']) {
        const before = makeDatabase(
          path(`${encoding}.db`),
          `PRAGMA encoding = '${encoding}'; CREATE TABLE t(a); INSERT INTO t VALUES (CAST(x'fffe00d8' AS TEXT)), (CAST(x'0041d800' AS TEXT)), ('é'); CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w SELECT a, a FROM t`,
        );
        await writeDump(before, path(`${encoding}.sql`));
        await loadDump(path(`${encoding}.sql`), path(`${encoding}.after.db`));
        assert.deepEqual(compareDatabases(before, path(`${encoding}.after.db`)), []);
      }
    }));

  it('keep strings in double quotes in old schemas', () =>
    inFolder(async (path) => {
      const sql = 'CREATE TABLE t(a DEFAULT "x", b CHECK (b <> "no" AND b <> "never"))';
      const index = 'CREATE INDEX i ON t(a, b) WHERE b <> "un"';
      const before = makeDatabase(
        path('before.db'),
        'CREATE TABLE t(a, b); CREATE INDEX i ON t(a, b)',
        `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '${sql}' WHERE name = 't'; UPDATE sqlite_schema SET sql = '${index}' WHERE name = 'i'`,
      );
      makeDatabase(before, "INSERT INTO t(b) VALUES ('yes')");
      const db = await roundTrip(path, before);
      assert.deepEqual(db.prepare('SELECT a, b FROM t').raw().all(), [['x', 'yes']]);
      db.close();
    }));

  it('keep blobs and texts of many megabytes', () =>
    inFolder(async (path) => {
      const before = makeDatabase(
        path('before.db'),
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, randomblob(20000000), 'x'), (2, 1, replace(hex(zeroblob(500000)), '0', 'a''b')), (3, 'end', NULL)",
      );
      (await roundTrip(path, before)).close();
    }));

  it('hold one committed state while another connection writes', () =>
    inFolder(async (path) => {
      const before = makeDatabase(
        path('before.db'),
        'PRAGMA journal_mode = WAL; CREATE TABLE a(x); CREATE TABLE b(x); INSERT INTO a VALUES (randomblob(2000000)); INSERT INTO b VALUES (0)',
      );
      const writer = new Database(before);
      const target = new PassThrough({ highWaterMark: 1024 });
      const done = writeDump(before, target);
      target.once('readable', () => writer.exec('BEGIN; INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); COMMIT'));
      const text = (await buffer(target)).toString();
      assert.equal((await done).rows, 2);
      assert.match(text, /rows 2, sha256/);
      assert.equal(writer.prepare('SELECT count(*) FROM b').pluck().get(), 2);
      writer.close();
    }));

  it('never write over a file, and leave none behind when cancelled', () =>
    inFolder(async (path) => {
      const before = makeDatabase(path('before.db'), EVERYTHING);
      await assert.rejects(writeDump(before, before), { code: 'BACKUP_EXISTS' });
      const stop = new AbortController();
      const halfway = {
        signal: stop.signal,
        onProgress: () => {
          stop.abort();
        },
      };
      await assert.rejects(writeDump(before, path('cancelled.sql'), halfway), { code: 'CANCELLED' });
      assert.equal(existsSync(path('cancelled.sql')), false);
      await writeDump(before, path('dump.sql'));
      await assert.rejects(loadDump(path('dump.sql'), before), { code: 'BACKUP_EXISTS' });
      await assert.rejects(loadDump(path('dump.sql'), path('cancelled.db'), { ...halfway, signal: AbortSignal.abort() }), {
        code: 'CANCELLED',
      });
      assert.equal(existsSync(path('cancelled.db')), false);
      assert.ok(readFileSync(before).length > 0);
    }));

  it('count foreign keys that point nowhere, and keep them', () =>
    inFolder(async (path) => {
      const before = makeDatabase(
        path('before.db'),
        'PRAGMA foreign_keys = OFF; CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p(id)); INSERT INTO c VALUES (1), (2)',
      );
      await writeDump(before, path('dump.sql'));
      assert.equal((await loadDump(path('dump.sql'), path('after.db'))).foreignKeyViolations, 2);
    }));
});

describe('the comparison of two databases', () => {
  it('sees types, bytes, rowids, schema and header', () =>
    inFolder((path) => {
      const base = makeDatabase(path('base.db'), "CREATE TABLE t(a); INSERT INTO t VALUES (1), ('b')");
      const others = [
        'UPDATE t SET a = 1.0 WHERE a = 1',
        "UPDATE t SET a = x'62' WHERE a = 'b'",
        'UPDATE t SET rowid = 9 WHERE rowid = 2',
        'DELETE FROM t WHERE rowid = 2',
        'CREATE INDEX i ON t(a)',
        'PRAGMA user_version = 1',
      ];
      others.forEach((change, at) => {
        const other = makeDatabase(path(`${at}.db`), "CREATE TABLE t(a); INSERT INTO t VALUES (1), ('b')", change);
        assert.equal(compareDatabases(base, other).length, 1, change);
      });
    }));

  it('sees what SQLite takes for equal', () =>
    inFolder((path) => {
      const schema = 'CREATE TABLE t(id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, v, r REAL, k NUMERIC, g AS (v) STORED);';
      const rows = "INSERT INTO t(id, n, v, r, k) VALUES (1, 'a', 0.0, 1.5, 1), (2, 'b', 1, 0.0, 2.5)";
      const base = makeDatabase(path('base.db'), schema, rows);
      assert.deepEqual(compareDatabases(base, makeDatabase(path('same.db'), schema, rows)), []);
      const changes = [
        "UPDATE t SET n = 'A' WHERE id = 1",
        "UPDATE t SET n = 'a' || char(0) WHERE id = 1",
        "UPDATE t SET n = CAST(x'61ff' AS TEXT) WHERE id = 1",
        'UPDATE t SET v = -0.0 WHERE id = 1',
        'UPDATE t SET v = 0 WHERE id = 1',
        "UPDATE t SET v = '1' WHERE id = 2",
        'UPDATE t SET v = NULL WHERE id = 2',
        "UPDATE t SET k = x'31' WHERE id = 1",
        'UPDATE t SET id = 3 WHERE id = 2',
        'DELETE FROM t WHERE id = 2',
        "INSERT INTO t(id, n) VALUES (9, 'c')",
      ];
      changes.forEach((change, at) => {
        const other = makeDatabase(path(`${at}.db`), schema, rows, change);
        for (const pair of [[base, other] as const, [other, base] as const]) {
          assert.equal(compareDatabases(...pair).length, 1, change);
        }
      });
    }));
});
