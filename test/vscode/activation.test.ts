// The extension in a real extension host: what activation does, and what it does not.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../src/ui/commands/ids';
import { activated } from '../support/vscode-workspace';

describe('activation', () => {
  it('gives its parts and registers every command of the table', async () => {
    const api = await activated();
    assert.ok(api.backups);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      COMMAND_IDS.filter((id) => !registered.has(id)),
      [],
    );
  });

  it('loads no native code into the extension host', async () => {
    const { backups } = await activated();
    await backups.getChildren();
    const modules = Object.keys(require.cache).filter((path) => path.includes('better-sqlite3'));
    // The unit tests that run in the same host open databases themselves.
    const ofTheExtension = modules.filter((path) => /[/\\]dist[/\\]/.test(path));
    assert.deepEqual(ofTheExtension, []);
  });

  it('knows its settings with their defaults', () => {
    const settings = vscode.workspace.getConfiguration('patsBackup');
    assert.equal(settings.inspect('database')?.defaultValue, '');
    assert.deepEqual(settings.inspect('uploads')?.defaultValue, []);
    assert.equal(settings.inspect('backupsFolder')?.defaultValue, '');
    assert.equal(settings.inspect('beforeMigration')?.defaultValue, 'remind');
    assert.equal(settings.inspect('migrateCommand')?.defaultValue, '');
  });
});
