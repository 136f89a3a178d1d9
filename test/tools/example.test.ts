// The example's databases are what real Alembic makes of its migrations.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from '../support/folder';
import { newForSuite } from '../support/stand-in';

const repository = process.env['PATS_REPO'] ?? process.cwd();
const example = join(repository, 'examples/pats');
const versions = readdirSync(join(example, 'project/backend/alembic/versions')).map((file) => file.slice(0, 12));

function schemaOf(file: string): unknown[] {
  const db = new Database(file);
  try {
    return db.prepare("SELECT type, name, tbl_name, replace(sql, 'IF NOT EXISTS ', '') FROM sqlite_schema ORDER BY name").raw().all();
  } finally {
    db.close();
  }
}

describe('examples/pats', () => {
  const folder = newForSuite(() => newFolder('example'));

  it('has a history of at least six revisions', () => {
    assert.ok(versions.length >= 6);
  });

  for (const revision of versions) {
    it(`has the schema of "alembic upgrade ${revision}"`, function () {
      this.timeout(60_000);
      const target = folder.at(revision);
      execFileSync(process.execPath, [join(example, 'build.mjs'), target, '--revision', revision]);
      const real = folder.at(`real-${revision}`);
      cpSync(join(example, 'project/backend'), real, { recursive: true });
      mkdirSync(join(real, 'data'));
      execFileSync('alembic', ['upgrade', revision], { cwd: real, stdio: 'pipe' });
      const made = join(target, 'backend/data/pats.db');
      assert.deepEqual(schemaOf(made), schemaOf(join(real, 'data/pats.db')));
      const db = new Database(made);
      assert.equal(db.prepare('SELECT version_num FROM alembic_version').pluck().get(), revision);
      assert.deepEqual(db.pragma('foreign_key_check'), []);
      assert.ok(Number(db.prepare('SELECT count(*) FROM applications').pluck().get()) > 20);
      db.close();
    });
  }
});
