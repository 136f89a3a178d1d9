// Whatever is wrong with the live database: it is left as it is, kept as it is, and a good backup can be restored over it.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { BackupError } from '../../../src/engine/errors';
import { LiveWatch } from '../../../src/engine/restore/live-watch';
import { ChangedMeanwhile } from '../../../src/engine/sqlite/last-look';
import { execute, filesOf, hiddenIn, makeProject, rowsOf, type PatsProject } from '../../support/pats-project';
import { makeWrecked, WRECKS } from '../../support/wrecked-database';

const engine = createEngine();

describe('a live database in which something is wrong', () => {
  let project: PatsProject;
  let rows: unknown;

  beforeEach(async () => {
    project = makeProject({ journalMode: 'delete' });
    rows = rowsOf(project.database);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  afterEach(() => {
    project.remove();
  });

  /** Every file where the database lies, with its bytes and times. */
  function files(withTimes = true): Record<string, string> {
    const folder = dirname(project.database);
    return Object.fromEntries(
      readdirSync(folder).map((name) => {
        const stats = statSync(join(folder, name));
        const bytes = stats.isFile() ? readFileSync(join(folder, name)).toString('base64') : 'no file';
        return [name, withTimes ? `${stats.mtimeMs} ${bytes}` : bytes];
      }),
    );
  }

  /** A failure that says something; anything else fails the test. */
  async function orRefusal<T>(operation: Promise<T>): Promise<T | null> {
    try {
      return await operation;
    } catch (error) {
      assert.ok(error instanceof BackupError && error.code !== 'INTERNAL', String(error));
      return null;
    }
  }

  async function onlyRead(): Promise<void> {
    const request = { root: project.root };
    const before = files();
    await engine.status(request);
    await engine.doctor(request);
    await engine.planRestore(request, { name: 'good', scope: 'all' });
    await engine.checkLive(request, {});
    await orRefusal(engine.dump(request, {}));
    await orRefusal(engine.create(request, { trigger: 'manual', name: 'try' }));
    assert.deepEqual(files(), before);
  }

  async function restoreAndUndo(): Promise<void> {
    const request = { root: project.root };
    const before = files(false);
    await engine.restore(request, { name: 'good', scope: 'all' });
    assert.deepEqual(rowsOf(project.database), rows);
    execute(project.database, 'CREATE TABLE can_be_written(a); DROP TABLE can_be_written');
    await engine.undo(request, {});
    assert.deepEqual(files(false), before);
    assert.deepEqual(hiddenIn(project.backups), []);
  }

  const variants = [
    { pageSize: 512, wal: false, autoVacuum: true },
    { pageSize: 1024, wal: true, autoVacuum: false },
  ];
  for (const [index, kind] of Object.keys(WRECKS).entries()) {
    for (const options of variants) {
      it(`is left alone, kept and restored over: ${kind}${options.wal ? ', in WAL mode' : ''}`, async () => {
        makeWrecked(project.database, kind, index, options);
        await onlyRead();
        await restoreAndUndo();
      });
    }
  }

  it('is left alone with a log or a journal that is none, and undo brings these back too', async () => {
    for (const side of ['-wal', '-journal']) {
      writeFileSync(project.database + side, Buffer.alloc(3000, 7));
      await onlyRead();
      await restoreAndUndo();
      rmSync(project.database + side);
    }
  });

  it('was emptied, while its log was not: that is damage, and no empty database', async () => {
    writeFileSync(project.database, '');
    writeFileSync(`${project.database}-wal`, Buffer.alloc(3000, 7));
    await onlyRead();
    await restoreAndUndo();
  });

  it('is a folder, empty or with files in it, which are kept', async () => {
    rmSync(project.database);
    mkdirSync(project.database);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    assert.deepEqual(rowsOf(project.database), rows);
    rmSync(project.database);
    mkdirSync(project.database);
    writeFileSync(join(project.database, 'mine.txt'), 'mine');
    const { warnings } = await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    assert.deepEqual(rowsOf(project.database), rows);
    assert.match(warnings.map(({ message }) => message).join(), /is not a file\. It is moved away/);
    const [aside = ''] = readdirSync(dirname(project.database)).filter((name) => name.includes('.before-restore-'));
    assert.equal(readFileSync(join(dirname(project.database), aside, 'mine.txt'), 'utf8'), 'mine');
  });

  it('keeps database and log as they were with --allow-damaged', async () => {
    makeWrecked(project.database, 'a page that has lost rows', 1);
    writeFileSync(`${project.database}-wal`, Buffer.alloc(3000, 7));
    const before = files();
    const { path, database } = await engine.create({ root: project.root }, { trigger: 'manual', name: 'kept', allowDamaged: true });
    assert.equal(database?.damaged, true);
    for (const side of ['', '-wal']) {
      assert.deepEqual(readFileSync(join(path, `pats.db${side}`)), readFileSync(project.database + side));
    }
    assert.deepEqual(files(), before);
  });
});

describe('a database whose application has crashed', () => {
  let project: PatsProject;

  afterEach(() => {
    project.remove();
  });

  /** Leaves the files of a transaction in the middle: a hot journal, or a log with a row that is nowhere else. */
  function crash(mode: 'wal' | 'delete'): void {
    project = makeProject({ journalMode: mode });
    const app = new Database(project.database);
    app.pragma('cache_size = 5');
    app.exec('BEGIN');
    app.exec("INSERT INTO companies(name) VALUES ('only in the log')");
    if (mode === 'wal') {
      app.exec('COMMIT');
    } else {
      app.exec("UPDATE applications SET title = hex(zeroblob(400)) || 'uncommitted'");
    }
    const side = mode === 'wal' ? '-wal' : '-journal';
    copyFileSync(project.database, `${project.database}.kept`);
    copyFileSync(project.database + side, `${project.database}.side`);
    app.close();
    copyFileSync(`${project.database}.kept`, project.database);
    copyFileSync(`${project.database}.side`, project.database + side);
    rmSync(`${project.database}.kept`);
    rmSync(`${project.database}.side`);
  }

  for (const mode of ['wal', 'delete'] as const) {
    it(`is read, dumped and backed up as SQLite will read it, and left as it is (${mode})`, async () => {
      crash(mode);
      const side = project.database + (mode === 'wal' ? '-wal' : '-journal');
      const before = [project.database, side].map((file) => readFileSync(file));
      const request = { root: project.root };
      await engine.status(request);
      await engine.doctor(request);
      assert.deepEqual((await engine.checkLive(request, {})).problems, []);
      await engine.dump(request, {});
      const { path } = await engine.create(request, { trigger: 'manual', name: 'crashed' });
      await engine.planRestore(request, { name: 'crashed', scope: 'all' });
      assert.deepEqual(
        [project.database, side].map((file) => readFileSync(file)),
        before,
      );
      assert.deepEqual(readdirSync(dirname(project.database)).length, 2);
      const saved = rowsOf(join(path, 'pats.db'));
      assert.equal(JSON.stringify(saved).includes('only in the log'), mode === 'wal');
      assert.equal(JSON.stringify(saved).includes('uncommitted'), false);
      await engine.restore(request, { name: 'crashed', scope: 'all' });
      assert.deepEqual(rowsOf(project.database), saved);
      assert.equal(existsSync(side), false);
    });

    it(`is not replaced when somebody writes in the moment before it is opened (${mode})`, () => {
      crash(mode);
      const watch = new LiveWatch(project.database, 'in-place');
      try {
        watch.mark();
        assert.equal(watch.hasChanged(), false);
        execute(project.database, "INSERT INTO companies (name) VALUES ('in the last moment')");
        assert.throws(() => watch.ready(), ChangedMeanwhile);
        watch.mark();
        assert.equal(typeof watch.ready(), 'number');
        assert.equal(watch.hasChanged(), false);
      } finally {
        watch.close();
      }
    });

    it(`is backed up as SQLite will read it behind a link too (${mode})`, async () => {
      crash(mode);
      const folder = join(project.root, 'elsewhere');
      renameSync(dirname(project.database), folder);
      mkdirSync(dirname(project.database));
      symlinkSync(join(folder, 'pats.db'), project.database);
      const before = filesOf(folder);
      const request = { root: project.root };
      await engine.status(request);
      const { path } = await engine.create(request, { trigger: 'manual', name: 'crashed' });
      assert.deepEqual(filesOf(folder), before);
      const saved = JSON.stringify(rowsOf(join(path, 'pats.db')));
      assert.equal(saved.includes('only in the log'), mode === 'wal');
      assert.equal(saved.includes('uncommitted'), false);
    });
  }
});
