// Specification of the repair: from every source that the hash proves, in every backup that shares the file, and never invented.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { RepairResult } from '../../../src/engine/engine';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { execute, filesOf, hiddenIn, makeProject, writeUpload, type PatsProject } from '../../support/pats-project';
import { Chance } from '../../support/random';
import { rot } from '../../support/rot';

const engine = createEngine();

describe('repair', () => {
  let project: PatsProject;
  const at = (backup: string, path: string): string => join(project.backups, backup, path);
  const back = async (...names: string[]): Promise<void> => {
    for (const name of names) {
      await engine.create({ root: project.root }, { trigger: 'manual', name });
    }
  };
  const repair = (name: string): Promise<RepairResult> => engine.repair({ root: project.root }, { name });
  const isWhole = async (name: string): Promise<boolean> => {
    const [result] = await engine.verify({ root: project.root }, { names: [name], deep: true });
    return result?.ok === true;
  };
  /** As after an edit of the file in the backup, or on a file system without hard links. */
  const ownCopy = (backup: string, path: string): void => {
    const file = at(backup, path);
    const { atime, mtime } = statSync(file);
    copyFileSync(file, `${file}.new`);
    renameSync(`${file}.new`, file);
    utimesSync(file, atime, mtime);
  };

  beforeEach(() => {
    project = makeProject();
  });
  afterEach(() => {
    project.remove();
  });

  it('takes another backup’s copy, also when the live file has changed since', async () => {
    await back('a', 'b');
    ownCopy('b', 'uploads/cv.pdf');
    writeUpload(project, 'cv.pdf', 'another one');
    rot(at('a', 'uploads/cv.pdf'));
    const result = await repair('a');
    assert.deepEqual(result.repaired, [{ path: 'uploads/cv.pdf', backups: ['a'], from: 'b' }]);
    assert.deepEqual([result.unrepaired, result.warnings], [[], []]);
    assert.ok(await isWhole('a'));
    assert.deepEqual(hiddenIn(project.backups), []);
  });

  it('takes the live file where it is still the same, and mends all backups that share the file', async () => {
    await back('a', 'b', 'c');
    rot(at('b', 'uploads/cv.pdf'));
    const result = await repair('b');
    assert.deepEqual(result.repaired, [{ path: 'uploads/cv.pdf', backups: ['b', 'c', 'a'], from: null }]);
    const inodes = new Set(['a', 'b', 'c'].map((name) => statSync(at(name, 'uploads/cv.pdf')).ino));
    assert.equal(inodes.size, 1);
    assert.notEqual(statSync(at('a', 'uploads/cv.pdf')).ino, statSync(join(project.uploads, 'cv.pdf')).ino);
    const { backups } = await engine.list({ root: project.root });
    assert.deepEqual(
      backups.map(({ verification }) => verification?.ok),
      [true, true, true],
    );
  });

  it('brings a deleted file back, with its time, so that the next backup shares it', async () => {
    await back('a');
    rmSync(at('a', 'uploads/cv.pdf'));
    assert.equal((await repair('a')).repaired.length, 1);
    await back('b');
    assert.equal(statSync(at('a', 'uploads/cv.pdf')).ino, statSync(at('b', 'uploads/cv.pdf')).ino);
  });

  it('leaves what nobody has any more as it is, and says so', async () => {
    await back('a');
    writeUpload(project, 'cv.pdf', '%PDF-1.7 a curriculum vitaE');
    rot(at('a', 'uploads/cv.pdf'));
    rot(at('a', 'uploads/2024/portrait.png'));
    const before = readFileSync(at('a', 'uploads/cv.pdf'));
    const result = await repair('a');
    assert.deepEqual(
      result.repaired.map(({ path }) => path),
      ['uploads/2024/portrait.png'],
    );
    assert.deepEqual(
      result.unrepaired.map(({ path }) => path),
      ['uploads/cv.pdf'],
    );
    assert.deepEqual(
      result.warnings.map(({ code }) => code),
      ['NOT_MENDED'],
    );
    assert.deepEqual(readFileSync(at('a', 'uploads/cv.pdf')), before);
    assert.equal(await isWhole('a'), false);
  });

  it('does not take a copy that has rotted too', async () => {
    await back('a', 'b');
    ownCopy('b', 'uploads/cv.pdf');
    rmSync(join(project.uploads, 'cv.pdf'));
    rot(at('a', 'uploads/cv.pdf'));
    rot(at('b', 'uploads/cv.pdf'), 5);
    assert.deepEqual((await repair('a')).repaired, []);
  });

  it('mends the database from a backup with the same one, or from the live one, or not at all', async () => {
    await back('a', 'b');
    rot(at('a', 'pats.db'), 5000);
    assert.deepEqual((await repair('a')).repaired, [{ path: 'pats.db', backups: ['a'], from: 'b' }]);
    assert.ok(await isWhole('a'));
    rmSync(join(project.backups, 'b'), { recursive: true });
    rot(at('a', 'pats.db'), 5000);
    assert.deepEqual((await repair('a')).repaired, [{ path: 'pats.db', backups: ['a'], from: null }]);
    assert.ok(await isWhole('a'));
    rot(at('a', 'pats.db'), 5000);
    execute(project.database, "INSERT INTO companies (name) VALUES ('later')");
    assert.deepEqual((await repair('a')).repaired, []);
  });

  it('shows beforehand what it will do, and changes nothing', async () => {
    await back('a', 'b');
    rot(at('a', 'uploads/cv.pdf'));
    const before = filesOf(project.backups);
    const planned = await engine.planRepair({ root: project.root }, { name: 'a' });
    assert.deepEqual(filesOf(project.backups), before);
    assert.deepEqual(await repair('a'), planned);
    assert.notDeepEqual(filesOf(project.backups), before);
  });

  it('has nothing to do where nothing is wrong', async () => {
    await back('a');
    assert.deepEqual(await repair('a'), { name: 'a', repaired: [], unrepaired: [], warnings: [] });
  });

  it('writes nothing through a link in the backup', async () => {
    await back('a');
    const outside = join(project.root, 'outside');
    mkdirSync(outside);
    rmSync(at('a', 'uploads/2024'), { recursive: true });
    symlinkSync(outside, at('a', 'uploads/2024'));
    const { repaired, unrepaired } = await repair('a');
    assert.deepEqual(repaired, []);
    assert.ok(unrepaired.length >= 2);
    assert.deepEqual(filesOf(outside), {});
  });

  it('names the file that this user may not replace, and no folder of its own', async () => {
    await back('a', 'b');
    ownCopy('b', 'uploads/cv.pdf');
    rot(at('a', 'uploads/cv.pdf'));
    const rename = (from: string, to: string): Promise<void> =>
      to === at('a', 'uploads/cv.pdf')
        ? Promise.reject(Object.assign(new Error('EACCES: test'), { code: 'EACCES' }))
        : realDisk.rename(from, to);
    const { unrepaired } = await createEngine({ ...realEnvironment, disk: { ...realDisk, rename } }).repair(
      { root: project.root },
      { name: 'a' },
    );
    assert.match(unrepaired[0]?.reason ?? '', /may not read or write .*a\/uploads\/cv\.pdf\.$/);
  });

  it('leaves the damaged file in its place when the new one cannot be brought to the disk', async () => {
    await back('a');
    rot(at('a', 'uploads/cv.pdf'));
    const before = filesOf(project.backups);
    const disk = { ...realDisk, sync: () => Promise.reject(Object.assign(new Error('EIO: test'), { code: 'EIO' })) };
    const { repaired, unrepaired } = await createEngine({ ...realEnvironment, disk }).repair({ root: project.root }, { name: 'a' });
    assert.deepEqual([repaired.length, unrepaired.length], [0, 1]);
    assert.deepEqual(filesOf(project.backups), before);
  });

  it('is told of once where it was done in part', async () => {
    await back('a', 'b');
    rot(at('a', 'uploads/cv.pdf'));
    let renames = 0;
    const rename = (from: string, to: string): Promise<void> =>
      to.endsWith('cv.pdf') && ++renames === 2
        ? Promise.reject(Object.assign(new Error('EIO: test'), { code: 'EIO' }))
        : realDisk.rename(from, to);
    const flaky = createEngine({ ...realEnvironment, disk: { ...realDisk, rename } });
    const { repaired, unrepaired } = await flaky.repair({ root: project.root }, { name: 'a' });
    assert.deepEqual(repaired, [{ path: 'uploads/cv.pdf', backups: ['a'], from: null }]);
    assert.equal(unrepaired.length, 1);
    assert.ok(await isWhole('a'));
    assert.equal(await isWhole('b'), false);
  });
});

