// Undo goes back to the state before the last restore or to none, and who may not read the backups is told so.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { makeProject, stateOf, wreck } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('undo', () => {
  const project = newForEachTest(makeProject);
  beforeEach(() => engine.create({ root: project.root }, { trigger: 'manual', name: 'good' }));

  it('never goes back beyond the last restore, also when its safety backup cannot be used', async () => {
    wreck(project);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    const second = await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    const before = stateOf(project);
    writeFileSync(join(project.backups, second.safetyBackup, 'backup_metadata.json'), '{ rotten');
    const error = await failsWith('BACKUP_INCOMPLETE', engine.undo({ root: project.root }, {}));
    assert.match(error.message, new RegExp(second.safetyBackup));
    assert.deepEqual(stateOf(project), before);
    await engine.remove({ root: project.root }, { names: [second.safetyBackup] });
    await engine.undo({ root: project.root }, {});
    assert.notDeepEqual(stateOf(project), before);
  });

  it('says that the backups may not be read, instead of that there are none or that a restore waits', async () => {
    const refuse = (path: string): Promise<never> => Promise.reject(Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' }));
    const isInside = (path: string): boolean => path.startsWith(`${project.backups}/`) || path.startsWith(`${project.backups}\\`);
    const disk: Disk = {
      ...realDisk,
      list: (path) => (path === project.backups ? refuse(path) : realDisk.list(path)),
      stat: (path) => (isInside(path) ? refuse(path) : realDisk.stat(path)),
    };
    const stranger = createEngine({ ...realEnvironment, disk });
    const { waiting } = await stranger.recover({ root: project.root }, { dryRun: true });
    assert.equal(waiting, null);
    await failsWith('NO_PERMISSION', stranger.show({ root: project.root }, { name: 'good' }));
    await failsWith('NO_PERMISSION', stranger.undo({ root: project.root }, {}));
  });
});
