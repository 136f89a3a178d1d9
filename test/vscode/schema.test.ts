// The schema state in a real extension host: the status bar, the view and the backups follow the files; migrations with a backup.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Internals } from '../../src/extension';
import type { Migrated } from '../../src/ui/migrating/migrate';
import type { SchemaNode } from '../../src/ui/schema/nodes';
import { activated, projectRoot, shownBackups, until } from '../support/vscode-workspace';

const LONG_MS = 60_000;
/** Longer than anything that polls would wait. */
const QUIET_MS = 5000;

const versions = (): string => join(projectRoot(), 'backend/alembic/versions');
const added = (): string => join(versions(), 'aaaa00000001_add_notes.py');

const MIGRATION = `"""add notes"""
revision = 'aaaa00000001'
down_revision = 'HEAD'


def upgrade() -> None:
    pass
`;

describe('the schema in the editor', function () {
  this.timeout(LONG_MS);
  let api: Internals;
  let head = '';

  before(async () => {
    api = await activated();
    const status = await until(async () => {
      await api.states.refresh();
      const now = stateNow();
      return now?.state === 'current' ? now : null;
    });
    head = status.heads[0] ?? '';
  });

  beforeEach(async () => {
    await vscode.commands.executeCommand('patsBackup.createBackup');
    // What is read after the backup is not to be mistaken for what a test does next.
    await api.states.refresh();
  });

  afterEach(async () => {
    await rm(added(), { force: true });
    await set('beforeMigration', undefined);
    await set('migrateCommand', undefined);
    await until(() => stateNow()?.state === 'current');
  });

  const stateNow = (): NonNullable<ReturnType<Internals['states']['of']>>['status'] => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    return api.states.of({ folder, name: folder.name, root: folder.uri.fsPath })?.status;
  };
  const set = (name: string, value: string | undefined): Thenable<void> =>
    vscode.workspace
      .getConfiguration('patsBackup', vscode.workspace.workspaceFolders?.[0])
      .update(name, value, vscode.ConfigurationTarget.WorkspaceFolder);
  const migrate = (): Thenable<Migrated | undefined> => vscode.commands.executeCommand<Migrated | undefined>('patsBackup.migrate');
  const addMigration = (): Promise<void> => writeFile(added(), MIGRATION.replace('HEAD', head));
  const preMigrations = async (): Promise<string[]> =>
    (await shownBackups()).map(({ entry }) => entry.name).filter((name) => name.startsWith('pre_migration_'));
  const group = (name: string): SchemaNode | undefined =>
    api.schema.getChildren().find((node) => node.kind === 'group' && node.name === name);

  it('is up to date in a new working copy, in the view and in the status bar', async () => {
    const text = await until(() => (api.statusBar.current?.sentence.includes('the newest backup') ? api.statusBar.current : null));
    assert.equal(text.isWarning, false);
    assert.match(text.sentence, /the latest migration\. It is at the same revision as the newest backup/);
    const labels = api.schema.getChildren().map((node) => api.schema.getTreeItem(node).label);
    assert.deepEqual(labels.slice(0, 4), ['Up to date', 'Database', 'Revision', 'Latest migration']);
  });

  it('a migration file that appears is pending everywhere by itself, and a click opens it', async () => {
    await addMigration();
    const text = await until(() => (api.statusBar.current?.isWarning ? api.statusBar.current : null));
    assert.equal(text.text, '$(warning) pats.db: 1 migration pending');
    assert.match(text.sentence, /1 migration is pending\. Next: add notes\./);
    const pending = group('pending');
    assert.ok(pending);
    const [node] = api.schema.getChildren(pending);
    assert.ok(node);
    const item = api.schema.getTreeItem(node);
    assert.deepEqual([item.label, item.description], ['add notes', 'aaaa00000001']);
    assert.ok(item.command);
    await vscode.commands.executeCommand(item.command.command, ...((item.command.arguments ?? []) as unknown[]));
    assert.equal(basename(vscode.window.activeTextEditor?.document.fileName ?? ''), basename(added()));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('each backup says how far it is behind the files, to the eye and to the ear', async () => {
    await addMigration();
    await until(() => stateNow()?.state === 'behind');
    const [node] = await shownBackups();
    assert.ok(node);
    const item = api.backups.getTreeItem(node);
    assert.match(String(item.description), /1 migration behind/);
    assert.match(item.accessibilityInformation?.label ?? '', /1 migration behind/);
    assert.match(item.resourceUri?.scheme ?? '', /relation/);
  });

  it('a broken migration file is a problem with its line', async () => {
    await writeFile(added(), 'revision = make_id()\ndown_revision = None\n');
    // The file is seen while it is being written, too.
    await until(() => {
      const problems = group('problems');
      const nodes = problems ? api.schema.getChildren(problems) : [];
      return nodes.some((node) => String(api.schema.getTreeItem(node).description).endsWith('aaaa00000001_add_notes.py:1'));
    });
  });

  it('files that lack the revision of the database are said to be another branch’s', async () => {
    const newest = (await filesOf(head))[0] ?? '';
    await rename(newest, join(projectRoot(), 'aside.py'));
    try {
      const text = await until(() => (api.statusBar.current?.isWarning ? api.statusBar.current : null));
      assert.match(text.text, new RegExp(head.slice(0, 8)));
    } finally {
      await rename(join(projectRoot(), 'aside.py'), newest);
    }
  });

  it('a checkout is seen although no file changes', async () => {
    let reads = 0;
    const listener = api.states.onDidRead(() => {
      reads += 1;
    });
    try {
      execFileSync('git', ['checkout', '--quiet', '-b', 'topic'], { cwd: projectRoot() });
      await until(() => reads > 0);
    } finally {
      listener.dispose();
      execFileSync('git', ['checkout', '--quiet', 'main'], { cwd: projectRoot() });
    }
  });

  it('nothing is read while nothing changes', async () => {
    let last = Date.now();
    const listener = api.states.onDidRead(() => {
      last = Date.now();
    });
    await until(() => Date.now() - last > QUIET_MS);
    listener.dispose();
  });

  it('the backup before a migration is taken by itself, once for one state', async () => {
    await set('beforeMigration', 'backup');
    // What the newest backup does not hold: a file that was uploaded since.
    const upload = join(projectRoot(), 'backend/uploads/since.txt');
    const known = await preMigrations();
    try {
      await writeFile(upload, 'since');
      await addMigration();
      const taken = await until(async () => {
        const now = (await preMigrations()).filter((name) => !known.includes(name));
        return now.length > 0 ? now : null;
      });
      await writeFile(added(), `${MIGRATION.replace('HEAD', head)}\n`);
      await api.states.refresh();
      await api.states.refresh();
      assert.deepEqual(
        (await preMigrations()).filter((name) => !known.includes(name)),
        taken,
      );
      assert.equal(taken.length, 1);
    } finally {
      await rm(upload);
    }
  });

  it('Migrate With Backup runs the command in one terminal and gives its exit code; what is backed up already is not backed up again', async () => {
    await addMigration();
    await until(() => stateNow()?.state === 'behind');
    for (const exitCode of [0, 3]) {
      await set('migrateCommand', exitCode === 0 ? 'echo migrated' : `exit ${exitCode}`);
      const migrated = await migrate();
      assert.ok(migrated);
      assert.deepEqual([migrated.exitCode, migrated.succeeded], [exitCode, exitCode === 0]);
      // Nothing has changed since the backup before this test.
      const [newest] = await shownBackups();
      assert.equal(migrated.backup, newest?.entry.name);
    }
    const terminals = vscode.window.terminals.filter(({ name }) => name.includes('Migration of'));
    assert.equal(terminals.length, 1);
  });

  it('Migrate With Backup backs up what has changed, and does nothing at all for a command that cannot start', async () => {
    await addMigration();
    await until(() => stateNow()?.state === 'behind');
    const upload = join(projectRoot(), 'backend/uploads/since.txt');
    const { PATH } = process.env;
    const known = await preMigrations();
    try {
      await writeFile(upload, 'since');
      await set('migrateCommand', 'docker compose exec nobody alembic upgrade head');
      process.env['PATH'] = '/nowhere';
      assert.equal(await migrate(), undefined);
      assert.deepEqual(await preMigrations(), known);
      await set('migrateCommand', 'echo migrated');
      const migrated = await migrate();
      assert.match(migrated?.backup ?? '', /^pre_migration_/);
    } finally {
      process.env['PATH'] = PATH;
      await rm(upload);
    }
  });

  it('Migrate With Backup does nothing where nothing is pending', async () => {
    const known = await preMigrations();
    assert.equal(await vscode.commands.executeCommand('patsBackup.migrate'), null);
    assert.deepEqual(await preMigrations(), known);
  });

  it('the task of the same name does the same, and ends with the exit code', async () => {
    await addMigration();
    await until(() => stateNow()?.state === 'behind');
    await set('migrateCommand', 'exit 4');
    const [task] = await vscode.tasks.fetchTasks({ type: 'patsBackup.migrate' });
    assert.ok(task);
    const ended = new Promise<number | undefined>((resolve) => {
      const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.definition.type === 'patsBackup.migrate') {
          listener.dispose();
          resolve(exitCode);
        }
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 4);
  });

  async function filesOf(revision: string): Promise<string[]> {
    const found = await vscode.workspace.findFiles(new vscode.RelativePattern(versions(), `${revision}*.py`));
    return found.map(({ fsPath }) => fsPath);
  }
});
