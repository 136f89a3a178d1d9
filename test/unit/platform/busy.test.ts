import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { explainFileError } from '../../../src/engine/files/explain';
import type { Disk } from '../../../src/engine/files/disk';
import { platformOf, type Platform } from '../../../src/engine/platform/platform';
import { explainSqlite } from '../../../src/engine/sqlite/explain';
import { realEnvironment } from '../../../src/engine/store/environment';
import { isIncomplete } from '../../../src/engine/warnings';
import { BackupError } from '../../../src/engine/errors';
import { failsWith } from '../../support/failing';
import { busyDisk } from '../../support/odd-disks';
import { hiddenIn, makeProject, stateOf, visibleIn, wreck, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const WINDOWS = platformOf('win32');
const engineOn = (disk: Disk, platform?: Platform): Engine =>
  createEngine({ ...realEnvironment, disk, ...(platform === undefined ? {} : { platform }) });
const engine = createEngine();

describe('a file that another program has open', () => {
  const project = newForEachTest(makeProject);
  let request: { readonly root: string };
  beforeEach(() => {
    request = { root: project.root };
  });

  it('is missing from a backup that is otherwise whole, and named', async () => {
    const path = join(project.uploads, 'cv.pdf');
    const { disk } = busyDisk({ path, calls: ['copy', 'hash'] });
    const created = await engineOn(disk).create(request, { trigger: 'manual' });
    assert.deepEqual(created.partial, [{ path: 'uploads/cv.pdf', reason: 'another program has it open' }]);
    assert.equal(isIncomplete(created), true);
    assert.equal(created.files?.length, 3);
  });

  for (const [what, path, ...calls] of [
    ['the database', 'pats.db', 'hash'],
    ['an upload', 'uploads/2024/portrait.png', 'hash', 'copy'],
    ['the manifest', 'backup_metadata.json', 'readTextNow'],
  ] as const) {
    it(`in a backup (${what}) is no damage: it could not be checked, and nothing is restored from it`, async () => {
      const { path: folder } = await engine.create(request, { trigger: 'manual', name: 'good' });
      await engine.verify(request, { deep: true });
      const [before] = (await engine.list(request)).backups;
      const { disk, release } = busyDisk({ path: join(folder, path), calls });
      const busy = engineOn(disk);
      const [result] = await busy.verify(request, { deep: true });
      assert.deepEqual([result?.problems, result?.damaged, result?.ok], [[], [], true]);
      assert.deepEqual(
        result?.warnings.map(({ code }) => code),
        ['FILE_IN_USE'],
      );
      assert.match(result.warnings[0]?.message ?? '', /open/);
      wreck(project);
      const wrecked = stateOf(project);
      const error = await failsWith('FILE_IN_USE', busy.restore(request, { name: 'good', scope: 'all' }));
      assert.match(error.message, new RegExp(path.replaceAll('.', '[.]')));
      assert.deepEqual(stateOf(project), wrecked);
      assert.deepEqual([visibleIn(project.backups), hiddenIn(project.backups)], [['good'], []]);
      release();
      assert.deepEqual((await busy.list(request)).backups[0]?.verification, before?.verification);
      await busy.restore(request, { name: 'good', scope: 'all' });
    });
  }

  it('of our own is none in the way of a test restore, which removes its copies while it holds the lock beside them', async () => {
    await engine.create(request, { trigger: 'manual', name: 'good' });
    const { disk, refusals } = busyDisk({ path: (path) => existsSync(join(path, '.in-use')), calls: ['remove'] });
    assert.deepEqual((await engineOn(disk).drill(request, { name: 'good' })).problems, []);
    assert.equal(refusals(), 0);
  });

  for (const code of ['EBUSY', 'EPERM']) {
    it(`among the live uploads (${code}) stops a restore before anything is different, and is named`, async () => {
      await engine.create(request, { trigger: 'manual', name: 'good' });
      // The database stays as it was backed up: only the uploads have anything to lose.
      writeUpload(project, 'cv.pdf', 'overwritten');
      writeUpload(project, '2024/more/deep.txt', 'deep');
      const before = stateOf(project);
      const path = join(project.uploads, '2024/more/deep.txt');
      const { disk, release, refusals } = busyDisk({ path, calls: ['rename'], code, holdsFolders: true });
      const busy = engineOn(disk, WINDOWS);
      const error = await failsWith('FILE_IN_USE', busy.restore(request, { name: 'good', scope: 'all' }));
      assert.match(error.message, /deep\.txt/);
      assert.ok(refusals() > 0);
      assert.deepEqual(stateOf(project), before);
      assert.deepEqual([visibleIn(project.backups), hiddenIn(project.backups)], [['good'], []]);
      release();
      const wanted = await engine.create(request, { trigger: 'manual', name: 'changed' });
      await busy.restore(request, { name: 'good', scope: 'all' });
      await busy.restore(request, { name: wanted.backup_name, scope: 'all' });
      assert.deepEqual(stateOf(project), before);
    });
  }

  for (const platform of [WINDOWS, platformOf('linux')]) {
    it(`among the live uploads, whichever it is, leaves all others where they are (${platform.isWindows ? 'Windows' : 'Linux'})`, async () => {
      await engine.create(request, { trigger: 'manual', name: 'good' });
      writeUpload(project, 'cv.pdf', 'overwritten');
      const before = stateOf(project);
      // On Windows the files of a folder that is held are moved one by one.
      for (const name of readdirSync(project.uploads).filter((each) => each !== '2024' || !platform.isWindows)) {
        const { disk } = busyDisk({ path: join(project.uploads, name), calls: ['rename'] });
        const busy = engineOn(disk, platform);
        const code = platform.isWindows ? 'FILE_IN_USE' : 'NO_PERMISSION';
        const { message } = await failsWith(code, busy.restore(request, { name: 'good', scope: 'all' }));
        assert.match(message, new RegExp(name.replace('.', '[.]')));
        assert.deepEqual(stateOf(project), before);
        assert.deepEqual(hiddenIn(project.backups), []);
      }
    });
  }

  it('does not keep the other files of its folder from being replaced when only the folder itself is held', async () => {
    const before = stateOf(project);
    await engine.create(request, { trigger: 'manual', name: 'good' });
    writeUpload(project, '2024/portrait.png', 'overwritten');
    const { disk, refusals } = busyDisk({ path: join(project.uploads, '2024'), calls: ['rename', 'removeEmpty'], code: 'EPERM' });
    await engineOn(disk, WINDOWS).restore(request, { name: 'good', scope: 'all' });
    assert.ok(refusals() > 0);
    assert.deepEqual(stateOf(project), before);
    assert.deepEqual(hiddenIn(project.backups), []);
  });

  for (const times of [1, Infinity]) {
    it(`in the way of cleaning up (${times === 1 ? 'once' : 'for ever'}) makes no failure of a restore or a removal that is done`, async () => {
      const before = stateOf(project);
      await engine.create(request, { trigger: 'manual', name: 'good' });
      wreck(project);
      const path = (each: string): boolean => /\.pats-restore-|\.tmp-delete/.test(each);
      const { disk, refusals } = busyDisk({ path, calls: ['remove'], times });
      const busy = engineOn(disk);
      const result = await busy.restore(request, { name: 'good', scope: 'all' });
      assert.equal(
        result.warnings.every(({ code }) => code === 'CLEAN_UP_FAILED'),
        true,
      );
      await busy.remove(request, { names: [result.safetyBackup] });
      assert.ok(refusals() > 0);
      assert.deepEqual(visibleIn(project.backups), ['good']);
      await engine.recover(request, {});
      assert.deepEqual(stateOf(project), before);
      assert.deepEqual(hiddenIn(project.backups), []);
    });
  }

  it('has a sentence of its own wherever it is met, and Windows calls it by other names', () => {
    const failed = (code: string, syscall: string): Error => Object.assign(new Error(code), { code, syscall, path: 'C:\\data\\a.txt' });
    for (const error of [failed('EBUSY', 'open'), failed('ETXTBSY', 'open'), failed('EPERM', 'rename'), failed('EPERM', 'unlink')]) {
      const explained = explainFileError(error, 'C:\\data', WINDOWS);
      assert.ok(explained instanceof BackupError);
      assert.deepEqual([explained.code, explained.message], ['FILE_IN_USE', 'Another program has C:\\data\\a.txt open.']);
    }
    const refused = explainFileError(failed('EPERM', 'rename'), '/data', platformOf('linux'));
    assert.ok(refused instanceof BackupError && refused.code === 'NO_PERMISSION');
    const database = explainSqlite(failed('EBUSY', 'copyfile'), 'C:\\data\\pats.db');
    assert.ok(database instanceof BackupError && database.code === 'FILE_IN_USE');
  });
});
