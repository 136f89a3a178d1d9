import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { platformOf } from '../../../src/engine/platform/platform';
import { recordedNumbers, recordedTarget, restoredMode } from '../../../src/engine/platform/recorded';
import { realEnvironment } from '../../../src/engine/store/environment';
import { linklessDisk, readOnlyDisk } from '../../support/odd-disks';
import { makeProject, stateOf, wreck } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const WINDOWS = platformOf('win32');

describe('what files are besides their bytes, between systems', () => {
  const project = newForEachTest(makeProject);

  it('is nothing that Windows makes up: its uploads are not writable by everybody elsewhere', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const request = { root: project.root };
    chmodSync(project.uploads, 0o755);
    // What Node says of every file there.
    chmodSync(join(project.uploads, 'cv.pdf'), 0o666);
    chmodSync(join(project.uploads, 'empty.txt'), 0o444);
    const created = await createEngine({ ...realEnvironment, platform: WINDOWS }).create(request, { trigger: 'manual', name: 'good' });
    const files = Array.isArray(created.files) ? created.files : [];
    assert.deepEqual(
      files.map(({ path, mode, uid }) => [path, mode, uid]).filter(([, ...numbers]) => numbers.some((number) => number !== undefined)),
      [['uploads/empty.txt', 0o444, undefined]],
    );
    wreck(project);
    await createEngine().restore(request, { name: 'good', scope: 'all' });
    const mode = (name: string): string => (statSync(join(project.uploads, name)).mode & 0o777).toString(8);
    assert.deepEqual([mode('cv.pdf'), mode('empty.txt'), mode('2024/portrait.png')], ['644', '444', '644']);
  });

  it('stays within what the folder allows where the record has no mode, and is exact where it has one', () => {
    const modes = [{}, { mode: 0o666 }, { mode: 0o444 }, { mode: 0o666, uid: 33 }, { mode: 0o640 }].map((entry) =>
      [0o755, 0o700, 0o775].map((folder) => restoredMode(entry, folder).toString(8)),
    );
    assert.deepEqual(modes, [
      ['644', '600', '664'],
      ['644', '600', '664'],
      ['444', '400', '444'],
      ['666', '666', '666'],
      ['640', '640', '640'],
    ]);
    assert.deepEqual(recordedNumbers({ mode: 0o640, uid: 1, gid: 2 }, platformOf('darwin')), { mode: 0o640, uid: 1, gid: 2 });
  });

  it('does not keep a read-only upload from being restored where nothing read-only can be flushed', async () => {
    const engine = createEngine({ ...realEnvironment, disk: readOnlyDisk() });
    const request = { root: project.root };
    chmodSync(join(project.uploads, 'cv.pdf'), 0o444);
    const before = stateOf(project);
    await engine.create(request, { trigger: 'manual', name: 'good' });
    chmodSync(join(project.uploads, 'cv.pdf'), 0o644);
    wreck(project);
    await engine.restore(request, { name: 'good', scope: 'all' });
    assert.deepEqual(stateOf(project), before);
    assert.equal(statSync(join(project.uploads, 'cv.pdf')).mode & 0o777, 0o444);
    await engine.undo(request, {});
    assert.equal(stateOf(project).uploads === before.uploads, false);
  });

  for (const code of ['ENOSYS', 'EPERM', 'ENOTSUP']) {
    it(`is said where links cannot be made (${code}), and the files are restored`, async () => {
      const request = { root: project.root };
      symlinkSync('cv.pdf', join(project.uploads, 'latest.pdf'));
      await createEngine().create(request, { trigger: 'manual', name: 'good' });
      wreck(project);
      const engine = createEngine({ ...realEnvironment, disk: linklessDisk(code) });
      const result = await engine.restore(request, { name: 'good', scope: 'all' });
      assert.match(result.warnings.find((each) => each.code === 'LINKS_LEFT_OUT')?.message ?? '', /latest\.pdf/);
      assert.deepEqual(readdirSync(project.uploads).sort(), ['2024', 'cv.pdf', 'empty.txt']);
      assert.equal(existsSync(join(project.uploads, 'latest.pdf')), false);
      assert.equal(lstatSync(join(project.uploads, 'cv.pdf')).isFile(), true);
    });
  }

  it('has targets of links that every system reads', () => {
    assert.equal(recordedTarget('..\\other\\a.txt', WINDOWS), '../other/a.txt');
    assert.equal(recordedTarget('odd\\name', platformOf('linux')), 'odd\\name');
  });
});
