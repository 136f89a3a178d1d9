// The locks: one writer of a backups folder and of a live database, whatever became of the lock files.
import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { privateLockFile, takeLock } from '../../../src/engine/sqlite/lock';
import { asOnlyWriter, ifOnlyWriter } from '../../../src/engine/store/backups-folder';
import { realDisk } from '../../../src/engine/files/disk';
import { liveLockPath } from '../../../src/engine/store/live-lock';
import { hasOwnMark, markedName } from '../../../src/engine/store/own-state';
import { makeProject, visibleIn, type PatsProject } from '../../support/pats-project';

const LOCK = '.pats-backup.lock';
const free = (): Promise<boolean> => Promise.resolve(true);

describe('the lock', () => {
  let project: PatsProject;
  beforeEach(() => {
    project = makeProject();
    mkdirSync(project.backups);
  });
  afterEach(() => {
    project.remove();
  });

  it('is one for each live database, whatever backups folder is named', async () => {
    const other = join(project.root, 'other');
    mkdirSync(other);
    await asOnlyWriter(realDisk, project.backups, project.database, undefined, async () => {
      assert.equal(await ifOnlyWriter(other, project.database, free), null);
      assert.equal(await ifOnlyWriter(other, join(project.root, 'another.db'), free), true);
    });
    assert.equal(await ifOnlyWriter(other, project.database, free), true);
  });

  it('holds also when its file is deleted or replaced meanwhile', async () => {
    await asOnlyWriter(realDisk, project.backups, project.database, undefined, async () => {
      rmSync(join(project.backups, LOCK));
      assert.equal(await ifOnlyWriter(project.backups, project.database, free), null);
      writeFileSync(join(project.backups, LOCK), 'garbage'.repeat(1000));
      assert.equal(await ifOnlyWriter(project.backups, project.database, free), null);
    });
    assert.equal(await ifOnlyWriter(project.backups, project.database, free), true);
  });

  it('is not kept from anybody by garbage, nor by a link, and follows none', async () => {
    const outside = join(project.root, 'planted');
    writeFileSync(join(project.backups, LOCK), 'garbage'.repeat(1000));
    const engine = createEngine();
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'first' });
    rmSync(join(project.backups, LOCK));
    symlinkSync(outside, join(project.backups, LOCK));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'second' });
    assert.deepEqual(visibleIn(project.backups), ['first', 'second']);
    assert.ok(!readdirSync(project.root).includes('planted'));
  });

  it('lies beside the database as long as it is held, for everybody who may write to that', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const folder = dirname(project.database);
    const others = readdirSync(folder);
    const made = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.lock'));
    chmodSync(project.database, 0o664);
    await asOnlyWriter(realDisk, project.backups, project.database, undefined, () => {
      const [lock = ''] = made();
      assert.equal(statSync(join(folder, lock)).mode & 0o777, 0o660);
      return Promise.resolve();
    });
    assert.deepEqual(readdirSync(folder), others);
    for (const mode of [0o1777, 0o777]) {
      chmodSync(folder, mode);
      await asOnlyWriter(realDisk, project.backups, project.database, undefined, () => {
        assert.deepEqual(made(), []);
        return Promise.resolve();
      });
    }
  });

  it('takes nothing from a file that has another name too', async () => {
    const precious = join(project.root, 'precious.txt');
    writeFileSync(precious, 'not a lock, and longer than the header of a database'.repeat(10));
    for (const file of [join(project.backups, LOCK), liveLockPath(project.database)]) {
      linkSync(precious, file);
      assert.equal(await ifOnlyWriter(project.backups, project.database, free), true);
    }
    assert.match(readFileSync(precious, 'utf8'), /^not a lock/);
  });

  it('is held by one of two, in one process too, and free when the holder lets go', async () => {
    const file = join(project.root, 'a.lock');
    const first = await takeLock(privateLockFile(file), 0);
    assert.ok(first !== null);
    assert.equal(await takeLock(privateLockFile(file), 0), null);
    first.release();
    const second = await takeLock(privateLockFile(file), 0);
    assert.ok(second !== null);
    second.release();
  });
});

describe('the mark of a name', () => {
  it('holds in its own folder only, and for nothing that is like it', () => {
    const project = makeProject();
    try {
      const name = markedName(project.root, '.tmp-x');
      assert.ok(hasOwnMark(project.root, name));
      assert.ok(!hasOwnMark(project.uploads, name));
      assert.ok(!hasOwnMark(project.root, name.replace('.tmp-x', '.tmp-y')));
      assert.ok(!hasOwnMark(project.root, '.tmp-x-01234567-0123456789abcdef'));
      assert.ok(!hasOwnMark(project.root, '.tmp-x'));
    } finally {
      project.remove();
    }
  });
});
