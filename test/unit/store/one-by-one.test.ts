// Specification of deeds on several backups: exit code 1 only where nothing was changed, and what was done is told.
import assert from 'node:assert/strict';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { leftUndone } from '../../../src/engine/warnings';
import { makeProject, visibleIn, type PatsProject } from '../../support/pats-project';

describe('a deed on several backups that fails half-way', () => {
  let project: PatsProject;
  const names = ['a', 'b', 'c'];

  beforeEach(async () => {
    project = makeProject();
    for (const name of names) {
      await createEngine().create({ root: project.root }, { trigger: 'manual', name });
    }
  });
  afterEach(() => {
    project.remove();
  });

  /** An engine on a disk that cannot rename at its nth try, counted among those that this is about. */
  const failingAt = (nth: number, isMeant: (from: string, to: string) => boolean): ReturnType<typeof createEngine> => {
    let count = 0;
    const rename = (from: string, to: string): Promise<void> =>
      isMeant(from, to) && ++count === nth
        ? Promise.reject(Object.assign(new Error('EIO: test'), { code: 'EIO' }))
        : realDisk.rename(from, to);
    return createEngine({ ...realEnvironment, disk: { ...realDisk, rename } });
  };
  const isDeletion = (_from: string, to: string): boolean => to.includes('.tmp-delete');

  for (const verb of ['remove', 'prune'] as const) {
    const perform = (engine: ReturnType<typeof createEngine>): Promise<string[]> =>
      verb === 'remove'
        ? engine.remove({ root: project.root }, { names: ['a', 'b'] })
        : engine.prune({ root: project.root }, { names: ['a', 'b'], policy: { keepLast: 1 } });

    it(`${verb} fails when the first one cannot be done, and nothing is changed`, async () => {
      await assert.rejects(perform(failingAt(1, isDeletion)));
      assert.deepEqual(visibleIn(project.backups), names);
    });

    it(`${verb} tells what was done when a later one cannot be`, async () => {
      const done = await perform(failingAt(2, isDeletion));
      assert.deepEqual(done, ['a']);
      assert.deepEqual(visibleIn(project.backups), ['b', 'c']);
      assert.deepEqual(
        leftUndone(['a', 'b'], done, 'deleted').map(({ code, message }) => `${code} ${message}`),
        ['NOT_DONE b was not deleted. Run it again to see why.'],
      );
    });
  }

  it('pins tell the same', async () => {
    const engine = failingAt(2, (_from, to) => to.endsWith('backup_metadata.json'));
    assert.deepEqual(await engine.setPinned({ root: project.root }, { names, pinned: true }), ['a']);
  });

  it('a pin or a note that this user may not set names the backup', async () => {
    const writeText = (): Promise<void> => Promise.reject(Object.assign(new Error('EACCES: test'), { code: 'EACCES' }));
    const engine = createEngine({ ...realEnvironment, disk: { ...realDisk, writeText } });
    const { root } = project;
    await assert.rejects(engine.setPinned({ root }, { names: ['b'], pinned: true }), {
      code: 'NO_PERMISSION',
      message: /backups[\\/]b\.$/,
    });
    await assert.rejects(engine.setNote({ root }, { name: 'b', note: 'x' }), { code: 'NO_PERMISSION', message: /backups[\\/]b\.$/ });
  });

  it('what cannot be brought to the disk is taken back', async () => {
    const syncFolder = (path: string): Promise<void> =>
      path === project.backups ? Promise.reject(Object.assign(new Error('EIO: test'), { code: 'EIO' })) : realDisk.syncFolder(path);
    const engine = createEngine({ ...realEnvironment, disk: { ...realDisk, syncFolder } });
    await assert.rejects(engine.remove({ root: project.root }, { names: ['a'] }));
    await assert.rejects(engine.create({ root: project.root }, { trigger: 'manual', name: 'd' }));
    assert.deepEqual(visibleIn(project.backups), names);
  });

  it('a backup that is gone is deleted, also when its last bytes cannot be removed at once', async () => {
    const remove = (path: string): Promise<void> =>
      path.includes('.tmp-delete') ? Promise.reject(Object.assign(new Error('EIO: test'), { code: 'EIO' })) : realDisk.remove(path);
    const engine = createEngine({ ...realEnvironment, disk: { ...realDisk, remove } });
    assert.deepEqual(await engine.remove({ root: project.root }, { names: ['a'] }), ['a']);
    assert.deepEqual(visibleIn(project.backups), ['b', 'c']);
  });
});
