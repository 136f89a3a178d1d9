// Files that change under the copy, disks that lack links or room or may only be read, backups on another disk: faults 25 to 40.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { realEnvironment } from '../../src/engine/store/environment';
import { failsWith } from '../support/failing';
import { filesOf, hiddenIn, makeProject, stateOf, writeUpload, wreck, type PatsProject } from '../support/pats-project';

const engine = createEngine();
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

function engineOn(disk: Partial<Disk>): ReturnType<typeof createEngine> {
  return createEngine({ ...realEnvironment, disk: { ...realDisk, ...disk } });
}

function failing(code: string): Error {
  return Object.assign(new Error(`${code}: the disk of the test refuses`), { code });
}

describe('a backup and a restore in odd places', () => {
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(() => {
    project = makeProject();
    request = { root: project.root };
  });
  afterEach(() => {
    project.remove();
  });

  it('fault 25: an upload that vanishes under the copy is left out and named, and the backup is partial', async () => {
    const disk = engineOn({
      copy: async (from, to) => {
        if (basename(from) === 'portrait.png') {
          rmSync(from, { force: true });
        }
        await realDisk.copy(from, to);
      },
    });
    const backup = await disk.create(request, { trigger: 'manual', name: 'vanished' });
    const named = JSON.stringify(backup);
    assert.ok(!existsInBackup(backup.path, '2024/portrait.png'));
    assert.match(named, /portrait\.png|"file_count":3/);
    assert.deepEqual(
      (await engine.verify(request, { deep: true })).filter(({ ok }) => !ok),
      [],
    );
  });

  it('fault 25: an upload that is written to under the copy is copied again, whole', async () => {
    let changes = 0;
    const disk = engineOn({
      copy: async (from, to) => {
        await realDisk.copy(from, to);
        if (basename(from) === 'cv.pdf' && changes < 2) {
          changes++;
          appendFileSync(from, ' and more');
        }
      },
    });
    const backup = await disk.create(request, { trigger: 'manual', name: 'changed' });
    assert.equal(filesOf(join(backup.path, 'uploads'))['cv.pdf'], filesOf(project.uploads)['cv.pdf']);
    assert.equal(changes, 2);
  });

  it('fault 27: a file edited inside one backup is found in every backup that shares it', async () => {
    await engine.create(request, { trigger: 'manual', name: 'first' });
    await engine.create(request, { trigger: 'manual', name: 'second' });
    const shared = join(project.backups, 'first/uploads/cv.pdf');
    assert.equal(statSync(shared).ino, statSync(join(project.backups, 'second/uploads/cv.pdf')).ino, 'the file is not shared');
    appendFileSync(shared, 'edited');
    const results = await engine.verify(request, { deep: true });
    assert.deepEqual(results.map(({ name, ok }) => [name, ok]).sort(), [
      ['first', false],
      ['second', false],
    ]);
    assert.ok(results.every(({ problems }) => problems.join().includes('cv.pdf')));
  });

  it('fault 28: where there are no hard links, files are copied', async () => {
    for (const code of ['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP']) {
      const disk = engineOn({ hardLink: () => Promise.reject(failing(code)) });
      await disk.create(request, { trigger: 'manual', name: `one-${code}` });
      const backup = await disk.create(request, { trigger: 'manual', name: `two-${code}` });
      assert.deepEqual(filesOf(join(backup.path, 'uploads')), filesOf(project.uploads), code);
    }
    assert.ok((await engine.verify(request, { deep: true })).every(({ ok }) => ok));
  });

  it('fault 33: names that fall together on this disk are found before a restore changes anything', async () => {
    writeUpload(project, 'CV.pdf', 'the other one');
    await engine.create(request, { trigger: 'manual', name: 'both' });
    wreck(project);
    const before = stateOf(project);
    const made = new Set<string>();
    const disk = engineOn({
      copy: async (from, to) => {
        if (made.has(to.toLowerCase())) {
          throw failing('EEXIST');
        }
        made.add(to.toLowerCase());
        await realDisk.copy(from, to);
      },
    });
    const error = await failsWith('WRITE_FAILED', disk.restore(request, { name: 'both', scope: 'all' }));
    assert.match(error.message, /cv\.pdf/i);
    await engine.recover(request, {});
    assert.deepEqual(stateOf(project), before);
    assert.deepEqual(
      hiddenIn(project.backups).filter((name) => name.startsWith('.tmp-') || name.includes('journal')),
      [],
    );
  });

  it('fault 40: without room for the safety backup nothing is changed', async () => {
    await engine.create(request, { trigger: 'manual', name: 'good' });
    wreck(project);
    const before = stateOf(project);
    const backups = filesOf(project.backups);
    const disk = engineOn({ freeBytes: () => Promise.resolve(10_000) });
    await failsWith('NO_SPACE', disk.restore(request, { name: 'good', scope: 'all' }));
    assert.deepEqual(stateOf(project), before);
    assert.deepEqual(Object.keys(filesOf(project.backups)).sort(), Object.keys(backups).sort());
  });

  if (mayMount) {
    it('fault 30: backups on a disk that may only be read are listed, verified and restored from, and stay as they are', async () => {
      await engine.create(request, { trigger: 'manual', name: 'good' });
      const good = stateOf(project);
      wreck(project);
      const media = join(project.root, 'media');
      execFileSync('cp', ['-a', project.backups, media]);
      const content = filesOf(media);
      execFileSync('mount', ['--bind', media, media]);
      execFileSync('mount', ['-o', 'remount,ro,bind', media]);
      try {
        const onMedia = { ...request, backups: media };
        assert.deepEqual(
          (await engine.list(onMedia)).backups.map(({ name }) => name),
          ['good'],
        );
        assert.ok((await engine.verify(onMedia, { deep: true })).every(({ ok }) => ok));
        assert.ok((await engine.drill(onMedia, { name: 'good' })).ok);
        assert.deepEqual(filesOf(media), content);
      } finally {
        execFileSync('umount', ['-l', media]);
      }
      await engine.restore(request, { name: 'good', scope: 'all' });
      assert.deepEqual(stateOf(project), good);
    });

    it('fault 31: backups on another disk are made and restored by copies', async () => {
      mkdirSync(project.backups);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', project.backups]);
      try {
        const good = stateOf(project);
        await engine.create(request, { trigger: 'manual', name: 'good' });
        wreck(project);
        const wrecked = stateOf(project);
        await engine.restore(request, { name: 'good', scope: 'all' });
        assert.deepEqual(stateOf(project), good);
        await engine.undo(request, {});
        assert.deepEqual(stateOf(project), wrecked);
      } finally {
        execFileSync('umount', ['-l', project.backups]);
      }
    });
  } else {
    console.log('Not run: faults 30 and 31 need a disk that only root may mount.');
  }
});

function existsInBackup(path: string, upload: string): boolean {
  return Object.keys(filesOf(join(path, 'uploads'))).includes(upload);
}
