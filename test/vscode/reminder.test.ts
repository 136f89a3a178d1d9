// The backup before a migration in a real extension host: commands as real tasks, and the setting that ends the reminders.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { activated, projectRoot, shownBackups, until } from '../support/vscode-workspace';

const LONG_MS = 60_000;

describe('a migration that is started as a task', function () {
  this.timeout(LONG_MS);
  const makefile = join(projectRoot(), 'Makefile');
  /** Applies nothing: what counts is that it starts. */
  const alembic = join(projectRoot(), 'alembic');
  let known: readonly string[] = [];
  let round = 0;

  before(async () => {
    await activated();
    await writeFile(alembic, '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(makefile, 'migrate:\n\t@./alembic upgrade head\n');
  });

  beforeEach(async () => {
    const { states } = await activated();
    await vscode.commands.executeCommand('patsBackup.createBackup');
    // What is read after the backup is not to be mistaken for what a test does next.
    await states.refresh();
    await set('backup');
    known = await preMigrations();
    change();
    await states.refresh();
  });

  afterEach(async () => {
    await set(undefined);
  });

  after(async () => {
    change(0);
    await rm(makefile, { force: true });
    await rm(alembic, { force: true });
  });

  /** Makes a state that no backup has. */
  function change(version = (round += 1)): void {
    const db = new Database(join(projectRoot(), 'backend/data/pats.db'));
    db.pragma(`user_version = ${version}`);
    db.close();
  }
  const settings = (): vscode.WorkspaceConfiguration =>
    vscode.workspace.getConfiguration('patsBackup', vscode.workspace.workspaceFolders?.[0]);
  const set = (value: string | undefined): Thenable<void> =>
    settings().update('beforeMigration', value, vscode.ConfigurationTarget.WorkspaceFolder);
  const preMigrations = async (): Promise<string[]> =>
    (await shownBackups()).map(({ entry }) => entry.name).filter((name) => name.startsWith('pre_migration_'));
  const taken = (): Promise<string[]> =>
    until(async () => {
      const fresh = (await preMigrations()).filter((name) => !known.includes(name));
      return fresh.length > 0 ? fresh : null;
    });
  async function run(execution: vscode.ShellExecution | vscode.ProcessExecution): Promise<void> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const task = new vscode.Task({ type: 'pats-test' }, folder, `task ${round}`, 'pats-test', execution, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Never };
    const started = new Promise<void>((resolve) => {
      const listener = vscode.tasks.onDidEndTask((ended) => {
        if (ended.execution.task.name === task.name) {
          listener.dispose();
          resolve();
        }
      });
    });
    await vscode.tasks.executeTask(task);
    await started;
  }

  it('is noticed when a shell runs it, and the backup is taken', async () => {
    await run(new vscode.ShellExecution('./alembic upgrade head'));
    assert.equal((await taken()).length, 1);
  });

  it('is noticed behind "make" in the folder of the task', async () => {
    await run(new vscode.ShellExecution('make', ['migrate'], { cwd: projectRoot() }));
    assert.equal((await taken()).length, 1);
  });

  it('is noticed when a process is started without a shell', async () => {
    await run(new vscode.ProcessExecution(alembic, ['upgrade', 'head']));
    assert.equal((await taken()).length, 1);
  });

  it('is noticed as a task that another one depends on', async () => {
    const file = join(projectRoot(), '.vscode/tasks.json');
    const before = await readFile(file, 'utf8').catch(() => null);
    const tasks = [
      { label: 'pats deploy', dependsOn: ['pats migrate'] },
      { label: 'pats migrate', type: 'shell', command: './alembic upgrade head', presentation: { reveal: 'never' } },
    ];
    await vscode.workspace.fs.writeFile(vscode.Uri.file(file), Buffer.from(JSON.stringify({ version: '2.0.0', tasks })));
    try {
      const task = await until(async () => (await vscode.tasks.fetchTasks()).find(({ name }) => name === 'pats deploy'));
      await vscode.tasks.executeTask(task);
      assert.equal((await taken()).length, 1);
    } finally {
      await (before === null ? rm(file) : writeFile(file, before));
    }
  });

  it('only reads: no backup is taken', async () => {
    await run(new vscode.ShellExecution('./alembic current'));
    await run(new vscode.ShellExecution('./alembic upgrade head --sql'));
    // What would have been taken comes before what is taken now.
    await run(new vscode.ShellExecution('./alembic upgrade head'));
    assert.equal((await taken()).length, 1);
  });
});
