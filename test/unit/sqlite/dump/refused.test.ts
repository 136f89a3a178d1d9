// What no dump may do is refused with its line, and what is broken is told apart from what is truncated.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { BackupError } from '../../../../src/engine/errors';
import { loadDump } from '../../../../src/engine/sqlite/dump/load';
import { writeDump } from '../../../../src/engine/sqlite/dump/write';
import { EVERYTHING, inFolder, makeDatabase } from '../../../support/sample-database';

async function failure(path: (name: string) => string, dump: string | Buffer): Promise<BackupError> {
  writeFileSync(path('dump.sql'), dump);
  try {
    await loadDump(path('dump.sql'), path('after.db'));
  } catch (error) {
    assert.ok(error instanceof BackupError, String(error));
    assert.deepEqual(
      readdirSync(dirname(path('x'))).filter((name) => name.startsWith('after')),
      [],
      'the staged file is removed',
    );
    return error;
  }
  assert.fail('the dump was accepted');
}

const REFUSED = [
  "ATTACH 'FILE' AS other",
  "/* x */ attach database 'FILE' as other",
  'DETACH main',
  'VACUUM',
  "VACUUM INTO 'FILE'",
  "SELECT load_extension('FILE')",
  "INSERT INTO t VALUES (load_extension('FILE'))",
  'INSERT INTO t VALUES ("load_extension"(\'FILE\'))',
  "INSERT INTO t VALUES (writefile('FILE', 'x'))",
  "INSERT INTO t VALUES (readfile('/etc/passwd'))",
  "INSERT INTO t VALUES (edit('x', 'FILE'))",
  'INSERT INTO t SELECT 1',
  'INSERT INTO t VALUES ((SELECT 1))',
  'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
  'INSERT INTO temp.t VALUES (1)',
  'INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1',
  'INSERT INTO t VALUES (1) RETURNING a',
  'UPDATE t SET a = 1',
  'DELETE FROM t',
  "UPDATE sqlite_schema SET sql = 'x'",
  'DELETE FROM sqlite_master',
  'DELETE FROM sqlite_sequence WHERE seq IN (SELECT 1)',
  'DROP TABLE t',
  'ALTER TABLE t RENAME TO u',
  'PRAGMA journal_mode = WAL',
  "PRAGMA temp_store_directory = '/tmp'",
  "PRAGMA data_store_directory = '/tmp'",
  'PRAGMA mmap_size = 1',
  'PRAGMA trusted_schema = ON',
  "PRAGMA encoding = 'UTF-16'",
  'PRAGMA other.user_version = 1',
  'CREATE TEMP TABLE x(a)',
  'CREATE TABLE temp.x(a)',
  'CREATE TABLE x AS SELECT 1',
  "CREATE VIRTUAL TABLE x USING csv(filename='/etc/passwd')",
  'CREATE VIRTUAL TABLE x USING dbstat',
  "CREATE VIEW x AS SELECT load_extension('FILE')",
  "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT writefile('FILE', 'x'); END",
  "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('trigger','x','t',0,'CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END')",
  "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table','x','x',2,'CREATE VIRTUAL TABLE x USING fts5(a)')",
  "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table','x','x',0,'CREATE TABLE x(a)')",
  "INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql) VALUES('table','x','x',0,'CREATE VIRTUAL TABLE x USING csv(a)')",
  'INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)',
  'ROLLBACK',
  'SAVEPOINT x',
  'EXPLAIN SELECT 1',
  'REINDEX',
  '.shell touch FILE',
  '.read FILE',
  '.open FILE',
];

