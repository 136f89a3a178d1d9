// Which backups a command of a row means.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry } from '../../../../src/engine/engine';
import { backupNodes, type BackupNode } from '../../../../src/ui/backups/nodes';
import type { OpenProject } from '../../../../src/ui/window/projects';

const project = { name: 'pats', root: '/p' } as unknown as OpenProject;
const row = (name: string): BackupNode => ({ kind: 'backup', project, entry: { name } as unknown as BackupEntry });

describe('a command on a row', () => {
  const [one, two, three] = [row('one'), row('two'), row('three')];

  it('means the selection when the row is in it, the row alone when it is not, and nothing when the row is gone', () => {
    assert.deepEqual(backupNodes(one, [one, two]), [one, two]);
    assert.deepEqual(backupNodes(three, [one, two]), [three]);
    assert.deepEqual(backupNodes(one, undefined), [one]);
    assert.deepEqual(backupNodes(undefined, [one, two]), []);
  });
});
