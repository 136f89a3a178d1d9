// What the suites inside the extension host share: the opened project, the extension, and patience.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Internals } from '../../src/extension';
import type { PatsBackupApi } from '../../src/ui/api/api';
import type { BackupNode, Node } from '../../src/ui/backups/nodes';

/** Path of the opened working copy of the example. */
export function projectRoot(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'The tests need an open folder.');
  return folder.uri.fsPath;
}

/** The activated extension's exports. */
async function exported(): Promise<PatsBackupApi> {
  const extension = vscode.extensions.getExtension<PatsBackupApi>('pats.pats-backup');
  assert.ok(extension, 'The extension is not installed.');
  return await extension.activate();
}

/** What the activated extension shows to tests alone. */
export async function activated(): Promise<Internals> {
  await exported();
  const internals = Reflect.get(globalThis, Symbol.for('pats-backup.internals')) as Internals | undefined;
  assert.ok(internals);
  return internals;
}

/** The backups that the tree shows now. */
export async function shownBackups(): Promise<BackupNode[]> {
  const { backups } = await activated();
  const nodes: Node[] = await backups.getChildren();
  return nodes.flatMap((node) => (node.kind === 'group' ? node.nodes : []));
}

/** Waits for a fact; mocha's own time limit ends the wait. */
export async function until<T>(read: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const value = await read();
    if (value) {
      return value;
    }
    await sleep(50);
  }
}
