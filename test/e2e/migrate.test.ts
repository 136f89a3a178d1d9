// Migrate With Backup as a user does it, with real Alembic in a real terminal: a good migration, one that fails half way, the way back.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { git as gitIn } from '../support/git';
import { PATIENCE_MS, until } from '../support/patience';
import { windowOnCopy } from '../support/window-on-copy';
import type { Content } from '../support/working-copy';

const STATUS = 'pats.pats-backup.patsBackup.status';
const HEAD = 'e6d81f3057ca';
const GOOD = 'aaaa00000001';
const BAD = 'bbbb00000002';

const migration = (revision: string, parent: string, steps: string): string => `"""add ${revision}"""
from alembic import op
import sqlalchemy as sa

revision = '${revision}'
down_revision = '${parent}'


def upgrade() -> None:
${steps}
`;
const table = (name: string): string => `    op.create_table('${name}', sa.Column('id', sa.Integer(), primary_key=True))`;

describe('a user migrates', function () {
  this.timeout(4 * PATIENCE_MS);
  let migrated: Content;
  // There is no container here in which the example's own command could run.
  const { copy, window } = windowOnCopy(() => ({ settings: { 'patsBackup.migrateCommand': 'cd backend && alembic upgrade head' } }));

  const statusSays = (text: string | RegExp): Promise<void> => window.statusBarItem(STATUS).filter({ hasText: text }).waitFor();
  const add = (revision: string, parent: string, steps: string): void => {
    writeFileSync(join(copy.folder, 'backend/alembic/versions', `${revision}_add.py`), migration(revision, parent, steps));
  };
  const revision = (content: Content): unknown =>
    content.rows['alembic_version']?.map((row) => (row as { version_num: string }).version_num);
  const preMigrations = (): string[] => copy.backupNames().filter((name) => name.startsWith('pre_migration_'));

  it('a new migration is pending in the status bar, and one message offers a backup', async () => {
    await statusSays('pats.db: no backup yet');
    add(GOOD, HEAD, table('good'));
    await statusSays('pats.db: 1 migration pending');
    await window.notification(`The migration “add ${GOOD}” is pending, but there is no backup yet.`).waitFor();
    await window.screenshot('migration-pending');
    await window
      .notification(/is pending, but/)
      .getByRole('button', { name: 'Migrate...', exact: true })
      .waitFor();
    await window.runCommand('PATS Backup: Show Pending Migrations');
    await window.treeItem(new RegExp(`add ${GOOD}`)).waitFor();
    await window.screenshot('schema-view');
  });

  it('Migrate With Backup backs up, runs Alembic where the user sees it, and says what came of it', async () => {
    const before = copy.content();
    await window.runCommand('PATS Backup: Migrate With Backup');
    await window.notification(`Migrated from ${HEAD} to ${GOOD}.`).waitFor();
    await window.screenshot('migrated');
    migrated = copy.content();
    assert.deepEqual(revision(migrated), [GOOD]);
    assert.deepEqual(migrated.rows['applications'], before.rows['applications']);
    assert.equal(preMigrations().length, 1);
    await window.treeItem(/The database is at revision .*, the latest migration/).waitFor();
  });

  it('the reminder from before is harmless: there is nothing to migrate, and its backup is an ordinary one', async () => {
    const before = copy.content();
    await window.runCommand('Notifications: Show Notifications');
    const old = window.page.locator('.notifications-center .notification-list-item').filter({ hasText: 'but there is no backup yet' });
    await old.getByRole('button', { name: 'Back Up', exact: true }).click();
    await window.runCommand('Notifications: Hide Notifications');
    const ordinary = (): string | undefined => copy.backupNames().find((name) => name.startsWith('backup_'));
    await until('the backup', () => ordinary() !== undefined);
    assert.equal(preMigrations().length, 1);
    assert.deepEqual(copy.content(), before);
    // The next migration would take it for its own: nothing has changed since.
    rmSync(join(copy.backups, ordinary() ?? ''), { recursive: true });
  });

  it('a migration that fails half way offers the backup from before it', async () => {
    add(BAD, GOOD, `${table('half')}\n    op.execute("INSERT INTO half (id) VALUES (1)")\n    raise RuntimeError('half way')`);
    await statusSays('pats.db: 1 migration pending');
    await window.runCommand('PATS Backup: Migrate With Backup');
    await window.notification(/The migration failed \(exit code 1\)\..*new table “half”.*is safe in “pre_migration_/).waitFor();
    await window.screenshot('migration-failed');
    const broken = copy.content();
    assert.deepEqual(revision(broken), [GOOD]);
    assert.ok(broken.rows['half'], 'The failed migration left no table behind: this is no test.');
    assert.equal(preMigrations().length, 2);
  });

  it('one click restores it completely, and the state in between is kept', async () => {
    const [, backup = ''] = preMigrations();
    await window.answerNotification(`is safe in “${backup}”`, 'Restore');
    await until('the state before the migration', () => copy.content().rows['half'] === undefined);
    await window.notification(`“${backup}” was restored.`).waitFor();
    assert.deepEqual(copy.content(), migrated);
    assert.equal(copy.backupNames().filter((name) => name.startsWith('pre_restore_')).length, 1);
    await statusSays('pats.db: 1 migration pending');
    await window.screenshot('migration-restored');
  });

  it('what a failed migration left is known after a reload, and the way back is in the view and in the menu', async () => {
    const before = copy.content();
    await window.runCommand('PATS Backup: Migrate With Backup');
    await window.notification(/The migration failed \(exit code 1\)/).waitFor();
    await window.page.reload();
    await statusSays('left by a failed migration: new table “half”');
    await window.showView('PATS Backup');
    await window.treeItem(/^new table “half”/).waitFor();
    const way = window.treeItem(/^State Before the Migration, pre_migration_/);
    await way.waitFor();
    await window.screenshot('migration-failed-known');
    await window.statusBarItem(STATUS).click();
    await window.option(/Restore State Before Migration/).click();
    assert.match(await window.dialogText(), /Restore only the database of “pre_migration_/);
    await window.answerDialog('Restore');
    await way.waitFor({ state: 'detached' });
    await statusSays('pats.db: 1 migration pending');
    assert.deepEqual(copy.content(), before);
  });

  it('a checkout that does not know the revision is answered with the backup that fits, by name', async () => {
    const fitting = preMigrations()[0] ?? '';
    const versions = join(copy.folder, 'backend/alembic/versions');
    const git = (...args: string[]): string => gitIn(copy.folder, ...args);
    rmSync(join(versions, `${BAD}_add.py`));
    await statusSays(/pats\.db\s*$/);
    git('checkout', '-b', 'topic');
    git('add', '--all');
    git('commit', '--message', 'Add a table');
    git('checkout', 'main');
    await statusSays(/on a different branch|another branch\?|newer than the migration files/);
    const message = window.notification(new RegExp(`is at revision ${GOOD}, which is not in the migration files of this checkout`));
    await message.filter({ hasText: `The newest matching backup is “${fitting}”.` }).waitFor();
    assert.match(await message.innerText(), /on topic/);
    await window.screenshot('branch-switch');
    await message.getByRole('button', { name: 'Keep Data' }).click();
    git('checkout', 'topic');
    await statusSays(/pats\.db\s*$/);
    git('checkout', 'main');
    await statusSays(/on a different branch|another branch\?|newer than the migration files/);
    assert.equal(await message.count(), 0);
    git('checkout', 'topic');
    await statusSays(/pats\.db\s*$/);
  });

  it('a migration typed into the terminal is answered by one message when the state has no backup', async () => {
    const known = preMigrations().length;
    copy.addCompany();
    await window.page.locator(`[id="${STATUS}"] [aria-label*="Data has changed since."]`).waitFor();
    await window.runInTerminal('cd backend && alembic upgrade head');
    await window.notification(/A migration was started, but the current state has not been backed up/).waitFor();
    await window.answerNotification(/A migration was started/, 'Back Up');
    await until('the backup', () => preMigrations().length === known + 1);
    await window.screenshot('terminal-reminder');
  });

  it('Don’t Ask Again ends the reminders, in the settings of the folder', async () => {
    const settings = join(copy.folder, '.vscode/settings.json');
    const change = async (name: string): Promise<void> => {
      copy.addCompany(name);
      await window.page.locator(`[id="${STATUS}"] [aria-label*="Data has changed since."]`).waitFor();
    };
    await change('Once more');
    await window.runInTerminal('cd backend && alembic upgrade head');
    await window.answerNotification(/A migration was started/, "Don't Ask Again");
    await until(
      'the setting',
      () => existsSync(settings) && readFileSync(settings, 'utf8').includes('"patsBackup.beforeMigration": "off"'),
    );
    await window.runCommand('PATS Backup: Create Backup');
    await window.page.locator(`[id="${STATUS}"] [aria-label*="at the same revision as the newest backup"]`).waitFor();
    await change('And again');
    await window.runInTerminal('cd backend && alembic upgrade head; echo ended > ended');
    await until('the end of the command', () => existsSync(join(copy.folder, 'backend/ended')));
    assert.equal(await window.notification(/A migration was started/).count(), 0);
  });
});
