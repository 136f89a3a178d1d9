// Verification of a database that is large enough to be hashed in another thread while SQLite checks it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { createEngine } from '../../../src/engine/create-engine';
import { realEnvironment } from '../../../src/engine/store/environment';
import { CLI } from '../../support/cli-project';
import { execute, makeProject, type PatsProject } from '../../support/pats-project';

const engine = createEngine();

describe('verification of a large database', () => {
  let project: PatsProject;
  let file: string;
  let manifestFile: string;

  const problems = async (): Promise<readonly string[]> => {
    const [result] = await engine.verify({ root: project.root }, { names: ['one'] });
    return result?.problems ?? ['no result'];
  };

  before(async () => {
    project = makeProject();
    execute(
      project.database,
      'CREATE TABLE large (a); INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT zeroblob(1000000) FROM n',
    );
    const { path } = await engine.create({ root: project.root }, { trigger: 'manual', name: 'one' });
    file = join(path, 'pats.db');
    manifestFile = join(path, 'backup_metadata.json');
  });

  after(() => {
    project.remove();
  });

  it('says nothing of a good one, whose hash is that of its bytes', async () => {
    assert.deepEqual(await problems(), []);
    const { database } = JSON.parse(readFileSync(manifestFile, 'utf8')) as { database: { sha256: string } };
    assert.equal(database.sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
  });

  it('finds what a thread of the program has recorded of its bytes and tables to be what this one records', () => {
    execFileSync(process.execPath, [CLI, 'backup', 'two', '--quiet'], { cwd: project.root });
    const recorded = (name: string): unknown => {
      const { database } = JSON.parse(readFileSync(join(project.root, 'backups', name, 'backup_metadata.json'), 'utf8')) as {
        database: { sha256: string; tables: readonly { name: string; rows: number }[] };
      };
      assert.ok(database.tables.some((table) => table.name === 'large' && table.rows === 40));
      return [database.sha256, database.tables];
    };
    assert.deepEqual(recorded('two'), recorded('one'));
  });

  it('ends when it is cancelled', async () => {
    const cancel = new AbortController();
    const verifying = engine.verify({ root: project.root }, { names: ['one'] }, { signal: cancel.signal });
    cancel.abort();
    await assert.rejects(verifying, { code: 'CANCELLED' });
  });

  it('finds what SQLite finds in bytes that are as the manifest says', async () => {
    const good = { bytes: readFileSync(file), manifest: readFileSync(manifestFile, 'utf8') };
    const db = new Database(file, { readonly: true });
    const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'large'").pluck().get());
    db.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.from([0xff]), 0, 1, (root - 1) * 4096);
    closeSync(handle);
    const [changed = ''] = await problems();
    assert.match(changed, /sha256 differs/);
    const was = (JSON.parse(good.manifest) as { database: { sha256: string } }).database.sha256;
    writeFileSync(manifestFile, good.manifest.replace(was, createHash('sha256').update(readFileSync(file)).digest('hex')));
    const found = await problems();
    assert.ok(found.length > 0 && !found.some((line) => line.includes('sha256')), found.join('\n'));
    writeFileSync(file, good.bytes);
    writeFileSync(manifestFile, good.manifest);
  });

  it('outlives a disk that fails before SQLite has begun', async () => {
    const hashApart = (): Promise<string> => Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
    const failing = createEngine({ ...realEnvironment, disk: { ...realEnvironment.disk, hashApart } });
    const unheard: unknown[] = [];
    const hear = (reason: unknown): unknown => unheard.push(reason);
    process.on('unhandledRejection', hear);
    const [result] = await failing.verify({ root: project.root }, { names: ['one'], deep: true });
    process.off('unhandledRejection', hear);
    assert.deepEqual(result?.problems, ['pats.db cannot be read (EIO).']);
    assert.deepEqual(unheard, []);
  });

  it('names one that is too short', async () => {
    truncateSync(file, 36_000_000);
    const [short = ''] = await problems();
    assert.match(short, /has 36000000 bytes instead of/);
  });
});
