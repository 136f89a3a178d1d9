// Specification of what the window's settings tell the engine about a project.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BackupError } from '../../../../src/engine/errors';
import { backupsFolderOf, requestFrom } from '../../../../src/ui/window/project-settings';

const ROOT = resolve('/project');

function request(settings: Record<string, unknown>): unknown {
  return requestFrom(ROOT, (key) => settings[key]);
}

describe('the settings of a project in the window', () => {
  it('are handed to the engine as they are written, empty ones not at all', () => {
    assert.deepEqual(request({ database: ' data/app.db ', uploads: ['up', ' '], backupsFolder: 'kept' }), {
      root: ROOT,
      database: 'data/app.db',
      uploads: ['up'],
      backups: 'kept',
    });
    assert.deepEqual(request({ database: '', uploads: [], backupsFolder: ' ' }), { root: ROOT });
    assert.deepEqual(request({}), { root: ROOT });
  });

  for (const settings of [{ database: 5 }, { uploads: 'backend/uploads' }, { uploads: ['up', 5] }, { backupsFolder: ['backups'] }]) {
    it(`are refused by name when they are of another kind: ${JSON.stringify(settings)}`, () => {
      assert.throws(
        () => request(settings),
        (error) =>
          error instanceof BackupError &&
          error.code === 'SETTINGS_INVALID' &&
          error.message.includes(`patsBackup.${Object.keys(settings)[0] ?? ''}`),
      );
    });
  }

  it('say where the backups are as the engine understands it', () => {
    assert.equal(backupsFolderOf({ root: ROOT }), join(ROOT, 'backups'));
    assert.equal(backupsFolderOf({ root: ROOT, backups: '${workspaceFolder}/kept' }), join(ROOT, 'kept'));
    assert.equal(backupsFolderOf({ root: ROOT, backups: '~/kept' }), join(homedir(), 'kept'));
    assert.equal(backupsFolderOf({ root: ROOT, backups: resolve('/elsewhere') }), resolve('/elsewhere'));
  });
});