describe('a dump that reaches outside', () => {
  for (const statement of REFUSED) {
    it(`is refused with its line: ${statement}`, () =>
      inFolder(async (path) => {
        const outside = path('outside');
        const error = await failure(
          path,
          `BEGIN;\nCREATE TABLE t(a, "ATTACH" DEFAULT 'ATTACH;\n');\n\n-- a comment;\n${statement.replaceAll('FILE', outside)};\nCOMMIT;\n`,
        );
        assert.equal(error.code, 'DUMP_REFUSED', error.message);
        assert.match(error.message, /^Line 6 of the dump is refused: /);
        assert.equal(existsSync(outside), false);
      }));
  }

  it('is not mistaken for one that only speaks of it', () =>
    inFolder(async (path) => {
      const sql =
        "BEGIN; CREATE TABLE edit(attach, \"vacuum;\", [pragma;], `x;`); INSERT INTO edit(attach) VALUES ('ATTACH ''x''; .shell'); CREATE INDEX e ON edit(attach); CREATE VIEW readfile(a) AS SELECT 1 /* ATTACH ; */; COMMIT;";
      writeFileSync(path('dump.sql'), sql);
      assert.equal((await loadDump(path('dump.sql'), path('after.db'))).rows, 1);
    }));
});

const PACKINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text),
  zstd: (text) => zstdCompressSync(text),
  'zstd with a checksum': (text) => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
};

describe('a dump that is not whole', function () {
  this.timeout(30_000);

  it('is told at every place where ours may end', () =>
    inFolder(async (path) => {
      await writeDump(makeDatabase(path('before.db'), EVERYTHING), path('whole.sql'));
      const whole = readFileSync(path('whole.sql'));
      for (let end = 0; end < whole.length; end += end < whole.length - 300 ? 61 : 1) {
        const error = await failure(path, whole.subarray(0, end));
        assert.ok(['DUMP_TRUNCATED', 'DUMP_INVALID'].includes(error.code), `${end}: ${error.code} ${error.message}`);
        assert.ok(end < 30 || error.code === 'DUMP_TRUNCATED', `${end}: ${error.message}`);
      }
    }));

  it('is told at many places of a compressed one', () =>
    inFolder(async (path) => {
      for (const compression of ['gzip', 'zstd'] as const) {
        await writeDump(makeDatabase(path(`${compression}.db`), EVERYTHING), path(compression), { compression });
        const whole = readFileSync(path(compression));
        for (let end = 1; end < whole.length; end += end < whole.length - 20 ? 97 : 1) {
          const error = await failure(path, whole.subarray(0, end));
          assert.ok(['DUMP_TRUNCATED', 'DUMP_INVALID'].includes(error.code), `${compression} ${end}: ${error.code}`);
        }
      }
    }));

  it('is told when anything follows the end of a compressed one, or one of its last bytes is missing', () =>
    inFolder(async (path) => {
      const text = `CREATE TABLE t(a);\nINSERT INTO t VALUES ('${randomBytes(100_000).toString('hex')}');\n`;
      for (const [name, pack] of Object.entries(PACKINGS)) {
        const whole = pack(text);
        assert.ok(whole.length > 64 * 1024);
        for (const extra of ['\0', '\0'.repeat(200_000), 'garbage', text, whole.toString('latin1', 0, 3)]) {
          const error = await failure(path, Buffer.concat([whole, Buffer.from(extra, 'latin1')]));
          assert.ok(['DUMP_TRUNCATED', 'DUMP_INVALID'].includes(error.code), `${name} and ${extra.length} bytes: ${error.code}`);
        }
        for (let lost = 1; lost < 12; lost++) {
          assert.equal((await failure(path, whole.subarray(0, -lost))).code, 'DUMP_TRUNCATED', `${name} without ${lost}`);
        }
      }
    }));

  it('is not said of several compressed pieces in one file, wherever they meet', () =>
    inFolder(async (path) => {
      const [first, second] = [`CREATE TABLE t(a);\nINSERT INTO t VALUES ('${'x'.repeat(9000)}`, "');\nINSERT INTO t VALUES (2);\n"];
      // One of them ends where what is read at once does.
      const stored = (length: number): Buffer => gzipSync(`-- ${'x'.repeat(length)}\n${first}`, { level: 0 });
      const overhead = stored(50_000).length - 50_000;
      const files = [
        ...Object.values(PACKINGS).map((pack) => [pack(first), pack(second)]),
        [stored(64 * 1024 - overhead), gzipSync(second)],
      ];
      assert.equal(files.at(-1)?.[0]?.length, 64 * 1024);
      for (const [index, pieces] of files.entries()) {
        writeFileSync(path(`${index}`), Buffer.concat(pieces));
        assert.equal((await loadDump(path(`${index}`), path(`${index}.db`))).rows, 2);
      }
    }));

  it('is told for dumps of others by the COMMIT that is missing', () =>
    inFolder(async (path) => {
      const whole = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\nINSERT INTO t VALUES('a;b');\nCOMMIT;";
      for (let end = 46; end < whole.length; end++) {
        assert.equal((await failure(path, whole.slice(0, end))).code, 'DUMP_TRUNCATED', whole.slice(0, end));
      }
    }));

  it('names the line of a string or comment that is not closed', () =>
    inFolder(async (path) => {
      assert.match((await failure(path, "CREATE TABLE t(a);\n\nINSERT INTO t VALUES ('x;\n\n")).message, /^Line 3 .*not closed/);
      assert.match((await failure(path, 'CREATE TABLE t(a);\n/* never\nclosed')).message, /^Line 2 .*not closed/);
      assert.match((await failure(path, 'CREATE TABLE t(a);\nINSERT INTO t VALUES (1)')).message, /^Line 2 .*no end/);
    }));

  it('is told when a byte of ours changed', () =>
    inFolder(async (path) => {
      await writeDump(makeDatabase(path('before.db'), "CREATE TABLE t(a); INSERT INTO t VALUES ('value')"), path('whole.sql'));
      const error = await failure(path, readFileSync(path('whole.sql'), 'utf8').replace('value', 'valve'));
      assert.equal(error.code, 'DUMP_INVALID');
      assert.match(error.message, /checksum/);
    }));
});

