// Where a checkout keeps what changes with it, found without running git.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { gitPlaces } from '../../../../src/ui/schema/git-head';

describe('the places that a checkout changes', () => {
  let folder = '';
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Pat', '-c', 'user.email=pat@example.org', ...args], {
      cwd: join(folder, 'main'),
      stdio: 'ignore',
    });
  };

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'pats-head-')));
    mkdirSync(join(folder, 'main/below'), { recursive: true });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('are HEAD, the packed and the loose branches, also from a folder below', async () => {
    git('init', '--quiet');
    const own = join(folder, 'main/.git');
    assert.deepEqual(await gitPlaces(join(folder, 'main/below')), [
      join(own, 'HEAD'),
      join(own, 'packed-refs'),
      join(own, 'refs', 'heads'),
    ]);
  });

  it('are a HEAD of its own and shared branches in a worktree', async () => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'first');
    git('worktree', 'add', '--quiet', '-b', 'topic', '../tree');
    const [head = '', , branches = ''] = await gitPlaces(join(folder, 'tree'));
    assert.equal(realpathSync(head), realpathSync(join(folder, 'main/.git/worktrees/tree/HEAD')));
    assert.ok(existsSync(join(branches, 'topic')));
  });

  it('are none outside a checkout', async () => {
    assert.deepEqual(await gitPlaces(folder), []);
  });
});