describe('rot at random places of chains of backups', function () {
  this.timeout(120_000);
  for (let seed = 1; seed <= 6; seed++) {
    it(`is found where it is, passed on nowhere, and mended or named (seed ${seed})`, async () => {
      const chance = new Chance(seed);
      const project = makeProject();
      try {
        const names: string[] = [];
        /** What each backup held when it was made. */
        const truth = new Map<string, Record<string, string>>();
        const uploadsOf = (name: string): Record<string, string> => filesOf(join(project.backups, name, 'uploads'));
        const back = async (): Promise<void> => {
          const name = `b${names.length}`;
          await engine.create({ root: project.root }, { trigger: 'manual', name });
          names.push(name);
          truth.set(name, filesOf(project.uploads));
          assert.deepEqual(uploadsOf(name), filesOf(project.uploads), `${name} is not the live data`);
        };
        const paths = ['cv.pdf', '2024/portrait.png', '2024/Übersicht.txt'];
        for (let round = 0; round < 8; round++) {
          await back();
          for (let changes = chance.below(3); changes > 0; changes--) {
            if (chance.is(0.4)) {
              writeUpload(project, chance.of(paths), `changed ${chance.next()} in round ${round}`);
            } else {
              rot(join(project.backups, chance.of(names), 'uploads', chance.of(paths)), chance.below(5));
              const results = await engine.verify({ root: project.root }, { deep: true });
              for (const { name, ok } of results) {
                assert.equal(ok, JSON.stringify(uploadsOf(name)) === JSON.stringify(truth.get(name)), `verification of ${name}`);
              }
            }
          }
        }
        for (const name of names) {
          const { unrepaired } = await engine.repair({ root: project.root }, { name });
          const now = uploadsOf(name);
          const wrong = Object.keys(now).filter((path) => now[path] !== truth.get(name)?.[path]);
          assert.deepEqual(unrepaired.map(({ path }) => path).sort(), wrong.map((path) => `uploads/${path}`).sort(), name);
          // What is still wrong is really nowhere.
          for (const path of wrong) {
            const lost = truth.get(name)?.[path];
            const everywhere = [filesOf(project.uploads), ...names.map(uploadsOf)].flatMap((files) => Object.values(files));
            assert.ok(!everywhere.includes(lost ?? ''), `${path} of ${name} could have been mended`);
          }
        }
        for (const { name, ok } of await engine.verify({ root: project.root }, {})) {
          assert.equal(ok, JSON.stringify(uploadsOf(name)) === JSON.stringify(truth.get(name)), `${name} at the end`);
        }
        assert.deepEqual(hiddenIn(project.backups), []);
      } finally {
        project.remove();
      }
    });
  }
});
