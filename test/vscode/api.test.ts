// The exports as a second extension gets them, in a real extension host.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { PatsBackupApi } from '../../src/ui/api/api';
import { projectRoot, until } from '../support/vscode-workspace';

const LONG_MS = 60_000;

interface Neighbour {
  readonly backups: PatsBackupApi;
  readonly keys: readonly string[];
  readonly isFrozen: boolean;
}

async function neighbour(): Promise<Neighbour> {
  const extension = vscode.extensions.getExtension<Neighbour>('pats-test.neighbour');
  assert.ok(extension, 'The second extension is not there.');
  return await extension.activate();
}

describe('the exports for other extensions', function () {
  this.timeout(LONG_MS);

  it('are what is documented and nothing else, and cannot be changed', async () => {
    const { backups, keys, isFrozen } = await neighbour();
    assert.deepEqual([...keys].sort(), ['create', 'list', 'onDidChange', 'status', 'version']);
    assert.ok(isFrozen);
    assert.equal(backups.version, '1.0');
  });

  it('create a backup, list it, know the state, and tell of the change', async () => {
    const { backups } = await neighbour();
    let changes = 0;
    const listener = backups.onDidChange(() => {
      changes += 1;
    });
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    try {
      const created = await backups.create({ name: 'of_a_neighbour', note: 'asked by another extension', folder: folder.uri });
      assert.equal(created.path, join(projectRoot(), 'backups/of_a_neighbour'));
      const [newest] = await backups.list();
      assert.deepEqual(newest, created);
      assert.deepEqual([newest.trigger, newest.note, newest.isComplete, newest.isPinned], ['manual', created.note, true, false]);
      assert.ok(Math.abs(Date.now() - Number(newest.createdAt)) < LONG_MS);
      const status = await backups.status();
      assert.deepEqual([status.newestBackup, status.isBackedUp, status.state], [created.name, true, 'current']);
      assert.deepEqual([status.tool, status.revisions, status.pending], ['alembic', created.revisions, []]);
      await until(() => changes > 0);
    } finally {
      listener.dispose();
      await rm(join(projectRoot(), 'backups/of_a_neighbour'), { recursive: true, force: true });
    }
  });

  it('name automatic backups themselves, and refuse with a code and a remedy', async () => {
    const { backups } = await neighbour();
    const automatic = await backups.create();
    assert.match(automatic.name, /^auto_/);
    await assert.rejects(backups.create({ name: automatic.name }), (error: Error & { code?: string; remedy?: string }) => {
      assert.ok(error instanceof Error);
      assert.deepEqual([error.code, typeof error.remedy], ['BACKUP_EXISTS', 'string']);
      return true;
    });
    await assert.rejects(backups.list(vscode.Uri.file('/elsewhere')), { code: 'PROJECT_NOT_FOUND' });
  });
});
