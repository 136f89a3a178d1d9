// What a failed restore leaves of the uploads folder itself.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { attributesIn, setTime } from '../../support/attributes';
import { filesOf, hiddenIn, makeProject, wreck } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;

describe('the uploads that a restore replaces', () => {
  const project = newForEachTest(makeProject);
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    wreck(project);
  });

  for (const [when, path] of [
    ['before anything was moved', 'new.db'],
    ['after the uploads were moved', 'portrait.png'],
  ] as const) {
    it(`are as they were, with the time of their folder, when it fails ${when}`, async function () {
      if (process.platform === 'win32') {
        this.skip();
      }
      setTime('2001-02-03T04:05:06.789012345Z', project.uploads);
      const before = attributesIn(project.uploads);
      let hasFailed = false;
      const fail = async (goal: string, work: () => Promise<void>): Promise<void> => {
        if (!hasFailed && goal.endsWith(path) && !goal.includes('backups')) {
          hasFailed = true;
          throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
        }
        await work();
      };
      const disk = {
        ...realDisk,
        copy: (from: string, to: string, sparse?: boolean) => fail(path === 'new.db' ? to : '', () => realDisk.copy(from, to, sparse)),
        rename: (from: string, to: string) => fail(path === 'new.db' ? '' : `${to}/${path}`, () => realDisk.rename(from, to)),
      };
      await assert.rejects(createEngine({ ...realEnvironment, disk }).restore({ root: project.root }, all));
      assert.ok(hasFailed);
      assert.deepEqual(attributesIn(project.uploads), before);
    });
  }

  /** Saves an upload right after a look has found that there is none of its name. */
  const savesAt = (step: string, isFailing: boolean, changes: Partial<Disk> = {}): ReturnType<typeof createEngine> => {
    const file = join(project.uploads, 'cv.pdf');
    let isArmed = false;
    return createEngine({
      ...realEnvironment,
      step: (name) => {
        isArmed ||= name === step;
        if (name === step && isFailing) {
          throw new Error('The test ends the restore here.');
        }
      },
      disk: {
        ...realDisk,
        stat: async (path) => {
          try {
            return await realDisk.stat(path);
          } catch (error) {
            if (isArmed && path === file) {
              isArmed = false;
              writeFileSync(file, 'saved in this very moment');
            }
            throw error;
          }
        },
        ...changes,
      },
    });
  };

  it('and one that is saved in the very moment in which the one of the backup takes its place is in the safety backup', async () => {
    const restored = await savesAt('uploads-cleared', false).restore({ root: project.root }, all);
    assert.notEqual(readFileSync(join(project.uploads, 'cv.pdf'), 'utf8'), 'saved in this very moment');
    const kept = join(project.backups, restored.safetyBackup, 'uploads/cv.pdf');
    assert.equal(readFileSync(kept, 'utf8'), 'saved in this very moment');
    assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
  });

  it('and one that is saved in the very moment in which the old one comes back stays', async () => {
    await assert.rejects(savesAt('uploads-placed', true).restore({ root: project.root }, all));
    assert.equal(readFileSync(join(project.uploads, 'cv.pdf'), 'utf8'), 'saved in this very moment');
  });

  it('are as they were when a file had both names as it failed', async () => {
    const before = filesOf(project.uploads);
    let failed = 0;
    const remove = async (path: string): Promise<void> => {
      if (path.endsWith('cv.pdf') && failed++ === 0) {
        throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
      }
      await realDisk.remove(path);
    };
    const step = (name: string): void => {
      if (name === 'uploads-placed') {
        throw new Error('what comes next fails');
      }
    };
    await assert.rejects(createEngine({ ...realEnvironment, step, disk: { ...realDisk, remove } }).restore({ root: project.root }, all));
    assert.equal(failed > 0, true);
    assert.deepEqual(filesOf(project.uploads), before);
    assert.deepEqual(hiddenIn(project.uploads), []);
  });
});
