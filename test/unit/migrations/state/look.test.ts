// Reading the state of a database that others use: nothing is left beside it, and nobody is disturbed.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { describeSnapshot, readSchemaState } from '../../../../src/engine/migrations/state/state';
import { alembicProject, rows } from '../../../support/alembic-project';
import { newForEachTest } from '../../../support/stand-in';

describe('A look at the database', () => {
  const project = newForEachTest(() => alembicProject({ a1: 'base', b2: 'a1', c3: 'b2' }));
  let database: string;
  beforeEach(() => {
    ({ database } = project);
  });

  const files = (): string[] => readdirSync(project.root).filter((name) => name.startsWith('app.db'));

  it('leaves nothing beside a WAL database that nobody uses', () => {
    project.sql(`PRAGMA journal_mode = WAL; ${rows('c3')}`);
    assert.deepEqual(files(), ['app.db']);
    assert.equal(readSchemaState(project.folder()).state, 'current');
    assert.deepEqual(files(), ['app.db']);
  });

  it('sees what is only in the write-ahead log of a running application, and does not disturb it', () => {
    const app = new Database(database);
    app.pragma('journal_mode = WAL');
    app.exec(rows('b2'));
    app.exec('BEGIN IMMEDIATE');
    app.prepare('UPDATE alembic_version SET version_num = ?').run('c3');
    assert.deepEqual(readSchemaState(project.folder()).revisions, ['b2']);
    app.exec('COMMIT');
    assert.deepEqual(readSchemaState(project.folder()).revisions, ['c3']);
    assert.deepEqual(files(), ['app.db', 'app.db-shm', 'app.db-wal']);
    app.close();
  });

  it('reads the log that a killed application left, and leaves it as it is', () => {
    const app = new Database(database);
    app.pragma('journal_mode = WAL');
    app.pragma('wal_autocheckpoint = 0');
    app.exec(rows('c3'));
    app.prepare('SELECT 1').get();
    const copy = `${project.root}/copy.db`;
    const other = new Database(database, { readonly: true });
    writeFileSync(copy, readFileSync(database));
    writeFileSync(`${copy}-wal`, readFileSync(`${database}-wal`));
    other.close();
    app.close();
    assert.deepEqual(describeSnapshot(copy, project.folder()).revisions, ['c3']);
    assert.deepEqual(
      readdirSync(project.root).filter((name) => name.startsWith('copy.db')),
      ['copy.db', 'copy.db-wal'],
    );
  });

  it('never throws for the manifest, whatever the file holds', () => {
    assert.deepEqual(describeSnapshot(`${project.root}/none.db`, project.folder()), {
      tool: 'alembic',
      revisions: [],
      tables: [],
      heads: ['c3'],
    });
    writeFileSync(database, 'no database at all'.repeat(100));
    assert.deepEqual(describeSnapshot(database, project.folder()), { tool: 'alembic', revisions: [], tables: [], heads: ['c3'] });
    rmSync(database);
    project.sql('CREATE VIEW alembic_version AS SELECT 1 AS version_num; CREATE TABLE "we""ird" (version_num)');
    assert.deepEqual(describeSnapshot(database, project.folder()), { tool: 'alembic', revisions: [], tables: ['we"ird'], heads: ['c3'] });
  });
});
