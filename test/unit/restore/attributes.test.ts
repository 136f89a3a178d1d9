// What a file is besides its bytes: a backup keeps it, a restore gives it back, and what cannot be kept is said.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { failsWith } from '../../support/failing';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { IS_ROOT, attributesIn, setTime, write } from '../../support/attributes';
import { filesOf, makeProject, rowsOf, wreck, writeUpload, type PatsProject } from '../../support/pats-project';

const engine = createEngine();
const OLD = '1965-05-05T05:05:05.123456789Z';
const NEW = '2021-03-04T05:06:07.987654321Z';

describe('what a file is besides its bytes', function () {
  this.timeout(60_000);
  let project: PatsProject;

  before(function () {
    if (process.platform === 'win32') {
      this.skip();
    }
  });
  beforeEach(() => {
    project = makeProject();
  });
  afterEach(() => {
    project.remove();
  });

  const here = () => ({ root: project.root });
  const path = (...parts: string[]): string => join(project.uploads, ...parts);
  const backUp = (name: string) => engine.create(here(), { trigger: 'manual', name });
  const restore = (name: string) => engine.restore(here(), { name, scope: 'all' });

  it('comes back: modes, setgid, sticky bits, times to the nanosecond and before 1970, of files, folders and links', async () => {
    chmodSync(write(path('private/secret.txt'), 's'), 0o400);
    chmodSync(write(path('shared/a.txt'), 'a'), 0o664);
    mkdirSync(path('empty/inside'), { recursive: true });
    symlinkSync('cv.pdf', path('newest'));
    setTime(OLD, path('cv.pdf'), path('newest'), path('empty/inside'));
    setTime('1969-12-31T23:59:59.999999999Z', path('empty.txt'));
    setTime(NEW, path('shared/a.txt'), path('private/secret.txt'), path('shared'), path('private'), path('empty'), path('2024'));
    chmodSync(path('shared'), 0o2775);
    chmodSync(path('empty'), 0o1777);
    chmodSync(path('private'), 0o500);
    setTime(NEW, project.uploads);
    const before = attributesIn(project.uploads);
    await backUp('kept');
    wreck(project);
    chmodSync(path('private'), 0o755);
    rmSync(path('empty'), { recursive: true });
    const { warnings } = await restore('kept');
    assert.deepEqual(warnings, []);
    assert.deepEqual(attributesIn(project.uploads), before);
  });

  it('comes back when the whole uploads folder is gone', async () => {
    chmodSync(project.uploads, 0o2770);
    setTime(NEW, project.uploads);
    const before = attributesIn(project.uploads);
    await backUp('kept');
    rmSync(project.uploads, { recursive: true });
    await restore('kept');
    assert.deepEqual(attributesIn(project.uploads), before);
  });

  it('comes back with owner and group, also of links, where root restores', async function () {
    if (!IS_ROOT) {
      this.skip();
    }
    symlinkSync('cv.pdf', path('newest'));
    for (const [index, each] of ['cv.pdf', '2024', '2024/portrait.png', 'newest'].entries()) {
      lchownSync(path(each), 1000 + index, 2000 + index);
    }
    chmodSync(project.uploads, 0o1777);
    chownSync(project.database, 33, 34);
    chmodSync(project.database, 0o640);
    const before = attributesIn(project.uploads);
    await backUp('kept');
    wreck(project);
    await restore('kept');
    assert.deepEqual(attributesIn(project.uploads), before);
    await engine.undo(here(), {});
    await restore('kept');
    assert.deepEqual(attributesIn(project.uploads), before);
    assert.deepEqual(ownerAndMode(project.database), [33, 34, 0o640]);
  });

  for (const [how, spoil] of [
    [
      'made anew',
      (file: string) => {
        rmSync(dirname(file), { recursive: true });
      },
    ],
    [
      'replaced because it is none any more',
      (file: string) => {
        truncateSync(file, 0);
        cpSync(join(file, '../../uploads/cv.pdf'), file);
      },
    ],
  ] as const) {
    it(`mode and owner stay those of the database that is ${how}`, async () => {
      chmodSync(project.database, 0o660);
      if (IS_ROOT) {
        chownSync(project.database, 33, 34);
      }
      const before = ownerAndMode(project.database);
      await backUp('kept');
      for (const side of ['-wal', '-shm']) {
        rmSync(project.database + side, { force: true });
      }
      const { mode, uid, gid } = statSync(project.database);
      spoil(project.database);
      if (existsSync(project.database)) {
        chmodSync(project.database, mode & 0o7777);
        chownSync(project.database, uid, gid);
      }
      await restore('kept');
      assert.deepEqual(ownerAndMode(project.database), before);
      // The application has to write its journals there.
      assert.equal(statSync(dirname(project.database)).uid, IS_ROOT && how === 'made anew' ? 33 : (process.getuid?.() ?? 0));
    });
  }

  it('is that of the moment of each backup, although both share the bytes', async () => {
    const file = path('cv.pdf');
    chmodSync(file, 0o644);
    setTime(NEW, file);
    await backUp('open');
    chmodSync(file, 0o600);
    await backUp('closed');
    await backUp('again');
    const inodes = ['closed', 'again'].map((name) => lstatSync(join(project.backups, name, 'uploads/cv.pdf')).ino);
    assert.equal(inodes[0], inodes[1]);
    for (const [name, mode] of [
      ['open', 0o644],
      ['again', 0o600],
      ['closed', 0o600],
    ] as const) {
      await restore(name);
      assert.equal(statSync(file).mode & 0o777, mode, name);
    }
  });

  it('keeps names of one file names of one file, and further backups share it', async () => {
    linkSync(path('cv.pdf'), path('2024/same.pdf'));
    linkSync(path('cv.pdf'), path('again.pdf'));
    await backUp('first');
    await backUp('second');
    const kept = lstatSync(join(project.backups, 'second/uploads/again.pdf'));
    assert.equal(kept.nlink, 6);
    wreck(project);
    await restore('second');
    assert.deepEqual(
      ['cv.pdf', '2024/same.pdf', 'again.pdf'].map((each) => [lstatSync(path(each)).ino, lstatSync(path(each)).nlink]),
      Array(3).fill([lstatSync(path('cv.pdf')).ino, 3]),
    );
    assert.notEqual(lstatSync(path('cv.pdf')).ino, kept.ino);
  });

  it('keeps holes', async () => {
    const size = 64 * 1024 * 1024;
    const file = openSync(path('disk.img'), 'w');
    writeSync(file, 'begin', 0);
    writeSync(file, 'middle', 40 * 1024 * 1024 + 5);
    closeSync(file);
    truncateSync(path('disk.img'), size);
    const before = readFileSync(path('disk.img'));
    await backUp('kept');
    rmSync(path('disk.img'));
    await restore('kept');
    for (const place of [path('disk.img'), join(project.backups, 'kept/uploads/disk.img')]) {
      assert.ok(before.equals(readFileSync(place)), place);
      assert.ok(lstatSync(place).blocks * 512 < 1024 * 1024, `${place} takes ${lstatSync(place).blocks} blocks`);
    }
  });

  describe('in extended attributes and ACLs', () => {
    const coloured = (): string[] => [path('cv.pdf'), path('2024'), project.uploads];
    beforeEach(function () {
      const set = 'import os,sys; [os.setxattr(p, "user.colour", b"red\\0") for p in sys.argv[1:]]';
      try {
        execFileSync('python3', ['-c', set, ...coloured()], { stdio: 'ignore' });
      } catch {
        this.skip();
      }
    });

    for (const isGone of [false, true]) {
      it(`comes back where the system can${isGone ? ', also when the whole folder is gone' : ''}`, async () => {
        await backUp('kept');
        if (isGone) {
          rmSync(project.uploads, { recursive: true });
        } else {
          wreck(project);
        }
        await restore('kept');
        const get = 'import os,sys; print([os.getxattr(p, "user.colour") for p in sys.argv[1:]])';
        const found = execFileSync('python3', ['-c', get, ...coloured()], { encoding: 'utf8' });
        assert.equal(found.trim(), "[b'red\\x00', b'red\\x00', b'red\\x00']");
      });
    }

    it('an ACL comes back, also by undo', async function () {
      // As the kernel keeps it: version 2; the owner, one more user, the group, the mask, the others.
      const acl = Buffer.from('0200000001000600ffffffff020004003930000004000400ffffffff10000400ffffffff20000000ffffffff', 'hex');
      const run = (program: string, ...args: string[]): string =>
        execFileSync('python3', ['-c', `import os,sys; ${program}`, path('cv.pdf'), ...args], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      const get = (): string => run('print(os.getxattr(sys.argv[1], "system.posix_acl_access").hex())').trim();
      try {
        run('os.setxattr(sys.argv[1], "system.posix_acl_access", bytes.fromhex(sys.argv[2]))', acl.toString('hex'));
      } catch {
        this.skip();
      }
      await backUp('kept');
      await restore('kept');
      assert.equal(get(), acl.toString('hex'));
      await engine.undo(here(), {});
      assert.equal(get(), acl.toString('hex'));
    });

    it('is said to be lost by an exported file, where it is written and where it is imported', async () => {
      const said = /^The ACLs and extended attributes of uploads and 2 more are not in the exported file/;
      await backUp('kept');
      const exported = await engine.exportBackup(here(), { name: 'kept' });
      const imported = await engine.importBackup(here(), { file: exported.file });
      const shown = await engine.show(here(), { name: imported.backup_name });
      for (const { warnings } of [exported, imported, shown]) {
        assert.deepEqual(
          warnings.map(({ code, message }) => [code, said.test(message)]),
          [['ATTRIBUTES_LOST', true]],
        );
      }
      assert.deepEqual((await engine.show(here(), { name: 'kept' })).warnings, []);
      assert.deepEqual((await engine.exportBackup(here(), { name: imported.backup_name, file: 'again.zip' })).warnings, []);
    });
  });

  it("brings the user's own links back by undo, wherever they lead; those of other backups stay inside", async () => {
    const elsewhere = join(project.root, 'nas');
    write(join(elsewhere, 'big.bin'), 'big');
    await backUp('before');
    const links = { archive: elsewhere, up: '..', nothing: 'does/not/exist', '2024/self': '.', through: 'archive/big.bin' };
    for (const [name, target] of Object.entries(links)) {
      symlinkSync(target, path(name));
      setTime(NEW, path(name));
    }
    await backUp('with-links');
    const before = attributesIn(project.uploads);
    await restore('before');
    assert.equal(existsSync(path('archive')), false);
    await engine.undo(here(), {});
    for (const [name, target] of Object.entries(links)) {
      assert.equal(readlinkSync(path(name)), target);
    }
    assert.deepEqual(attributesIn(project.uploads), before);
    await restore('before');
    const { warnings } = await restore('with-links');
    assert.equal(existsSync(path('archive')), false);
    assert.match(warnings.map(({ message }) => message).join('\n'), /archive/);
    assert.deepEqual(readdirSync(elsewhere), ['big.bin']);
  });

  it('does not believe a safety backup that says of itself to be one', async () => {
    symlinkSync('/etc', path('archive'));
    await backUp('stranger');
    rmSync(path('archive'));
    const file = join(project.backups, 'stranger/backup_metadata.json');
    const manifest = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), trigger: 'safety', seal: 'ab'.repeat(32) };
    rmSync(file);
    write(file, JSON.stringify(manifest));
    await failsWith('NOTHING_TO_UNDO', engine.undo(here(), {}));
    await restore('stranger');
    assert.equal(lstatSync(path('archive'), { throwIfNoEntry: false }), undefined);
  });

  it('keeps setuid and setgid in backups of this user, and drops those of files that were imported', async () => {
    chmodSync(path('cv.pdf'), 0o4755);
    chmodSync(path('empty.txt'), 0o2755);
    chmodSync(path('2024'), 0o2755);
    await backUp('own');
    await restore('own');
    const modes = (): number[] => ['cv.pdf', 'empty.txt', '2024'].map((each) => statSync(path(each)).mode & 0o7777);
    assert.deepEqual(modes(), [0o4755, 0o2755, 0o2755]);
    const { file } = await engine.exportBackup(here(), { name: 'own' });
    const { backup_name: imported } = await engine.importBackup(here(), { file });
    const { warnings } = await restore(imported);
    assert.deepEqual(modes(), [0o755, 0o755, 0o2755]);
    assert.match(warnings.map(({ message }) => message).join('\n'), /setuid/);
  });

  it('survives an exported file: what a zip cannot hold is in the manifest', async () => {
    chmodSync(path('cv.pdf'), 0o640);
    linkSync(path('cv.pdf'), path('same.pdf'));
    mkdirSync(path('void'));
    chmodSync(path('void'), 0o2750);
    symlinkSync('cv.pdf', path('newest'));
    truncateSync(path('empty.txt'), 8 * 1024 * 1024);
    if (IS_ROOT) {
      chownSync(path('cv.pdf'), 1000, 1001);
    }
    setTime(OLD, path('cv.pdf'));
    setTime(NEW, path('void'), path('newest'), path('2024'), project.uploads);
    const before = attributesIn(project.uploads);
    await backUp('kept');
    const { file } = await engine.exportBackup(here(), { name: 'kept' });
    const { backup_name: imported } = await engine.importBackup(here(), { file });
    rmSync(join(project.backups, imported, 'uploads/void'), { recursive: true });
    wreck(project);
    await restore(imported);
    assert.deepEqual(attributesIn(project.uploads), before);
    assert.equal(lstatSync(path('same.pdf')).nlink, 2);
    assert.ok(lstatSync(path('empty.txt')).blocks * 512 < 1024 * 1024);
  });

  it('is a wish where a file system refuses it, also in the backups folder, and is said once', async () => {
    const refuse = (): Promise<never> => Promise.reject(Object.assign(new Error('EPERM: not here'), { code: 'EPERM' }));
    const disk: Disk = { ...realDisk, setMode: refuse, setOwner: refuse, setTimes: refuse, setExactTimes: () => Promise.resolve(false) };
    const poor = createEngine({ ...realEnvironment, disk });
    const before = filesOf(project.uploads);
    const rows = rowsOf(project.database);
    await poor.create(here(), { trigger: 'manual', name: 'kept' });
    wreck(project);
    const { warnings } = await poor.restore(here(), { name: 'kept', scope: 'all' });
    assert.deepEqual(filesOf(project.uploads), before);
    assert.deepEqual(rowsOf(project.database), rows);
    const said = warnings.map(({ message }) => message);
    assert.equal(said.filter((line) => line.includes('permissions')).length, 1, said.join('\n'));
    assert.match(said.join('\n'), /and \d+ more/);
  });

  it('moves and removes folders that are read-only, at the top and deeper', async () => {
    writeUpload(project, 'locked/deep/file.txt', 'x');
    chmodSync(path('locked/deep'), 0o555);
    chmodSync(path('locked'), 0o555);
    const before = attributesIn(project.uploads);
    await backUp('kept');
    await restore('kept');
    const now = attributesIn(project.uploads);
    assert.deepEqual(now, before);
    assert.deepEqual(
      readdirSync(project.uploads).filter((name) => name.startsWith('.')),
      [],
    );
  });
});

function ownerAndMode(file: string): number[] {
  const { uid, gid, mode } = statSync(file);
  return [uid, gid, mode & 0o7777];
}
