// Uploads whose paths a backup cannot hold: they are named, and everything else is backed up.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { filesOf, makeProject, rowsOf, writeUpload, type PatsProject } from '../../support/pats-project';

describe('a backup of odd paths', function () {
  this.timeout(30_000);
  let project: PatsProject;

  beforeEach(() => {
    project = makeProject();
  });
  afterEach(() => {
    project.remove();
  });

  const backUp = (engine = createEngine()) => engine.create({ root: project.root }, { trigger: 'manual', name: 'kept' });
  const stored = (path: string): boolean => existsSync(join(project.backups, 'kept/uploads', path));

  it('names the file and the empty folder whose paths are too long in the backups folder, and holds the rest', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    // Made step by step: whole, the path is as long as a path can be.
    const script = `
import os, sys
os.chdir(sys.argv[1]); length = len(os.getcwd())
while 4094 - length - 1 > 250:
    name = 'd' * min(200, 4094 - length - 3); os.mkdir(name); os.chdir(name); length += 1 + len(name)
open('f' * (4094 - length - 1), 'w').write('deep'); os.mkdir('e' * (4094 - length - 1))`;
    execFileSync('python3', ['-c', script, project.uploads]);
    const before = rowsOf(project.database);
    const { partial = [], files } = await backUp();
    assert.deepEqual(partial.map(({ path }) => path.split('/').at(-1)?.[0]).sort(), ['e', 'f']);
    assert.ok(partial.every(({ reason }) => reason.includes('too long')));
    assert.ok(stored('2024/portrait.png') && Array.isArray(files));
    assert.deepEqual(rowsOf(join(project.backups, 'kept/pats.db')), before);
    execFileSync('rm', ['-rf', join(project.uploads, 'd'.repeat(200))]);
  });

  it('shows the bytes of a name that is not UTF-8, beside one that looks the same', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    writeUpload(project, 'caf\u{fffd}.txt', 'looks the same');
    writeFileSync(Buffer.concat([Buffer.from(`${project.uploads}/caf`), Buffer.from([0xe9]), Buffer.from('.txt')]), 'latin-1');
    mkdirSync(Buffer.concat([Buffer.from(`${project.uploads}/2024/`), Buffer.from([0xff])]));
    const { partial = [] } = await backUp();
    assert.deepEqual(
      partial.map(({ path }) => path),
      ['uploads/caf\\xe9.txt', 'uploads/2024/\\xff'],
    );
    assert.ok(stored('caf\u{fffd}.txt'));
  });

  it('names a link whose target is not UTF-8, instead of keeping another one', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    symlinkSync(Buffer.from([0x66, 0xff]), join(project.uploads, 'odd'));
    const { partial = [], links = [] } = await backUp();
    assert.deepEqual([partial.map(({ path }) => path), links], [['uploads/odd'], []]);
    assert.match(partial[0]?.reason ?? '', /f\\xff/);
  });

  for (const [code, reason] of [
    ['ENAMETOOLONG', 'too long'],
    ['EINVAL', 'refuses its name'],
    ['EEXIST', 'same name'],
    ['EFBIG', 'too large'],
  ] as const) {
    it(`goes on without a file that the backups folder refuses with ${code}`, async () => {
      const copy: Disk['copy'] = (from, to, sparse) =>
        from.endsWith('portrait.png')
          ? Promise.reject(Object.assign(new Error(`${code}: refused`), { code }))
          : realDisk.copy(from, to, sparse);
      const { partial } = await backUp(createEngine({ ...realEnvironment, disk: { ...realDisk, copy } }));
      assert.deepEqual(
        partial?.map(({ path }) => path),
        ['uploads/2024/portrait.png'],
      );
      assert.match(partial[0]?.reason ?? '', new RegExp(reason));
      assert.equal(stored('2024/portrait.png'), false);
      assert.ok(stored('cv.pdf'));
    });
  }

  it('goes on without a folder that the backups folder refuses, and names what is in it', async () => {
    writeUpload(project, '2024/deeper/file.txt', 'x');
    const makeFolder: Disk['makeFolder'] = (path) =>
      basename(path) === '2024' ? Promise.reject(Object.assign(new Error('EILSEQ'), { code: 'EILSEQ' })) : realDisk.makeFolder(path);
    const { partial } = await backUp(createEngine({ ...realEnvironment, disk: { ...realDisk, makeFolder } }));
    assert.deepEqual(partial?.map(({ path }) => path).sort(), [
      'uploads/2024/deeper/file.txt',
      'uploads/2024/portrait.png',
      'uploads/2024/Übersicht.txt',
    ]);
    const [result] = await createEngine().verify({ root: project.root }, { deep: true });
    assert.deepEqual(result?.problems, []);
    assert.equal(Object.keys(filesOf(join(project.backups, 'kept/uploads'))).length, 2);
  });
});
