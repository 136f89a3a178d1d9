// What a failed restore leaves of the uploads folder itself.
import assert from 'node:assert/strict';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { attributesIn, setTime } from '../../support/attributes';
import { makeProject, wreck } from '../../support/pats-project';
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
});
