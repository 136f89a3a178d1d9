// Where a checkout keeps what changes with it, found without running git.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { gitPlaces } from '../../../../src/ui/schema/git-head';
import { newFolder } from '../../../support/folder';
import { git as gitIn } from '../../../support/git';
import { newForEachTest } from '../../../support/stand-in';

describe('the places that a checkout changes', () => {
  const folder = newForEachTest(() => newFolder('head'));
  const git = (...args: string[]): string => gitIn(folder.at('main'), ...args);

  beforeEach(() => {
    mkdirSync(folder.at('main/below'), { recursive: true });
  });

  it('are HEAD, the packed and the loose branches, also from a folder below', async () => {
    git('init', '--quiet');
    const own = folder.at('main/.git');
    assert.deepEqual(await gitPlaces(folder.at('main/below')), [join(own, 'HEAD'), join(own, 'packed-refs'), join(own, 'refs', 'heads')]);
  });

  it('are a HEAD of its own and shared branches in a worktree', async () => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'first');
    git('worktree', 'add', '--quiet', '-b', 'topic', '../tree');
    const [head = '', , branches = ''] = await gitPlaces(folder.at('tree'));
    assert.equal(realpathSync(head), realpathSync(folder.at('main/.git/worktrees/tree/HEAD')));
    assert.ok(existsSync(join(branches, 'topic')));
  });

  it('are none outside a checkout', async () => {
    assert.deepEqual(await gitPlaces(folder.path), []);
  });
});
