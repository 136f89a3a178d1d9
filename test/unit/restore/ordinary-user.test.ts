// A restore by a user who is not root: what is the user's own comes back whole, and what only root could do is said.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { asOnlyWriter } from '../../../src/engine/store/backups-folder';
import { liveLockFile, liveLockPath } from '../../../src/engine/store/live-lock';
import { CLI } from '../../support/cli-project';
import { IS_ROOT, attributesIn, setTime, write } from '../../support/attributes';
import { deadFrom } from '../../support/dead-engine';
import { filesOf, makeProject, type PatsProject } from '../../support/pats-project';

/** Of nobody, when root runs the tests. */
const USER = IS_ROOT ? 54321 : (process.getuid?.() ?? 0);
const GROUP = IS_ROOT ? 54321 : (process.getgid?.() ?? 0);
const OTHER = 54322;
const NEW = '2021-03-04T05:06:07.987654321Z';

describe('a restore by an ordinary user', function () {
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
    execFileSync('chmod', ['-R', 'u+rwX', project.root]);
    project.remove();
  });

  const path = (...parts: string[]): string => join(project.uploads, ...parts);

  /** Runs the command line as that user; everything in the project is the user's, but for what `others` own. */
  function run(...args: string[]): string {
    return runTo(0, ...args);
  }

  function runTo(code: number, ...args: string[]): string {
    const env = { ...process.env, HOME: join(project.root, 'home'), XDG_STATE_HOME: '' };
    const ended = spawnSync(process.execPath, [CLI, ...args], {
      cwd: project.root,
      encoding: 'utf8',
      env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
      ...(IS_ROOT ? { uid: USER, gid: GROUP } : {}),
    });
    assert.equal(ended.status, code, ended.stderr + ended.stdout);
    return ended.stdout + ended.stderr;
  }

  function giveAway(): void {
    mkdirSync(join(project.root, 'home'), { recursive: true });
    if (IS_ROOT) {
      execFileSync('chown', ['-R', '-h', `${USER}:${GROUP}`, project.root]);
    }
  }

  it('works where the state folder may not be written, and keeps none in the project', () => {
    giveAway();
    run('backup', 'first');
    const state = join(project.root, 'home/.local/state/pats-backup');
    assert.ok(readdirSync(state).includes('secret'));
    assert.deepEqual(readdirSync(project.root).sort(), ['backend', 'backups', 'home']);
    for (const name of readdirSync(state)) {
      rmSync(join(state, name));
    }
    chmodSync(state, 0o500);
    run('backup', 'second');
    run('restore', 'second', '--force');
    run('undo', '--force');
    assert.deepEqual(readdirSync(state), []);
  });

  it('brings modes, times, links and read-only folders back, also by undo', () => {
    write(path('locked/deep/file.txt'), 'x');
    write(path('shared/a.txt'), 'a');
    symlinkSync('/nowhere/else', path('outside'));
    giveAway();
    chmodSync(path('locked/deep/file.txt'), 0o400);
    setTime(NEW, path('locked/deep'), path('locked'), path('shared'), path('outside'), project.uploads);
    chmodSync(path('shared'), 0o2775);
    chmodSync(path('locked/deep'), 0o555);
    chmodSync(path('locked'), 0o555);
    const before = attributesIn(project.uploads);
    run('backup', 'kept');
    assert.doesNotMatch(run('restore', 'kept', '--force'), /Attention/);
    assert.deepEqual(attributesIn(project.uploads), before);
    run('drill', 'kept');
    chmodSync(path('locked'), 0o755);
    chmodSync(path('locked/deep'), 0o755);
    rmSync(path('locked'), { recursive: true });
    rmSync(path('outside'));
    const spoilt = attributesIn(project.uploads);
    // A link that leads out comes back from a safety backup alone.
    runTo(4, 'restore', 'kept', '--force');
    run('undo', '--force');
    assert.deepEqual(attributesIn(project.uploads), spoilt);
    assert.deepEqual(
      readdirSync(project.uploads).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('says once that only root can give files back to another user', function () {
    if (!IS_ROOT) {
      this.skip();
    }
    giveAway();
    for (const each of ['cv.pdf', '2024/portrait.png']) {
      chownSync(path(each), OTHER, OTHER);
      chmodSync(path(each), 0o644);
    }
    lchownSync(project.database, USER, GROUP);
    run('backup', 'kept');
    const said = run('restore', 'kept', '--force');
    assert.equal(said.match(/only root/g)?.length, 1, said);
    assert.match(said, /and 1 more/);
    assert.equal(lstatSync(path('cv.pdf')).uid, USER);
  });

  it('says that a setgid bit could not be kept where the user is not in the group', function () {
    if (!IS_ROOT) {
      this.skip();
    }
    mkdirSync(path('shared'));
    giveAway();
    chownSync(path('shared'), USER, OTHER);
    chmodSync(path('shared'), 0o2775);
    run('backup', 'kept');
    const said = run('restore', 'kept', '--force');
    assert.match(said, /The owner or group of shared/);
  });

  it('is kept from a database at which another user is at work with a backups folder of their own', async function () {
    if (!IS_ROOT) {
      this.skip();
    }
    giveAway();
    const doctor = (): string => runTo(0, '--backups', 'mine', 'doctor');
    run('--backups', 'mine', 'backup', 'kept');
    await asOnlyWriter(realDisk, project.backups, project.database, undefined, () => {
      assert.match(doctor(), /Another backup or restore is running now/);
      return Promise.resolve();
    });
    assert.doesNotMatch(doctor(), /is running now/);
    // What a run of root that was killed has left keeps nobody out.
    const lock = liveLockFile(project.database);
    lock?.make(lock.path);
    run('--backups', 'mine', 'restore', 'kept', '--force');
    assert.ok(!existsSync(liveLockPath(project.database)));
  });

  for (const [backups, where] of [
    ['backups', 'in the same backups folder'],
    ['mine', 'with a backups folder of their own'],
  ] as const) {
    it(`is told of a restore that another user has not finished, ${where}: whose, since when and what to do; nothing is done over it`, async function () {
      if (!IS_ROOT) {
        this.skip();
      }
      await createEngine().create({ root: project.root }, { trigger: 'manual', name: 'good' });
      giveAway();
      run('--backups', 'mine', 'backup', 'kept');
      await assert.rejects(deadFrom('uploads-placed').restore({ root: project.root }, { name: 'good', scope: 'all' }));
      const left = filesOf(join(project.root, 'backend'));
      const told = /restore by another user \(root\) is not finished since \d{4}-\d\d-\d\d \d\d:\d\d/;
      for (const verb of ['list', 'status', 'recover --dry-run']) {
        const said = run('--backups', backups, ...verb.split(' '));
        assert.match(said, told, verb);
        assert.match(said, /Have root run "pats-backup recover"/, verb);
      }
      assert.match(runTo(1, '--backups', backups, 'doctor'), told);
      for (const verb of ['backup', 'restore kept --force', 'undo --force', 'recover']) {
        assert.match(runTo(1, '--backups', backups, ...verb.split(' ')), told, verb);
      }
      assert.deepEqual(filesOf(join(project.root, 'backend')), left);
      // Whose it is settles it, and then everybody goes on.
      assert.match((await createEngine().recover({ root: project.root }, {})).actions.join(), /was put back/);
      run('--backups', 'mine', 'backup', 'next');
    });
  }

  it('is refused before anything is changed where others own what it would have to read; what it could not remove is foreseen', function () {
    if (!IS_ROOT) {
      this.skip();
    }
    giveAway();
    run('backup', 'kept');
    write(path('2024/theirs/secret.txt'), 'x');
    chmodSync(path('2024/theirs/secret.txt'), 0o600);
    chownSync(path('2024/theirs/secret.txt'), OTHER, OTHER);
    chownSync(path('2024/theirs'), OTHER, OTHER);
    const before = attributesIn(project.uploads);
    assert.match(run('restore', 'kept', '--dry-run'), /would lack .*secret\.txt/);
    assert.match(runTo(1, 'drill', 'kept'), /would lack .*secret\.txt/);
    assert.match(runTo(1, 'doctor'), /would lack .*secret\.txt/);
    assert.match(runTo(1, 'restore', 'kept', '--force'), /would lack .*secret\.txt.*\nNothing was changed/);
    assert.deepEqual(attributesIn(project.uploads), before);
    chmodSync(path('2024/theirs/secret.txt'), 0o644);
    assert.match(run('restore', 'kept', '--dry-run'), /2024\/theirs belongs to another user/);
  });
});
