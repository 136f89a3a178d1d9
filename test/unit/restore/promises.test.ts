// What a restore promises besides: undo, obstacles, room, places, and that nothing fails it once it has happened.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import Database from 'better-sqlite3';
import { chmodSync, cpSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import {
  execute,
  filesOf,
  hiddenIn,
  makeProject,
  rowsOf,
  stateOf,
  visibleIn,
  wreck,
  writeUpload,
  type PatsProject,
} from '../../support/pats-project';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;

function withDisk(changes: Partial<Disk>): Engine {
  return createEngine({ ...realEnvironment, disk: { ...realDisk, ...changes } });
}

function failure(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(`${code}: the disk of the test fails`), { code }));
}

describe('a restore promises', () => {
  let project: PatsProject;
  beforeEach(async () => {
    project = makeProject();
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    project.remove();
  });

  it('that undo never goes back to what was imported or copied', async () => {
    wreck(project);
    const { safetyBackup } = await engine.restore({ root: project.root }, all);
    const file = join(project.root, 'safety.zip');
    await engine.exportBackup({ root: project.root }, { name: safetyBackup, file });
    await engine.remove({ root: project.root }, { names: [safetyBackup] });
    const imported = await engine.importBackup({ root: project.root }, { file });
    cpSync(join(project.backups, imported.backup_name), join(project.backups, 'pre_restore_99999999_000000'), { recursive: true });
    await failsWith('NOTHING_TO_UNDO', engine.undo({ root: project.root }, {}));
  });

  it('that an upload of the backup never takes the place of the live database', async () => {
    const database = join(project.uploads, 'pats.db');
    cpSync(project.database, database);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'with a copy' });
    const request = { root: project.root, database };
    const app = new Database(database);
    app.pragma('journal_mode = WAL');
    app.exec("INSERT INTO companies (name) VALUES ('in the log')");
    const rows = rowsOf(database);
    const { ino } = statSync(database);
    const { warnings } = await engine.restore(request, { name: 'with a copy', scope: 'all' });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['FILES_MISSING'],
    );
    assert.equal(statSync(database).ino, ino);
    assert.equal(app.prepare('SELECT count(*) FROM companies').pluck().get(), 50);
    await engine.undo(request, {});
    app.close();
    assert.deepEqual(rowsOf(database), rows);
  });

  it('that a link to the database among the uploads stays where it is', async () => {
    const link = join(project.uploads, 'pats.db');
    symlinkSync(project.database, link);
    const request = { root: project.root, database: link };
    await engine.restore(request, all);
    assert.equal(readlinkSync(link), project.database);
    const { warnings } = await engine.undo(request, {});
    assert.deepEqual(warnings, []);
    assert.equal(readlinkSync(link), project.database);
  });

  it('that a link which was saved in the last moment comes back wherever it leads', async () => {
    const link = join(project.uploads, 'late');
    const step = (name: string): void => {
      if (name === 'safety-taken') {
        symlinkSync(project.backups, link);
      }
    };
    await createEngine({ ...realEnvironment, step }).restore({ root: project.root }, all);
    const { warnings } = await engine.undo({ root: project.root }, {});
    assert.deepEqual(warnings, []);
    assert.equal(readlinkSync(link), project.backups);
  });

  it('that a setting which cannot be used stops it before anything is changed', async () => {
    wreck(project);
    const wrecked = stateOf(project);
    mkdirSync(join(project.root, '.vscode'));
    writeFileSync(join(project.root, '.vscode/settings.json'), '{"patsBackup.retention": {"keepLastt": 3}}');
    await failsWith('SETTINGS_INVALID', engine.restore({ root: project.root }, all));
    assert.deepEqual(stateOf(project), wrecked);
    assert.deepEqual(visibleIn(project.backups), ['good']);
  });

  it('that what fails after it has happened is a warning, and that the next run makes up for it', async () => {
    const good = stateOf(project);
    wreck(project);
    const wrecked = stateOf(project);
    let isDone = false;
    const env = {
      ...realEnvironment,
      disk: { ...realDisk, remove: (path: string) => (isDone ? failure('EIO') : realDisk.remove(path)) },
      step: (name: string) => {
        isDone ||= name === 'done';
      },
    };
    const { warnings } = await createEngine(env).restore({ root: project.root }, all);
    assert.match(warnings.map(({ message }) => message).join(), /could not be removed|not cleaned up/);
    await engine.list({ root: project.root });
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'next' });
    assert.deepEqual(stateOf(project), good);
    assert.deepEqual(hiddenIn(project.backups), []);
    await engine.undo({ root: project.root }, {});
    assert.deepEqual(stateOf(project), wrecked);
  });

  it('that it stays done when its journal can no longer be written', async () => {
    const good = stateOf(project);
    wreck(project);
    let isLate = false;
    const env = {
      ...realEnvironment,
      disk: { ...realDisk, writeText: (path: string, text: string) => (isLate ? failure('ENOSPC') : realDisk.writeText(path, text)) },
      step: (name: string) => {
        isLate ||= name === 'restored';
      },
    };
    const { warnings } = await createEngine(env).restore({ root: project.root }, all);
    assert.match(warnings.map(({ message }) => message).join(), /not cleaned up/);
    execute(project.database, "INSERT INTO companies (name) VALUES ('after the restore')");
    const { actions } = await engine.recover({ root: project.root }, {});
    assert.match(actions.join(), /is finished/);
    assert.deepEqual(stateOf(project).uploads, good.uploads);
    assert.equal((rowsOf(project.database)['companies'] as unknown[]).length, 51);
  });

  it('that the room for all its parts is there, file system by file system', async () => {
    writeUpload(project, 'big.bin', 'x'.repeat(3_000_000));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'large' });
    execute(project.database, 'CREATE TABLE ballast AS SELECT zeroblob(3000000) AS b');
    // Room for each part by itself, not for all of them.
    const tight = withDisk({ freeBytes: () => Promise.resolve(16 * 1024 * 1024 + 4_000_000) });
    const before = [stateOf(project), filesOf(project.backups)];
    const error = await failsWith('NO_SPACE', tight.restore({ root: project.root }, { name: 'large', scope: 'all' }));
    assert.match(error.remedy, /Nothing was changed/);
    assert.deepEqual([stateOf(project), filesOf(project.backups)], before);
  });

  it('that a database inside the uploads, at any depth, is restored like any other', async () => {
    for (const place of ['uploads/app.db', 'uploads/sub/deep/app.db']) {
      const database = join(project.root, 'other', place);
      const uploads = join(project.root, 'other/uploads');
      const request = { root: project.root, database, uploads: [uploads], backups: join(project.root, `backups-${place.length}`) };
      mkdirSync(join(database, '..'), { recursive: true });
      execute(database, "PRAGMA journal_mode = WAL; CREATE TABLE t (v); INSERT INTO t VALUES ('good')");
      writeFileSync(join(database, '..', 'beside.txt'), 'good');
      writeFileSync(join(uploads, 'top.txt'), 'good');
      await engine.create(request, { trigger: 'manual', name: 'good' });
      execute(database, "UPDATE t SET v = 'bad'");
      writeFileSync(join(database, '..', 'beside.txt'), 'bad');
      writeFileSync(join(database, '..', 'new.txt'), 'new');
      rmSync(join(uploads, 'top.txt'));
      const wrecked = filesOf(uploads);
      await engine.restore(request, all);
      assert.deepEqual(rowsOf(database), { t: [{ v: 'good' }] });
      assert.equal(readFileSync(join(database, '..', 'beside.txt'), 'utf8'), 'good');
      assert.equal(filesOf(uploads)['top.txt'] === undefined, false);
      assert.equal(
        Object.keys(filesOf(uploads)).some((path) => path.includes('new.txt') || path.includes('.pats-')),
        false,
      );
      await engine.undo(request, {});
      assert.deepEqual(rowsOf(database), { t: [{ v: 'bad' }] });
      const withoutDatabase = (files: Record<string, string>): string[] => Object.keys(files).filter((path) => !path.includes('app.db'));
      assert.deepEqual(withoutDatabase(filesOf(uploads)), withoutDatabase(wrecked));
      rmSync(join(project.root, 'other'), { recursive: true });
    }
  });

  it('that it names what cannot be moved before it changes anything: in the plan, by the doctor and by the drill', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      this.skip();
    }
    const file = join(project.uploads, '2024/portrait.png');
    try {
      execFileSync('chattr', ['+i', file], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      const before = [stateOf(project), visibleIn(project.backups)];
      const plan = await engine.planRestore({ root: project.root }, all);
      assert.match(
        plan.warnings.map(({ message }) => message).join(),
        /portrait\.png cannot be moved because of its attributes: run chattr/,
      );
      assert.match((await engine.drill({ root: project.root }, { name: 'good' })).problems.join(), /portrait\.png/);
      assert.match((await engine.doctor({ root: project.root })).map(({ message }) => message).join(), /portrait\.png/);
      await failsWith('NO_PERMISSION', engine.restore({ root: project.root }, all));
      assert.deepEqual([stateOf(project), visibleIn(project.backups)], before);
    } finally {
      execFileSync('chattr', ['-i', file]);
    }
  });

  it('that a database which is locked now is named in the plan', async () => {
    const { default: Database } = await import('better-sqlite3');
    const app = new Database(project.database);
    app.exec('BEGIN IMMEDIATE');
    try {
      assert.match(
        (await engine.planRestore({ root: project.root }, all)).warnings.map(({ message }) => message).join(),
        /is locked by another program now/,
      );
    } finally {
      app.close();
    }
  });

  it('that folders which may not be written are no obstacle to their owner, and keep their mode', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    chmodSync(join(project.uploads, '2024'), 0o555);
    writeUpload(project, 'later.txt', 'later');
    await engine.restore({ root: project.root }, all);
    assert.equal(readFileSync(join(project.uploads, '2024/portrait.png'), 'utf8'), 'PNG bytes');
    await engine.undo({ root: project.root }, {});
    assert.equal(readFileSync(join(project.uploads, 'later.txt'), 'utf8'), 'later');
    assert.ok(statSync(join(project.uploads, '2024')).isDirectory());
    chmodSync(join(project.uploads, '2024'), 0o755);
  });

  it('that it says "replace" before its journal does, and cannot be cancelled from then on', async () => {
    const good = stateOf(project);
    wreck(project);
    const abort = new AbortController();
    const seen: string[] = [];
    const listening = createEngine({
      ...realEnvironment,
      step: (name) => {
        seen.push(name);
        if (name === 'committing') {
          abort.abort();
        }
      },
    });
    await listening.restore({ root: project.root }, all, {
      signal: abort.signal,
      onProgress: ({ phase }) => seen.push(phase),
    });
    assert.ok(seen.indexOf('replace') < seen.indexOf('committing'));
    assert.deepEqual(stateOf(project), good);
  });
});
