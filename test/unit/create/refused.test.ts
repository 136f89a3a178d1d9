// Specification of backups that cannot be made as they are: what is said, and that nothing is left behind.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { execute, hiddenIn, makeProject, visibleIn } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('create, when something is in its way', () => {
  const project = newForEachTest(makeProject);

  it('says which file could not be read, and keeps the rest', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    // Nobody may forbid root to read, but a name that is no text cannot be opened by anybody.
    if (process.platform === 'linux') {
      writeFileSync(Buffer.concat([Buffer.from(`${project.uploads}/`), Buffer.from([0xff, 0x66])]), 'x');
    } else {
      chmodSync(join(project.uploads, 'empty.txt'), 0);
    }
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.equal(backup.partial?.length, 1);
    assert.ok(existsSync(join(backup.path, 'uploads/cv.pdf')));
  });

  it('refuses a name that is taken, or that some file system could not hold, and changes nothing', async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'mine' });
    await failsWith('BACKUP_EXISTS', engine.create({ root: project.root }, { trigger: 'manual', name: 'mine' }));
    for (const name of [
      '',
      '.',
      '..',
      '../up',
      'a/b',
      'a\\b',
      'nul',
      'COM1.txt',
      'conin$',
      'CON .txt',
      'ends.',
      'ends ',
      'nul\0',
      'x'.repeat(201),
      '-rf',
      'a:b',
      '\ud800',
    ]) {
      await failsWith('NAME_INVALID', engine.create({ root: project.root }, { trigger: 'manual', name }));
    }
    assert.deepEqual(visibleIn(project.backups), ['mine']);
    assert.deepEqual(hiddenIn(project.backups), []);
  });

  it('makes no folder and no database where there is none', async () => {
    rmSync(project.database);
    await failsWith('DATABASE_NOT_FOUND', engine.create({ root: project.root, database: project.database }, { trigger: 'manual' }));
    assert.equal(existsSync(project.database), false);
    assert.equal(existsSync(project.backups), false);
  });

  it('names a file that is no database, and takes it only when told to', async () => {
    writeFileSync(project.database, 'This is some other file, or an encrypted one.'.repeat(200));
    rmSync(`${project.database}-wal`, { force: true });
    await failsWith('NOT_A_DATABASE', engine.create({ root: project.root }, { trigger: 'manual' }));
    assert.deepEqual(visibleIn(project.backups), []);
    const kept = await engine.create({ root: project.root }, { trigger: 'manual', allowDamaged: true });
    assert.equal(kept.database?.damaged, true);
  });

  it('finds a damaged database, and keeps it as it is only when told to', async () => {
    execute(project.database, 'PRAGMA journal_mode = DELETE');
    const bytes = readFileSync(project.database);
    bytes.fill(0xff, 4096, 8192);
    writeFileSync(project.database, bytes);
    await failsWith('DATABASE_DAMAGED', engine.create({ root: project.root }, { trigger: 'manual' }));
    assert.deepEqual(visibleIn(project.backups), []);
    const kept = await engine.create({ root: project.root }, { trigger: 'manual', allowDamaged: true });
    assert.deepEqual(readFileSync(join(kept.path, 'pats.db')), bytes);
    const [verified] = await engine.verify({ root: project.root }, { names: [kept.backup_name] });
    assert.equal(verified?.ok, false);
  });

  it('fails with a clear message while another program has locked the database, and leaves nothing', async function () {
    this.timeout(20_000);
    execute(project.database, 'PRAGMA journal_mode = DELETE');
    const app = new Database(project.database);
    app.exec('BEGIN EXCLUSIVE');
    try {
      await failsWith('DATABASE_LOCKED', engine.create({ root: project.root }, { trigger: 'manual' }));
    } finally {
      app.close();
    }
    assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], []);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    for (const phase of ['database', 'hash', 'uploads', 'publish']) {
      const abort = new AbortController();
      const onProgress = (progress: { phase: string }): void => {
        if (progress.phase === phase) {
          abort.abort();
        }
      };
      await failsWith('CANCELLED', engine.create({ root: project.root }, { trigger: 'manual' }, { signal: abort.signal, onProgress }));
      assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], [], phase);
    }
  });

  it('refuses a backups folder inside the uploads', async () => {
    await failsWith(
      'BACKUPS_INSIDE_UPLOADS',
      engine.create({ root: project.root, backups: join(project.uploads, 'backups') }, { trigger: 'manual' }),
    );
    assert.equal(existsSync(join(project.uploads, 'backups')), false);
  });
});
