import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { personIn } from '../../../src/cli/person';
import { createEngine } from '../../../src/engine/create-engine';
import { linkType, realDisk } from '../../../src/engine/files/disk';
import { kindAt, keepsModes, mountsIn, remoteKind } from '../../../src/engine/files/kinds';
import { spelled } from '../../../src/engine/files/paths';
import { walkTree } from '../../../src/engine/files/tree';
import { signalsToHandOn } from '../../../src/engine/platform/console';
import { platformOf } from '../../../src/engine/platform/platform';
import { realEnvironment } from '../../../src/engine/store/environment';
import { REPOSITORY } from '../../support/cli-project';
import { deadFrom } from '../../support/dead-engine';
import { FOLDING, namingDisk } from '../../support/odd-disks';
import { hiddenIn, makeProject, stateOf, wreck, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const [WINDOWS, MACOS, LINUX] = [platformOf('win32'), platformOf('darwin'), platformOf('linux')];

describe('the rules of other systems', () => {
  const project = newForEachTest(makeProject);

  it('leave the database out of the uploads also where it is named in another case', async () => {
    writeUpload(project, 'pats.db', 'a database');
    const disk = namingDisk(dirname(project.uploads), FOLDING);
    const left = async (name: string, on = disk): Promise<boolean> =>
      !(await walkTree(on, project.uploads, [join(project.uploads, name)])).files.some(({ path }) => path === 'pats.db');
    // exFAT through FUSE: each way of writing a name has its own number.
    const numbered = {
      ...disk,
      stat: async (path: string) => Object.assign(await disk.stat(path), { ino: BigInt(path.charCodeAt(path.length - 7)) }),
    };
    assert.deepEqual(
      [await left('PATS.db'), await left('pats.db'), await left('PATS.db', numbered), await left('PATS.db', realDisk)],
      [true, true, true, false],
    );
  });

  it('spell a drive in one way', () => {
    assert.deepEqual([spelled('c:\\x\\y', WINDOWS), spelled('C:\\x', WINDOWS), spelled('c:/x', LINUX)], ['C:\\x\\y', 'C:\\x', 'c:/x']);
  });

  // Elsewhere there is no drive.
  if (process.platform === 'win32') {
    it('have one lock and one mark for a project, however an editor writes the letter of the drive', async () => {
      const other = project.root.replace(/^\w/, (letter) => letter.toLowerCase());
      assert.notEqual(other, project.root);
      await createEngine().create({ root: project.root }, { trigger: 'manual', name: 'good' });
      const before = stateOf(project);
      await assert.rejects(deadFrom('uploads-placed').restore({ root: project.root }, { name: 'good', scope: 'all' }));
      const { actions, waiting } = await createEngine().recover({ root: other }, {});
      assert.deepEqual([actions.length > 0, waiting, stateOf(project), hiddenIn(project.backups)], [true, null, before, []]);
    });
  }

  it('tell kinds of file systems by what is mounted', () => {
    const mounts = mountsIn(
      '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n/dev/disk4s1 on /Volumes/USB stick (exfat, local, nodev)\n//me@nas/data on /Volumes/data (smbfs, nodev, nosuid)\n',
    );
    assert.deepEqual(
      ['/Users/me', '/Volumes/USB stick/x', '/Volumes/data/x/y', '/Volumes/database'].map((path) => kindAt(mounts, path)),
      ['apfs', 'exfat', 'smbfs', 'apfs'],
    );
    assert.deepEqual([0xef53, 0x4d44, 0x2011bab0].map(keepsModes), [true, false, false]);
    assert.deepEqual([remoteKind(0, '\\\\server\\share\\x', WINDOWS), remoteKind(0, 'C:\\x', WINDOWS)], ['network', null]);
    assert.deepEqual([remoteKind(0x6969, '/', LINUX), remoteKind(0xef53, '/', LINUX)], ['NFS', null]);
  });

  it('ask on the console of Windows where the editor gives no input, and nowhere else', () => {
    const input = new PassThrough();
    const asked: string[] = [];
    const open = (device: string): NodeJS.ReadableStream => {
      asked.push(device);
      return input;
    };
    const absent = (): never => {
      throw new Error('there is no console');
    };
    const on = { platform: WINDOWS, isTerminal: false, isOfEditor: true, open };
    assert.equal(personIn(on), input);
    assert.deepEqual(asked, [String.raw`\\.\CONIN$`]);
    assert.equal(personIn({ ...on, open: absent }), null);
    assert.equal(personIn({ ...on, isTerminal: true }), process.stdin);
    for (const other of [
      { ...on, isOfEditor: false },
      { ...on, platform: MACOS },
      { ...on, platform: LINUX },
    ]) {
      assert.equal(personIn(other), null);
    }
  });

  it('end a program that another one has started in order: on Windows its console tells both', () => {
    assert.deepEqual([WINDOWS, MACOS, LINUX].map(signalsToHandOn), [[], ['SIGINT', 'SIGTERM', 'SIGHUP'], ['SIGINT', 'SIGTERM', 'SIGHUP']]);
  });

  it('make a link to a folder of Windows one that needs no privilege', () => {
    const file = join(project.uploads, 'cv.pdf');
    assert.deepEqual(
      [linkType(project.uploads, WINDOWS), linkType(file, WINDOWS), linkType('2024', WINDOWS), linkType(project.uploads, LINUX)],
      ['junction', null, null, null],
    );
  });

  it('get a batch file without blocks, which a bracket in an argument would end', () => {
    const lines = readFileSync(join(REPOSITORY, 'bin/pats-backup.cmd'), 'utf8').split(/\r?\n/);
    const commands = lines.filter((line) => !line.startsWith('rem '));
    assert.deepEqual(
      commands.filter((line) => /^\s*\)|\(\s*$/.test(line)),
      [],
    );
    assert.equal(commands.filter((line) => line.includes('%*')).length, 2);
  });

  it('bring what SQLite has written past the cache of the drive on macOS', async () => {
    const synced: string[] = [];
    const disk = { ...realDisk, sync: (path: string) => (synced.push(path), realDisk.sync(path)) };
    const restore = async (platform: typeof MACOS): Promise<boolean> => {
      synced.length = 0;
      await createEngine({ ...realEnvironment, disk, platform }).restore({ root: project.root }, { name: 'good', scope: 'database' });
      return synced.includes(project.database);
    };
    await createEngine().create({ root: project.root }, { trigger: 'manual', name: 'good' });
    assert.deepEqual([await restore(MACOS), await restore(LINUX)], [true, false]);
  });

  it('see no change in a file whose time came back a little less exact', async () => {
    const disk = { ...realDisk, setExactTimes: () => Promise.resolve(false), carryAttributes: () => Promise.resolve([]) };
    const engine = createEngine({ ...realEnvironment, disk });
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    wreck(project);
    await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
    assert.equal((await engine.status({ root: project.root })).changedSinceBackup, false);
  });
});
