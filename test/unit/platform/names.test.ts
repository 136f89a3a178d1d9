import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realEnvironment } from '../../../src/engine/store/environment';
import { DECOMPOSING, LOWERING, namingDisk } from '../../support/odd-disks';
import { makeProject, stateOf, wreck, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

describe('a backup on a file system that keeps names in its own way', () => {
  const project = newForEachTest(makeProject);

  for (const [name, naming] of Object.entries({ 'decomposes accents': DECOMPOSING, 'folds case': LOWERING })) {
    it(`and ${name}: verifies, restores under the names that were backed up, and comes back from an export`, async () => {
      const disk = namingDisk(project.backups, naming);
      const engine = createEngine({ ...realEnvironment, disk });
      const request = { root: project.root };
      writeUpload(project, 'Größe/Ébauche.TXT', 'a name with accents and capitals');
      const before = stateOf(project);
      await engine.create(request, { trigger: 'manual', name: 'good' });
      for (const deep of [false, true]) {
        assert.deepEqual(
          (await engine.verify(request, { deep })).map(({ ok, problems }) => ({ ok, problems })),
          [{ ok: true, problems: [] }],
        );
      }
      const { file } = await engine.exportBackup(request, { name: 'good', file: join(project.root, 'good.zip') });
      wreck(project);
      await engine.restore(request, { name: 'good', scope: 'all' });
      assert.deepEqual(stateOf(project), before);
      await createEngine().importBackup({ ...request, backups: join(project.root, 'elsewhere') }, { file });
      const [imported] = await createEngine().verify({ ...request, backups: join(project.root, 'elsewhere') }, { deep: true });
      assert.deepEqual(imported?.problems, []);
    });
  }

  it('and is brought back from there to one that tells all names apart', async () => {
    const engine = createEngine();
    const before = stateOf(project);
    const { path } = await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    renameSync(join(path, 'uploads/2024/Übersicht.txt'), join(path, 'uploads/2024', 'Übersicht.txt'.normalize('NFD')));
    assert.deepEqual((await engine.verify({ root: project.root }, { deep: true }))[0]?.problems, []);
    wreck(project);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    assert.deepEqual(stateOf(project), before);
  });

  it('still tells when content is lost or changed', async () => {
    const disk = namingDisk(project.backups, DECOMPOSING);
    const engine = createEngine({ ...realEnvironment, disk });
    const { path } = await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    await disk.remove(join(path, 'uploads/2024/Übersicht.txt'));
    await disk.writeText(join(path, 'uploads/2024/ÜBERSICHT.txt'), 'Something else');
    const [result] = await engine.verify({ root: project.root }, { deep: true });
    assert.equal(result?.ok, false);
  });
});
