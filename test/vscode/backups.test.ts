// A user's commands in a real extension host, checked on disk and in the tree. Modal dialogs belong to the end-to-end suite.
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { CreatedBackup, VerifyResult } from '../../src/engine/engine';
import type { Manifest } from '../../src/engine/store/manifest';
import { activated, projectRoot, shownBackups, until } from '../support/vscode-workspace';

const LONG_MS = 60_000;

async function create(): Promise<CreatedBackup> {
  const created = await vscode.commands.executeCommand<CreatedBackup | undefined>('patsBackup.createBackup');
  assert.ok(created, 'The command made no backup.');
  return created;
}

describe('commands in the editor', function () {
  this.timeout(LONG_MS);

  it('Create Backup makes a complete, private backup on disk, named after time, branch and commit', async () => {
    const created = await create();
    assert.match(created.backup_name, /^backup_\d{8}_\d{6}/);
    assert.equal(created.path, join(projectRoot(), 'backups', created.backup_name));
    const manifest = JSON.parse(await readFile(join(created.path, 'backup_metadata.json'), 'utf8')) as Manifest;
    assert.equal(manifest.trigger, 'manual');
    const database = await readFile(join(created.path, manifest.database_file ?? ''));
    assert.equal(database.subarray(0, 15).toString(), 'SQLite format 3');
    if (process.platform !== 'win32') {
      assert.equal((await stat(created.path)).mode & 0o777, 0o700);
    }
  });

  it('the tree shows backups newest first, with age, size and revision', async () => {
    const first = await create();
    const second = await create();
    const nodes = await shownBackups();
    const names = nodes.map((node) => node.entry.name);
    assert.ok(names.indexOf(second.backup_name) < names.indexOf(first.backup_name));
    const { backups } = await activated();
    const [node] = nodes;
    assert.ok(node);
    const item = backups.getTreeItem(node);
    assert.match(typeof item.label === 'string' ? item.label : '', /^main\*? - ./);
    assert.match(String(item.description), / · [\d.]+ [KM]B · /);
    assert.match(item.contextValue ?? '', /^backup\.database/);
    assert.match(item.accessibilityInformation?.label ?? '', new RegExp(`^Backup main.*, ${second.backup_name}$`));
    const { tooltip } = backups.resolveTreeItem(item, node);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.match(tooltip.value, /Journal mode/);
  });

  it('the tree follows the disk: a folder that appears, and one that goes', async () => {
    const created = await create();
    const { backups } = await activated();
    let changes = 0;
    const listener = backups.onDidChangeOnDisk(() => {
      changes += 1;
    });
    const aside = join(projectRoot(), 'aside');
    try {
      await until(async () => (await shownBackups()).some((node) => node.entry.name === created.backup_name));
      const before = changes;
      await rename(created.path, aside);
      await until(() => changes > before);
      assert.ok((await shownBackups()).every((node) => node.entry.name !== created.backup_name));
      const between = changes;
      await rename(aside, created.path);
      await until(() => changes > between);
      assert.ok((await shownBackups()).some((node) => node.entry.name === created.backup_name));
    } finally {
      listener.dispose();
      await rm(aside, { recursive: true, force: true });
    }
  });

  it('a folder without metadata is shown as incomplete with its reason', async () => {
    const folder = join(projectRoot(), 'backups', 'half');
    await mkdir(folder, { recursive: true });
    try {
      const node = (await shownBackups()).find((shown) => shown.entry.name === 'half');
      assert.ok(node);
      const { backups } = await activated();
      const item = backups.getTreeItem(node);
      assert.equal(item.contextValue, 'backup.incomplete');
      assert.match(String(item.description), /^incomplete: ./);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('SQL dumps have a group of their own', async () => {
    const dump = join(projectRoot(), 'backups', 'database_dump_20260101_000000.sql');
    await mkdir(join(projectRoot(), 'backups'), { recursive: true });
    await writeFile(dump, 'SELECT 1;\n');
    try {
      const { backups } = await activated();
      const group = (await backups.getChildren()).find((node) => node.kind === 'dumps');
      assert.ok(group);
      const [child] = await backups.getChildren(group);
      assert.ok(child?.kind === 'dump');
      assert.equal(backups.getTreeItem(child).contextValue, 'dump');
      assert.equal(child.dump.path, dump);
    } finally {
      await rm(dump, { force: true });
    }
  });

  it('Open Metadata on a row shows the file, and the editor finds nothing wrong in it', async () => {
    const created = await create();
    const node = (await shownBackups()).find((shown) => shown.entry.name === created.backup_name);
    await vscode.commands.executeCommand('patsBackup.openMetadata', node);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(basename(document?.fileName ?? ''), 'backup_metadata.json');
    assert.ok(document?.getText().includes(created.backup_name));
    assert.deepEqual(document && vscode.languages.getDiagnostics(document.uri), []);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('Verify on a row finds a good backup good and a changed one damaged', async () => {
    const created = await create();
    const node = (await shownBackups()).find((shown) => shown.entry.name === created.backup_name);
    const verify = async (): Promise<VerifyResult | undefined> =>
      (await vscode.commands.executeCommand<VerifyResult[]>('patsBackup.verify', node))[0];
    assert.deepEqual(await verify(), { name: created.backup_name, ok: true, problems: [], damaged: [], warnings: [] });
    const database = join(created.path, created.database_file ?? '');
    const bytes = await readFile(database);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(database, bytes);
    const damaged = await verify();
    assert.equal(damaged?.ok, false);
    assert.match(damaged.problems.join(' '), new RegExp(created.database_file ?? '?'));
    await rm(created.path, { recursive: true });
  });

  it('the status bar names the database and is calm after a backup', async () => {
    await create();
    const { statusBar } = await activated();
    const text = await until(() => (statusBar.current?.sentence.includes('the newest backup') ? statusBar.current : null));
    assert.equal(text.text, '$(database) pats.db');
    assert.equal(text.isWarning, false);
  });
});

describe('commands that cannot do their work', function () {
  this.timeout(LONG_MS);
  const settings = (): vscode.WorkspaceConfiguration =>
    vscode.workspace.getConfiguration('patsBackup', vscode.workspace.workspaceFolders?.[0]);

  afterEach(async () => {
    await settings().update('database', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await rm(join(projectRoot(), 'no.db'), { force: true });
  });

  it('a file that is no database leaves no backup, no stage and no exception', async () => {
    await writeFile(join(projectRoot(), 'no.db'), 'This is no database, and long enough to be none.'.repeat(40));
    await settings().update('database', 'no.db', vscode.ConfigurationTarget.WorkspaceFolder);
    const before = (await shownBackups()).map((node) => node.entry.name);
    assert.equal(await vscode.commands.executeCommand('patsBackup.createBackup'), undefined);
    assert.deepEqual(
      (await shownBackups()).map((node) => node.entry.name),
      before,
    );
  });

  it('the next Create Backup works again', async () => {
    assert.match((await create()).backup_name, /^backup_/);
  });

  it('Restore of a backup that is gone changes nothing and leaves the commands usable', async () => {
    const created = await create();
    const node = (await shownBackups()).find((shown) => shown.entry.name === created.backup_name);
    await rm(created.path, { recursive: true });
    assert.equal(await vscode.commands.executeCommand('patsBackup.restore', node), undefined);
    await create();
  });
});