describe('a file that is no dump', () => {
  const files: [string, string | Buffer, RegExp][] = [
    ['empty', '', /empty/],
    ['a byte order mark only', '\ufeff', /no table/],
    ['a compressed nothing', gzipSync(''), /no table/],
    ['comments only', '-- nothing\n/* here */', /no table/],
    ['UTF-16 with a mark', Buffer.from('\ufeffCREATE TABLE t(a);', 'utf16le'), /UTF-16/],
    ['UTF-16 without one', Buffer.from('CREATE TABLE t(a);', 'utf16le'), /NUL character/],
    ['not UTF-8', Buffer.from("CREATE TABLE t(a);INSERT INTO t VALUES('\xff');", 'latin1'), /not UTF-8/],
    ['a zip archive', 'PK\x03\x04...', /zip archive/],
    ['wrong SQL', 'CREATE TABLE t(a);\nINSERT INTO t VALUES (1, 2);', /^Line 2 .*1 columns/],
    ['a broken gzip', Buffer.concat([gzipSync('x'.repeat(1000)).subarray(0, 12), Buffer.from('rubbish rubbish')]), /damaged|too early/],
    [
      'a broken zstd',
      Buffer.concat([zstdCompressSync('x'.repeat(1000)).subarray(0, 6), Buffer.from('rubbish rubbish')]),
      /damaged|too early/,
    ],
  ];
  for (const [name, content, message] of files) {
    it(`is refused: ${name}`, () =>
      inFolder(async (path) => {
        const error = await failure(path, content);
        assert.equal(error.code === 'DUMP_INVALID' || error.code === 'DUMP_TRUNCATED', true, error.code);
        assert.match(error.message, message);
      }));
  }

  it('is refused: a database, and nothing at all', () =>
    inFolder(async (path) => {
      const database = readFileSync(makeDatabase(path('before.db'), 'CREATE TABLE t(a)'));
      assert.match((await failure(path, database)).message, /SQLite database, not/);
      await assert.rejects(loadDump(path('missing.sql'), path('after.db')), { code: 'BACKUP_NOT_FOUND' });
      assert.equal(existsSync(path('after.db')), false);
    }));
});
