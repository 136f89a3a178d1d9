import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realEnvironment } from '../../../src/engine/store/environment';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { failsWith } from '../../support/failing';
import { newForEachTest } from '../../support/stand-in';
import { execute, filesOf, hiddenIn, makeProject, rowsOf, stateOf, visibleIn, wreck, writeUpload } from '../../support/pats-project';

const engine = createEngine();
const impatient = createEngine({ ...realEnvironment, patience: 300 });
const scopeAll = { scope: 'all' } as const;

for (const journalMode of ['wal', 'delete'] as const) {
  describe(`restore into a database in ${journalMode} mode`, () => {
    const project = newForEachTest(() => makeProject({ journalMode }));
    beforeEach(async () => {
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    });

    it('brings rows and files back, and undo brings back the state before', async () => {
      const before = stateOf(project);
      wreck(project);
      const wrecked = stateOf(project);
      const result = await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
      assert.deepEqual(stateOf(project), before);
      assert.equal(result.restored, 'good');
      assert.equal(result.revisionBefore, 'ffffffffffff');
      assert.equal(result.revisionAfter, 'a1b2c3d4e5f6');
      assert.match(result.safetyBackup, /^pre_restore_/);
      await engine.undo({ root: project.root }, {});
      assert.deepEqual(stateOf(project), wrecked);
      await engine.undo({ root: project.root }, {});
      assert.deepEqual(stateOf(project), before);
      assert.deepEqual(hiddenIn(project.backups), []);
    });

    it('shows the restored data to a program that has the database open, and keeps what it writes later', async () => {
      const app = new Database(project.database);
      const count = app.prepare('SELECT count(*) FROM applications').pluck();
      app.exec('DELETE FROM applications');
      assert.equal(count.get(), 0);
      await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
      assert.equal(count.get(), 50);
      app.exec("INSERT INTO companies (name) VALUES ('written after the restore')");
      app.close();
      const names = rowsOf(project.database)['companies'] as { name: string }[];
      assert.equal(names.at(-1)?.name, 'written after the restore');
    });

    it('keeps the journal mode of the live database', async () => {
      wreck(project);
      await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
      const db = new Database(project.database);
      assert.equal(db.pragma('journal_mode', { simple: true }), journalMode);
      db.close();
    });

    it('changes nothing, and says so, while another program keeps the database locked', async function () {
      this.timeout(60_000);
      wreck(project);
      const wrecked = stateOf(project);
      const app = new Database(project.database);
      app.exec('BEGIN IMMEDIATE');
      try {
        await failsWith('DATABASE_LOCKED', impatient.restore({ root: project.root }, { name: 'good', ...scopeAll }));
      } finally {
        app.close();
      }
      assert.deepEqual(stateOf(project), wrecked);
      assert.deepEqual(visibleIn(project.backups), ['good']);
      assert.deepEqual(hiddenIn(project.backups), []);
    });

    it('waits for a reader, and takes everything back when the reader never ends', async function () {
      this.timeout(60_000);
      wreck(project);
      const wrecked = stateOf(project);
      const app = new Database(project.database);
      app.exec('BEGIN');
      app.prepare('SELECT * FROM alembic_version').all();
      const attempt = (journalMode === 'delete' ? impatient : engine).restore({ root: project.root }, { name: 'good', ...scopeAll });
      try {
        if (journalMode === 'delete') {
          await failsWith('DATABASE_LOCKED', attempt);
        } else {
          await attempt;
        }
      } finally {
        app.close();
      }
      if (journalMode === 'delete') {
        assert.deepEqual(stateOf(project), wrecked);
        assert.deepEqual(hiddenIn(project.backups), []);
      }
    });

    it('restores a database of another page size', async () => {
      const other = makeProject({ journalMode, pageSize: 8192 });
      try {
        await engine.create({ root: other.root, backups: project.backups }, { trigger: 'manual', name: 'pages' });
        const expected = rowsOf(other.database);
        wreck(project);
        await engine.restore({ root: project.root }, { name: 'pages', ...scopeAll });
        assert.deepEqual(rowsOf(project.database), expected);
      } finally {
        other.remove();
      }
    });
  });
}

