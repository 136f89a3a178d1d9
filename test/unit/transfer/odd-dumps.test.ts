// A dump brings back the same, or is refused; and dumps of the sqlite3 shell are read as all its versions write them.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { compareDatabases } from '../../../src/engine/sqlite/compare';
import { failsWith } from '../../support/failing';
import { makeProject, rowsOf, type PatsProject } from '../../support/pats-project';
import { makeRandomDatabase } from '../../support/random-database';
import { EVERYTHING, makeDatabase } from '../../support/sample-database';

const engine = createEngine();

describe('dumps of odd databases', () => {
  let project: PatsProject;
  let original: string;

  beforeEach(() => {
    project = makeProject({ journalMode: 'delete' });
    original = join(project.root, 'original.db');
  });

  afterEach(() => {
    project.remove();
  });

  async function roundTrip(edit: (dump: string) => void = () => undefined): Promise<void> {
    writeFileSync(project.database, readFileSync(original));
    const { file } = await engine.dump({ root: project.root, database: project.database }, {});
    edit(file);
    writeFileSync(project.database, readFileSync(makeDatabase(join(project.root, 'other.db'), 'CREATE TABLE IF NOT EXISTS other(a)')));
    await engine.restoreDump({ root: project.root, database: project.database }, { file });
    assert.deepEqual(compareDatabases(original, project.database), []);
  }

  const sound: Readonly<Record<string, string | (() => string)>> = {
    'everything there is': EVERYTHING,
    'line ends of Windows in the definition of a virtual table':
      "CREATE VIRTUAL TABLE docs USING fts5(\r\n title,\r\n body\r\n);\r\nINSERT INTO docs VALUES ('a', 'b\r\n')",
    'half a surrogate, and a whole one':
      "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, CAST(x'3DD84100420043004400' AS TEXT)), (2, CAST(x'00DC' AS TEXT)), (3, char(0x1f600) || 'é')",
    'a table of 2,000 columns': () =>
      `CREATE TABLE wide(${Array.from({ length: 2000 }, (_, at) => `c${at}${at === 0 ? ' INTEGER PRIMARY KEY' : ''}`).join()}); INSERT INTO wide(c0, c1, c1999) VALUES (5, 'a' || char(0), x'00'), (6, 'b', 'c')`,
    'a table of 1,200 columns without a rowid': () =>
      `CREATE TABLE wide(${Array.from({ length: 1200 }, (_, at) => `c${at}${at === 0 ? ' PRIMARY KEY' : ''}`).join()}) WITHOUT ROWID; INSERT INTO wide(c0, c1199) VALUES ('k', 1), ('l', 2.5)`,
    'numbers of AUTOINCREMENT of no table': 'CREATE TABLE gone(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE gone; CREATE TABLE t(a)',
  };
  for (const [what, sql] of Object.entries(sound)) {
    it(`bring back ${what}`, async () => {
      makeDatabase(original, typeof sql === 'string' ? sql : sql());
      await roundTrip();
    });
  }

  it('bring back what chance makes, also when git or Windows has changed the line ends', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      original = join(project.root, `original${seed}.db`);
      makeRandomDatabase(original, seed, { extremes: false });
      await roundTrip((dump) => {
        if (seed % 2 === 0) {
          writeFileSync(dump, readFileSync(dump, 'latin1').replaceAll('\n', '\r\n'), 'latin1');
        }
      });
    }
  });

  const lossy: Readonly<Record<string, string>> = {
    'a default that is not UTF-8': "CREATE TABLE t(a, b DEFAULT 'caf?')",
    'a name that is not UTF-8': 'CREATE TABLE t(a, "caf?" TEXT)',
  };
  for (const [what, sql] of Object.entries(lossy)) {
    it(`are refused, and nothing is written, with ${what}`, async () => {
      makeDatabase(project.database, 'CREATE TABLE IF NOT EXISTS one(a)');
      const db = new Database(project.database);
      db.unsafeMode(true);
      db.exec('CREATE TABLE t(a, b)');
      db.pragma('writable_schema = ON');
      const bytes = Buffer.from(sql.replace('?', 'é'), 'latin1');
      db.prepare("UPDATE sqlite_schema SET sql = CAST(? AS TEXT) WHERE name = 't'").run(bytes);
      db.close();
      const { message } = await failsWith('DUMP_REFUSED', engine.dump({ root: project.root }, { file: 'd.sql' }));
      assert.match(message, /not UTF-8 text/);
      assert.equal(existsSync(join(project.root, 'd.sql')), false);
    });
  }

  async function restored(dump: string): Promise<Record<string, unknown[]>> {
    const file = join(project.root, 'shell.sql');
    writeFileSync(file, dump);
    await engine.restoreDump({ root: project.root }, { file });
    return rowsOf(project.database);
  }

  it('of newer shells name the table of AUTOINCREMENT themselves', async () => {
    const found = await restored(
      "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);\nINSERT INTO t VALUES(7,unistr('row\\u000a'));\nPRAGMA writable_schema=ON;\nCREATE TABLE IF NOT EXISTS sqlite_sequence(name,seq);\nDELETE FROM sqlite_sequence;\nINSERT INTO sqlite_sequence VALUES('t',9);\nPRAGMA writable_schema=OFF;\nCOMMIT;\n",
    );
    assert.deepEqual(found, { sqlite_sequence: [{ name: 't', seq: 9 }], t: [{ id: 7, v: 'row\n' }] });
  });

  it('of a database whose last AUTOINCREMENT table was dropped write of a table that is not there', async () => {
    const start =
      'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(v);\nINSERT INTO t VALUES(1);\nDELETE FROM sqlite_sequence;\n';
    assert.deepEqual(await restored(`${start}COMMIT;\n`), { t: [{ v: 1 }] });
    const left = await restored(`${start}INSERT INTO sqlite_sequence VALUES('gone',4);\nCOMMIT;\n`);
    assert.deepEqual(left['sqlite_sequence'], [{ name: 'gone', seq: 4 }]);
  });

  it('of Windows end their lines with two characters, also inside of texts', async () => {
    const dump =
      "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(v);\nINSERT INTO t VALUES('two\nlines');\nINSERT INTO t VALUES('a\r\nb');\nCOMMIT;\n";
    assert.deepEqual(await restored(dump.replaceAll('\n', '\r\n')), { t: [{ v: 'a\r\nb' }, { v: 'two\nlines' }] });
  });
});
