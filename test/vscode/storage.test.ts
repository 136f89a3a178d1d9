// Verification, pins, dumps, retention, import and the doctor in a real extension host, checked on disk and in the tree.
import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Comparison, CreatedBackup, DrillResult, Finding, PruneDecision, VerifyResult } from '../../src/engine/engine';
import type { BackupNode } from '../../src/ui/backups/nodes';
import { activated, projectRoot, shownBackups, until } from '../support/vscode-workspace';

const LONG_MS = 60_000;

async function create(): Promise<BackupNode> {
  const created = await vscode.commands.executeCommand<CreatedBackup | undefined>('patsBackup.createBackup');
  assert.ok(created);
  return await nodeOf(created.backup_name);
}

async function nodeOf(name: string): Promise<BackupNode> {
  const node = (await shownBackups()).find(({ entry }) => entry.name === name);
  assert.ok(node, name);
  return node;
}

describe('storage in the editor', function () {
  this.timeout(LONG_MS);

  it('Pin and Unpin change what the row says', async () => {
    const { backups } = await activated();
    const node = await create();
    assert.deepEqual(await vscode.commands.executeCommand('patsBackup.pin', node), [node.entry.name]);
    const pinned = await nodeOf(node.entry.name);
    assert.match(String(backups.getTreeItem(pinned).description), /pinned/);
    assert.match(backups.getTreeItem(pinned).contextValue ?? '', /\.pinned$/);
    await vscode.commands.executeCommand('patsBackup.unpin', pinned);
    assert.doesNotMatch(String(backups.getTreeItem(await nodeOf(node.entry.name)).description), /pinned/);
  });

  it('Verify All Deeply looks at every backup, and the rows keep the result', async () => {
    const { backups } = await activated();
    const node = await create();
    const results = await vscode.commands.executeCommand<VerifyResult[]>('patsBackup.verifyAllDeeply');
    assert.ok(results.some(({ name, ok }) => name === node.entry.name && ok));
    assert.match(String(backups.getTreeItem(await nodeOf(node.entry.name)).description), /verified now/);
  });

  it('Test Restore rehearses without touching anything', async () => {
    const node = await create();
    const result = await vscode.commands.executeCommand<DrillResult>('patsBackup.drill', node);
    assert.deepEqual(result, { ok: true, problems: [], warnings: [] });
  });

  it('Compare With Current opens what differs side by side', async () => {
    const node = await create();
    await writeFile(join(projectRoot(), 'backend/uploads/compared.txt'), 'new');
    try {
      const comparison = await vscode.commands.executeCommand<Comparison>('patsBackup.compareWithCurrent', node);
      assert.deepEqual([comparison.to, comparison.uploads.removed], [node.entry.name, ['uploads/compared.txt']]);
      assert.match(await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label), new RegExp(node.entry.name));
    } finally {
      await rm(join(projectRoot(), 'backend/uploads/compared.txt'));
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    }
  });

  it('the view tells how many backups there are and what they take', async () => {
    await create();
    const { backups } = await activated();
    assert.match(await until(() => /last good/.exec(backups.description)?.input), /^last good .* · \d+ backups?, .*B$/);
  });

  it('a filter leaves what it names, says so, and is taken away again', async () => {
    const { backups } = await activated();
    const node = await create();
    await vscode.commands.executeCommand('patsBackup.pin', node);
    const all = (await shownBackups()).length;
    backups.filterBy({ reason: 'pinned' });
    const pinned = await shownBackups();
    assert.ok(pinned.some(({ entry }) => entry.name === node.entry.name));
    assert.ok(pinned.every(({ entry }) => entry.manifest?.pinned === true));
    assert.equal(pinned[0] && backups.getTreeItem(pinned[0]).id, backups.getTreeItem(node).id);
    await vscode.commands.executeCommand('patsBackup.clearFilter');
    assert.equal((await shownBackups()).length, all);
    await vscode.commands.executeCommand('patsBackup.unpin', node);
  });

  it('ages move on with the clock while they are shown', async () => {
    await create();
    const { backups } = await activated();
    await vscode.commands.executeCommand('patsBackup.backups.focus');
    await until(() => /last good now/.exec(backups.description)?.input);
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 7 * 60_000 });
    try {
      backups.showAges();
      const [newest] = await shownBackups();
      assert.ok(newest);
      assert.match(String(backups.getTreeItem(newest).description), /7m ago/);
    } finally {
      mock.timers.reset();
    }
  });

  it('Preview Prune shows each backup with its reason and removes nothing', async () => {
    const node = await create();
    const decisions = await vscode.commands.executeCommand<PruneDecision[]>('patsBackup.previewPrune');
    assert.equal(decisions.find(({ name }) => name === node.entry.name)?.action, 'keep');
    assert.equal(await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label), 'Prune preview: pats');
    assert.ok((await stat(node.entry.path)).isDirectory());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('Doctor opens a report', async () => {
    const findings = await vscode.commands.executeCommand<Finding[]>('patsBackup.doctor');
    assert.ok(findings.some(({ topic }) => topic === 'Database'));
    assert.equal(await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label), 'Doctor report: pats');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('a dropped file that is no export is refused, and nothing is imported', async () => {
    const before = (await shownBackups()).length;
    const file = join(projectRoot(), 'no-export.zip');
    await writeFile(file, 'nothing');
    try {
      const imported = await vscode.commands.executeCommand('patsBackup.import', undefined, vscode.Uri.file(file));
      assert.equal(imported, undefined);
      assert.equal((await shownBackups()).length, before);
    } finally {
      await rm(file);
    }
  });
});