describe('restore', () => {
  const project = newForEachTest(makeProject);
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  it('restores a database of another page size also while a program has the one in WAL mode open', async () => {
    const other = makeProject({ pageSize: 8192 });
    execute(other.database, "CREATE TABLE kept(a); INSERT INTO kept VALUES ('x'), ('y'); DELETE FROM kept WHERE a = 'x'");
    const rowids = 'SELECT group_concat(rowid || a) FROM kept UNION ALL SELECT group_concat(name) FROM companies';
    await engine.create({ root: other.root, backups: project.backups }, { trigger: 'manual', name: 'pages' });
    const expected = rowsOf(other.database);
    const app = new Database(project.database);
    try {
      app.exec("UPDATE applications SET title = 'written by the application'");
      const before = app.prepare('SELECT title FROM applications').pluck().all();
      await engine.restore({ root: project.root }, { name: 'pages', ...scopeAll });
      const source = new Database(other.database, { readonly: true });
      assert.deepEqual(app.prepare(rowids).pluck().all(), source.prepare(rowids).pluck().all());
      source.close();
      assert.equal(app.pragma('journal_mode', { simple: true }), 'wal');
      app.exec("INSERT INTO kept VALUES ('after')");
      assert.deepEqual({ ...rowsOf(project.database), kept: null }, { ...expected, kept: null });
      await engine.undo({ root: project.root }, {});
      assert.deepEqual(app.prepare('SELECT title FROM applications').pluck().all(), before);
    } finally {
      app.close();
      other.remove();
    }
  });

  it('is refused with what to do where such a database needs its application for that', async () => {
    const other = makeProject({ pageSize: 8192 });
    const db = new Database(other.database);
    db.function('own', { deterministic: true }, (value: unknown) => value);
    db.exec('CREATE TABLE odd(a, b AS (own(a)) STORED); INSERT INTO odd VALUES (1)');
    db.close();
    await engine.create({ root: other.root, backups: project.backups }, { trigger: 'manual', name: 'pages' });
    const app = new Database(project.database);
    try {
      app.exec("UPDATE applications SET title = 'written by the application'");
      const before = stateOf(project);
      const { remedy } = await failsWith('DATABASE_LOCKED', engine.restore({ root: project.root }, { name: 'pages', ...scopeAll }));
      assert.match(remedy, /Stop the application/);
      assert.deepEqual(stateOf(project), before);
    } finally {
      app.close();
      other.remove();
    }
  });

  it('takes only the database, or only the uploads', async () => {
    const good = stateOf(project);
    wreck(project);
    const wrecked = stateOf(project);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'database' });
    assert.deepEqual(stateOf(project), { rows: good.rows, uploads: wrecked.uploads });
    await engine.undo({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'uploads' });
    assert.deepEqual(stateOf(project), { rows: wrecked.rows, uploads: good.uploads });
    await engine.undo({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('plans without changing anything', async () => {
    wreck(project);
    const before = [stateOf(project), filesOf(project.backups)];
    const plan = await engine.planRestore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.equal(plan.database, 'in-place');
    assert.deepEqual(plan.replaces, [project.database, project.uploads]);
    assert.deepEqual([plan.revisionsBefore, plan.revisionsAfter], [['ffffffffffff'], ['a1b2c3d4e5f6']]);
    assert.deepEqual(plan.problems, []);
    assert.deepEqual([stateOf(project), filesOf(project.backups)], before);
  });

  it('plans with a warning where locks may not reach the program that writes', async () => {
    const away = createEngine({ ...realEnvironment, disk: { ...realDisk, remoteKind: () => Promise.resolve('NFS') } });
    const { warnings } = await away.planRestore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.match(warnings.map(({ message }) => message).join(), /NFS file system.*stop the application/);
  });

  it('has the database on the disk before it says so, also while a program keeps the write-ahead log', async () => {
    const synced: string[] = [];
    const sync = async (path: string): Promise<void> => {
      await realDisk.sync(path);
      synced.push(path);
    };
    const recording = createEngine({ ...realEnvironment, disk: { ...realDisk, sync } });
    const app = new Database(project.database);
    app.exec("UPDATE applications SET title = 'written by the application'");
    await recording.restore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.ok(existsSync(`${project.database}-wal`));
    app.close();
    assert.ok(synced.includes(`${project.database}-wal`), 'The log was not synced.');
  });

  it('makes the database where it is missing, with its folder, and undo removes it again', async () => {
    const good = stateOf(project);
    rmSync(join(project.root, 'backend'), { recursive: true });
    const request = { root: project.root, database: project.database, uploads: [project.uploads] };
    await engine.restore(request, { name: 'good', ...scopeAll });
    assert.deepEqual(stateOf(project), good);
    await engine.undo(request, {});
    assert.equal(existsSync(project.database), false);
    assert.deepEqual(filesOf(project.uploads), {});
  });

  it('replaces a corrupt database, removes its stale side files, and undo brings even that back', async () => {
    const good = stateOf(project);
    rmSync(`${project.database}-shm`, { force: true });
    const garbage = 'not a database any more '.repeat(1000);
    writeFileSync(project.database, garbage);
    writeFileSync(`${project.database}-wal`, 'stale');
    writeFileSync(`${project.database}-journal`, 'stale');
    await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.deepEqual(stateOf(project), good);
    await engine.undo({ root: project.root }, {});
    assert.equal(readFileSync(project.database, 'utf8'), garbage);
    assert.equal(readFileSync(`${project.database}-wal`, 'utf8'), 'stale');
  });

  it('restores over a database whose pages are destroyed', async () => {
    const good = stateOf(project);
    execute(project.database, 'PRAGMA journal_mode = DELETE');
    const bytes = readFileSync(project.database);
    bytes.fill(0xff, 100);
    writeFileSync(project.database, bytes);
    await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.deepEqual(stateOf(project), good);
  });

  it('gives files their permissions back, and links that stay inside', async function () {
    if (process.platform === 'win32') {
      return;
    }
    const { chmodSync } = await import('node:fs');
    chmodSync(join(project.uploads, 'cv.pdf'), 0o640);
    symlinkSync('cv.pdf', join(project.uploads, 'latest.pdf'));
    symlinkSync('/etc/passwd', join(project.uploads, 'outside'));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'links' });
    rmSync(project.uploads, { recursive: true });
    const result = await engine.restore({ root: project.root }, { name: 'links', ...scopeAll });
    assert.equal(statSync(join(project.uploads, 'cv.pdf')).mode & 0o777, 0o640);
    assert.equal(filesOf(project.uploads)['latest.pdf'], '-> cv.pdf');
    assert.equal(existsSync(join(project.uploads, 'outside')), false);
    assert.match(result.warnings.map(({ message }) => message).join(), /outside/);
  });

  it('leaves everything as it was when it is cancelled before it replaces', async () => {
    wreck(project);
    const wrecked = stateOf(project);
    for (const phase of ['verify', 'safety', 'stage']) {
      const abort = new AbortController();
      const onProgress = (progress: { phase: string }): void => {
        if (progress.phase === phase) {
          abort.abort();
        }
      };
      await failsWith(
        'CANCELLED',
        engine.restore({ root: project.root }, { name: 'good', ...scopeAll }, { signal: abort.signal, onProgress }),
      );
      assert.deepEqual(stateOf(project), wrecked, phase);
      assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], ['good'], phase);
    }
  });

  it('removes backups for good, all or none of those named', async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'other' });
    await failsWith('BACKUP_NOT_FOUND', engine.remove({ root: project.root }, { names: ['good', 'typo'] }));
    assert.deepEqual(visibleIn(project.backups), ['good', 'other']);
    assert.deepEqual(await engine.remove({ root: project.root }, { names: ['good'] }), ['good']);
    assert.deepEqual(visibleIn(project.backups), ['other']);
  });

  it('stops at a journal it cannot read, and still lists', async () => {
    writeFileSync(join(project.backups, '.restore-journal.json'), '{"half":');
    await failsWith('JOURNAL_UNREADABLE', engine.create({ root: project.root }, { trigger: 'manual' }));
    assert.equal((await engine.list({ root: project.root })).backups.length, 1);
    assert.ok(existsSync(join(project.backups, '.restore-journal.json')));
  });

  it('says whether the data changed since the newest backup', async () => {
    assert.equal((await engine.status({ root: project.root })).changedSinceBackup, false);
    writeUpload(project, 'another.txt', 'x');
    assert.equal((await engine.status({ root: project.root })).changedSinceBackup, true);
    rmSync(join(project.uploads, 'another.txt'));
    execute(project.database, "INSERT INTO companies (name) VALUES ('new')");
    assert.equal((await engine.status({ root: project.root })).changedSinceBackup, true);
    await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
    await engine.remove(
      { root: project.root },
      { names: (await engine.list({ root: project.root })).backups.map((b) => b.name).filter((n) => n !== 'good') },
    );
    assert.equal((await engine.status({ root: project.root })).changedSinceBackup, false);
  });
});
