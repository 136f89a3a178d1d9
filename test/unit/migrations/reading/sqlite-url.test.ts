// Specification of how configuration names SQLite databases.
import assert from 'node:assert/strict';
import { parseSqlitePath, parseSqliteUrl } from '../../../../src/engine/migrations/reading/sqlite-url';

describe('a SQLite URL', () => {
  for (const [url, path] of [
    ['sqlite:///data/app.db', 'data/app.db'],
    ['sqlite:///./data/app.db', './data/app.db'],
    ['sqlite:////srv/app.db', '/srv/app.db'],
    ['sqlite:///C:/data/app.db', 'C:/data/app.db'],
    ['sqlite+aiosqlite:///a.db?timeout=10', 'a.db'],
    ['sqlite+pysqlite:///a b.db', 'a b.db'],
    ['sqlite:db/dev.sqlite3', 'db/dev.sqlite3'],
    ['sqlite3:///a.db', 'a.db'],
    ['sqlite://data/app.db', 'data/app.db'],
    ['sqlite:///file:a.db?mode=ro&uri=true', 'a.db'],
    ['file:./dev.db', './dev.db'],
    ['file:///srv/a%20b.db?mode=rw', '/srv/a b.db'],
    ['file://localhost/srv/a.db', '/srv/a.db'],
  ] as const) {
    it(`${url} means ${path}`, () => {
      assert.deepEqual(parseSqliteUrl(url), { kind: 'file', path, encrypted: false, isTemplate: false });
    });
  }

  for (const url of [
    'sqlite://',
    'sqlite:///:memory:',
    'sqlite+aiosqlite://',
    'sqlite:///file:x?mode=memory&cache=shared',
    'file::memory:',
  ]) {
    it(`${url} is a database in memory`, () => {
      assert.deepEqual(parseSqliteUrl(url), { kind: 'memory' });
    });
  }

  for (const url of ['driver://user:pass@localhost/dbname', 'postgresql+psycopg://h/d', '']) {
    it(`"${url}" names no file`, () => {
      assert.deepEqual(parseSqliteUrl(url), { kind: 'other' });
    });
  }

  for (const url of ['sqlite:///{path}', 'sqlite:///${HOME}/x', 'sqlite:///%(db)s', 'sqlite:///<PATH>/x.db']) {
    it(`"${url}" may be yet to be filled in`, () => {
      const location = parseSqliteUrl(url);
      assert.equal(location.kind === 'file' && location.isTemplate, true);
    });
  }

  it('with SQLCipher is encrypted', () => {
    assert.deepEqual(parseSqliteUrl('sqlite+pysqlcipher://:pass@//srv/a.db?cipher=aes'), {
      kind: 'file',
      path: '/srv/a.db',
      encrypted: true,
      isTemplate: false,
    });
  });

  it('may be a bare path where a variable asks for one', () => {
    assert.deepEqual(parseSqlitePath('data/app.db'), { kind: 'file', path: 'data/app.db', encrypted: false, isTemplate: false });
    assert.deepEqual(parseSqlitePath('postgres://h/d'), { kind: 'other' });
  });
});
