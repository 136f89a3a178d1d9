// Specification of many uploads: what is done in batches is what would have been done one by one, and no failure is lost in a batch.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realMany } from '../../../src/engine/files/many';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { filesOf, hiddenIn, makeProject, stateOf, writeUpload, type PatsProject } from '../../support/pats-project';
import { rot } from '../../support/rot';
import { newForEachTest } from '../../support/stand-in';

const COUNT = 150;

function on(disk: Partial<Disk>): ReturnType<typeof createEngine> {
  return createEngine({ ...realEnvironment, disk: { ...realDisk, ...disk } });
}

function makeMany(): PatsProject {
  const project = makeProject();
  for (let number = 0; number < COUNT; number++) {
    writeUpload(project, `${number % 7}/${number}.txt`, `upload ${number}`.repeat(number));
  }
  writeUpload(project, 'large.bin', 'x'.repeat(2 * 1024 * 1024));
  writeUpload(project, 'holes.bin', '');
  truncateSync(join(project.uploads, 'holes.bin'), 500_000);
  linkSync(join(project.uploads, '3/3.txt'), join(project.uploads, 'further-name.txt'));
  utimesSync(join(project.uploads, '4/4.txt'), new Date(-1e9), new Date(-1e9));
  return project;
}

describe('a backup of many uploads', () => {
  const project = newForEachTest(makeMany);
  const create = async (engine: ReturnType<typeof createEngine>, name: string): Promise<unknown> => {
    const { files } = await engine.create({ root: project.root }, { trigger: 'manual', name });
    return files;
  };

  it('is in batches what it is one by one: the same list, the same bytes, private and with the same times', async () => {
    const one = await create(on({ many: null }), 'one');
    await on({}).remove({ root: project.root }, { names: ['one'] });
    const many = await create(on({}), 'many');
    assert.deepEqual(many, one);
    assert.deepEqual(filesOf(join(project.backups, 'many/uploads')), filesOf(project.uploads));
    for (const path of ['3/3.txt', '4/4.txt', 'large.bin']) {
      const [kept, live] = [join(project.backups, 'many/uploads', path), join(project.uploads, path)].map((file) => statSync(file));
      assert.equal(kept?.mtimeMs, live?.mtimeMs, path);
      assert.ok(process.platform === 'win32' || (kept?.mode ?? 0) % 0o1000 === 0o600, path);
    }
  });

  it('shares what is unchanged, and what somebody has changed in the backup before not', async () => {
    await create(on({}), 'first');
    const spoilt = join(project.backups, 'first/uploads/5/5.txt');
    writeFileSync(spoilt, 'changed in the backup itself');
    writeUpload(project, '6/6.txt', 'changed live');
    await create(on({}), 'second');
    assert.deepEqual(filesOf(join(project.backups, 'second/uploads')), filesOf(project.uploads));
    const inodes = ['first', 'second'].map((name) => statSync(join(project.backups, name, 'uploads/1/1.txt')).ino);
    assert.equal(inodes[0], inodes[1]);
  });

  for (const many of [realMany, null]) {
    const how = many === null ? 'one by one' : 'in batches';
    const onlyGnu = process.platform === 'linux' ? it : it.skip;

    onlyGnu(`shares, ${how}, what only looks changed, as it does after a restore, and copies what has the same size and time`, async () => {
      const live = join(project.uploads, '6/6.txt');
      const time = new Date('2026-06-01T12:00:00Z');
      utimesSync(live, time, time);
      await create(on({ many }), 'first');
      for (const path of Object.keys(filesOf(project.uploads))) {
        chmodSync(join(project.uploads, path), 0o640);
      }
      writeFileSync(live, readFileSync(live, 'utf8').replace('u', 'U'));
      utimesSync(live, time, time);
      const files = (await create(on({ many }), 'second')) as { path: string; mode: number }[];
      assert.deepEqual(filesOf(join(project.backups, 'second/uploads')), filesOf(project.uploads));
      assert.ok(files.every(({ mode }) => mode === 0o640));
      const isShared = (path: string): boolean =>
        new Set(['first', 'second'].map((name) => statSync(join(project.backups, name, 'uploads', path)).ino)).size === 1;
      assert.deepEqual(['1/1.txt', '2/9.txt', 'large.bin', '6/6.txt'].map(isShared), [true, true, true, false]);
      assert.ok((await on({}).verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
    });

    onlyGnu(`copies, ${how}, what only looks changed where the backup before has rotted, and says so`, async () => {
      await create(on({ many }), 'first');
      const rotten = ['1/15.txt', '2/16.txt', 'large.bin', 'further-name.txt'];
      for (const path of Object.keys(filesOf(project.uploads))) {
        chmodSync(join(project.uploads, path), 0o640);
      }
      for (const path of rotten) {
        rot(join(project.backups, 'first/uploads', path));
      }
      const { warnings } = await on({ many }).create({ root: project.root }, { trigger: 'manual', name: 'second' });
      assert.deepEqual(filesOf(join(project.backups, 'second/uploads')), filesOf(project.uploads));
      assert.equal(warnings.filter(({ code }) => code === 'VERIFICATION_FAILED').length, rotten.length);
    });

    onlyGnu(`copies, ${how}, what got or lost an extended attribute`, async function () {
      const inPython = (folder: string, call: string): string =>
        execFileSync('python3', ['-c', `import os; print(os.${call})`], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
      try {
        inPython(project.uploads, `setxattr('1/1.txt', 'user.pats', b'old')`);
      } catch {
        this.skip();
      }
      await create(on({ many }), 'first');
      for (const path of Object.keys(filesOf(project.uploads))) {
        chmodSync(join(project.uploads, path), 0o640);
      }
      inPython(project.uploads, `removexattr('1/1.txt', 'user.pats')`);
      inPython(project.uploads, `setxattr('2/2.txt', 'user.pats', b'new')`);
      await create(on({ many }), 'second');
      const kept = (name: string, path: string): string => inPython(join(project.backups, name, 'uploads'), `listxattr('${path}')`);
      assert.deepEqual(
        ['first', 'second'].map((name) => [kept(name, '1/1.txt'), kept(name, '2/2.txt')]),
        [
          ["['user.pats']", '[]'],
          ['[]', "['user.pats']"],
        ],
      );
    });
  }

  it('copies a file that is written to between the look and the batch as it is then', async () => {
    const many = {
      ...realMany,
      copy: (files: Parameters<typeof realMany.copy>[0]) => {
        writeUpload(project, '2/2.txt', 'saved at this moment');
        return realMany.copy(files);
      },
    };
    await create(on({ many }), 'busy');
    assert.equal(readFileSync(join(project.backups, 'busy/uploads/2/2.txt'), 'utf8'), 'saved at this moment');
    assert.ok((await on({}).verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
  });

  it('does what a batch refused by itself, and what fails there too fails the backup, without a trace', async () => {
    const refuses = { copy: () => [], link: () => [], linkEqual: () => [], hash: () => [], setMode: () => [] };
    await create(on({ many: refuses }), 'good');
    assert.deepEqual(filesOf(join(project.backups, 'good/uploads')), filesOf(project.uploads));
    await on({}).remove({ root: project.root }, { names: ['good'] });
    const before = stateOf(project);
    const full = Object.assign(new Error('ENOSPC: test'), { code: 'ENOSPC' });
    const failing = on({ many: refuses, copy: () => Promise.reject(full) });
    await failsWith('NO_SPACE', failing.create({ root: project.root }, { trigger: 'manual', name: 'full' }));
    assert.deepEqual(hiddenIn(project.backups), []);
    assert.deepEqual((await on({}).list({ root: project.root })).backups, []);
    assert.deepEqual(stateOf(project), before);
  });
});
