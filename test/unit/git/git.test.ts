// What git is asked: the answers hold whatever the configuration says, and nothing that the checkout's own one names is run.
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesAt } from '../../../src/engine/git/files-at';
import { findInHistory, gitRefusal, isIgnored, readGit } from '../../../src/engine/git/git';
import { git, makeProject, type PatsProject } from '../../support/pats-project';

describe('What git says about a checkout', () => {
  let project: PatsProject;
  let commit: string;
  beforeEach(() => {
    project = makeProject();
    git(project, 'init', '--quiet', '--initial-branch=main');
    mkdirSync(join(project.root, 'migrations'));
    mkdirSync(project.backups);
    write('migrations/a.py', 'revision = "aaaa1111"\nother = 1\n');
    write('.gitignore', 'backups/\n*.db\n');
    write('.gitattributes', '*.py diff=strange filter=strange\n');
    git(project, 'add', '--all');
    git(project, 'commit', '--quiet', '-m', 'first');
    commit = git(project, 'rev-parse', 'HEAD');
  });
  afterEach(() => {
    project.remove();
  });

  function write(path: string, text: string): void {
    writeFileSync(join(project.root, path), text);
  }

  async function askEverything(): Promise<void> {
    assert.deepEqual(await readGit(project.root), { branch: 'main', commit, subject: 'first', dirty: false });
    assert.deepEqual(await findInHistory(project.root, 'aaaa1111', ['.py']), { commit, branches: ['main'] });
    assert.deepEqual(await filesAt(project.root, commit, ['migrations/*.py']), [
      { path: 'migrations/a.py', text: 'revision = "aaaa1111"\nother = 1' },
    ]);
    assert.equal(await isIgnored(project.root, project.backups), true);
    assert.equal(await isIgnored(project.root, join(project.root, 'migrations')), false);
    assert.equal(await gitRefusal(project.root), null);
  }

  it('is told where git refuses because of the owner', async function () {
    if (process.getuid?.() !== 0) {
      this.skip();
    }
    chownSync(project.root, 12_345, 12_345);
    chownSync(join(project.root, '.git'), 12_345, 12_345);
    assert.match((await gitRefusal(project.root)) ?? '', /belongs to another user/);
  });

  it('is the same with a tag that is called like the branch', async () => {
    git(project, 'tag', 'main');
    await askEverything();
  });

  it('is the same whatever is set about how git answers', async () => {
    const settings = [
      'log.showSignature',
      'grep.lineNumber',
      'grep.column',
      'grep.fullName',
      'log.follow',
      'status.showStash',
      'log.mailmap',
    ];
    settings.forEach((name) => git(project, 'config', name, 'true'));
    git(project, 'config', 'color.ui', 'always');
    git(project, 'config', 'column.ui', 'always');
    git(project, 'config', 'log.showRoot', 'false');
    git(project, 'config', 'log.decorate', 'full');
    git(project, 'config', 'status.showUntrackedFiles', 'all');
    await askEverything();
  });

  it('is asked without running any program that its configuration names', async () => {
    const ran = join(project.root, 'backups-ran');
    const program = join(project.root, '.git', 'program');
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> "${ran}"\ncat\n`);
    chmodSync(program, 0o755);
    mkdirSync(join(project.root, '.git/hooks'), { recursive: true });
    const hooks = ['post-index-change', 'pre-commit', 'post-checkout', 'fsmonitor-watchman', 'reference-transaction'];
    const inHooks = hooks.map((name) => join(project.root, '.git/hooks', name));
    for (const hook of inHooks) {
      writeFileSync(hook, `#!/bin/sh\necho hook >> "${ran}"\n`);
      chmodSync(hook, 0o755);
    }
    const strange = ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'core.askPass', 'core.editor', 'core.gitProxy', 'diff.external'];
    const values = [
      'pager.log',
      'pager.status',
      'pager.grep',
      'gpg.program',
      'diff.strange.textconv',
      'diff.strange.command',
      'uploadpack.packObjectsHook',
    ];
    const lines = [...strange, ...values, 'filter.strange.clean', 'filter.strange.smudge', 'filter.strange.process', 'credential.helper'];
    lines.forEach((name) => git(project, 'config', name, program));
    for (const alias of ['status', 'log', 'rev-parse', 'grep', 'config', 'check-ignore']) {
      git(project, 'config', `alias.${alias}`, `!${program}`);
    }
    git(project, 'config', 'filter.strange.required', 'true');
    git(project, 'config', 'log.showSignature', 'true');
    git(project, 'config', 'remote.origin.url', `ext::${program}`);
    git(project, 'config', 'remote.origin.promisor', 'true');
    git(project, 'config', 'protocol.ext.allow', 'always');
    // Other times, so that git looks into the file.
    utimesSync(join(project.root, 'migrations/a.py'), 1, 1);
    rmSync(ran, { force: true });
    await askEverything();
    assert.equal(existsSync(ran), false);
    appendFileSync(join(project.root, 'migrations/a.py'), 'changed = 1\n');
    assert.equal((await readGit(project.root))?.dirty, true);
    git(project, 'config', 'filter.strange=odd.clean', program);
    write('.gitattributes', '*.py filter=strange=odd\n');
    rmSync(ran, { force: true });
    assert.equal((await readGit(project.root))?.branch, 'main');
    assert.equal(existsSync(ran), false);
  });

  it('takes no lock, and does not change the index', async () => {
    utimesSync(join(project.root, 'migrations/a.py'), 1, 1);
    writeFileSync(join(project.root, '.git/index.lock'), '');
    await askEverything();
  });

  it('is nothing, and no failure, for texts that no revision is', async () => {
    for (const text of ['', 'a\0b', 'x'.repeat(2_000_000), '--output=/tmp/x']) {
      assert.equal(await findInHistory(project.root, text, ['.py']), null);
    }
    assert.deepEqual(await filesAt(project.root, '--open-files-in-pager=x', ['*']), []);
  });
});
