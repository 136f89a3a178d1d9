// The main job as a user does it: the packed extension in a real window, checked on disk.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { PATIENCE_MS, until } from '../support/patience';
import { windowOnCopy } from '../support/window-on-copy';
import type { Content } from '../support/working-copy';

const STATUS = 'pats.pats-backup.patsBackup.status';

describe('a user backs up and restores', function () {
  this.timeout(4 * PATIENCE_MS);
  let original: Content;
  let wrecked: Content;
  let backup = '';
  const { copy, window } = windowOnCopy((made) => {
    original = made.content();
    return {};
  });

  const statusSentence = async (): Promise<string> =>
    (await window.statusBarItem(STATUS).locator('[aria-label]').first().getAttribute('aria-label')) ?? '';

  it('the status bar shows the database before there is a backup', async () => {
    await window.statusBarItem(STATUS).filter({ hasText: 'pats.db: no backup yet' }).waitFor();
  });

  it('the view offers to create the first backup', async () => {
    await window.showView('PATS Backup');
    await window.page.locator('.part.sidebar .welcome-view').getByRole('button', { name: 'Create Backup' }).waitFor();
    await window.screenshot('welcome');
  });

  it('Create Backup from the palette makes a backup, and the tree shows it by itself', async () => {
    await window.runCommand('PATS Backup: Create Backup');
    await window.notification(/Backup “backup_.*” was created/).waitFor();
    const names = copy.backupNames();
    assert.equal(names.length, 1);
    backup = names[0] ?? '';
    assert.match(backup, /^backup_\d{8}_\d{6}_main_[0-9a-f]{7,}$/);
    await window.treeItem(new RegExp(`Backup main - .*, ${backup}`)).waitFor();
    await window.screenshot('created');
  });

  it('the status bar then says that the database is at the revision of the newest backup', async () => {
    await until('the calm status', async () => (await statusSentence()).includes(`at the same revision as the newest backup “${backup}”`));
  });

  it('Open Metadata from the tree shows the JSON of the backup', async () => {
    await window.contextMenu(window.treeItem(new RegExp(`Backup main - .*, ${backup}`)), 'Open Backup Metadata...');
    await until('the metadata in the editor', async () => (await window.editorText()).includes(`"backup_name": "${backup}"`));
    const manifest = JSON.parse(readFileSync(join(copy.backups, backup, 'backup_metadata.json'), 'utf8')) as { backup_version: string };
    assert.equal(manifest.backup_version, '1.2');
    await window.screenshot('metadata');
  });

  it('Restore asks first, names the backup, and Cancel changes nothing', async () => {
    copy.wreck();
    wrecked = copy.content();
    assert.notDeepEqual(wrecked, original);
    await window.contextMenu(window.treeItem(new RegExp(`Backup main - .*, ${backup}`)), 'Restore Backup...');
    const question = await window.dialogText();
    assert.match(question, new RegExp(`Restore “${backup}”\\?`));
    assert.match(question, /pats\.db/);
    assert.match(question, /safety backup/);
    assert.match(question, /rows now, \d+ in the backup/);
    await window.screenshot('restore-question');
    await window.answerDialog('Cancel');
    assert.deepEqual(copy.content(), wrecked);
    assert.deepEqual(copy.backupNames(), [backup]);
  });

  it('Restore brings back every row and every uploaded file', async () => {
    await window.contextMenu(window.treeItem(new RegExp(`Backup main - .*, ${backup}`)), 'Restore Backup...');
    await window.dialogText();
    await window.answerDialog('Restore');
    await window.notification(`“${backup}” was restored.`).waitFor();
    assert.deepEqual(copy.content(), original);
    await window.screenshot('restored');
  });

  it('the safety backup of the state before appears in the tree', async () => {
    const [safety] = copy.backupNames().filter((name) => name !== backup);
    assert.ok(safety);
    await window.treeItem(/^Safety Backups, 1 backup/).click();
    await window.treeItem(new RegExp(`Backup Before restore of main - .*safety backup.*${safety}`)).waitFor();
    await window.screenshot('groups');
  });

  it('Undo on the message brings back the state before the restore', async () => {
    await window.answerNotification(`“${backup}” was restored.`, 'Undo');
    const question = await window.dialogText();
    assert.match(question, new RegExp(`Go back to the state before “${backup}” was restored\\?`));
    await window.answerDialog('Undo Restore');
    await until('the state before the restore', () => JSON.stringify(copy.content()) === JSON.stringify(wrecked));
    const undone = window.notification(`The restore of “${backup}” was undone.`);
    await undone.getByRole('button', { name: 'Redo', exact: true }).waitFor();
    assert.deepEqual(copy.content(), wrecked);
    await window.screenshot('undone');
  });

  it('a backup made with the command line in the terminal appears in the tree by itself', async () => {
    await window.runInTerminal('pats-backup backup from-the-terminal --note "before the demo"');
    const row = window.treeItem(/Backup from-the-terminal,.*before the demo/);
    await row.waitFor();
    assert.ok(existsSync(join(copy.backups, 'from-the-terminal/backup_metadata.json')));
    await window.screenshot('terminal');
  });

  it('a restore onto a destroyed database file works', async () => {
    for (const suffix of ['-wal', '-shm']) {
      rmSync(copy.database + suffix, { force: true });
    }
    writeFileSync(copy.database, 'This was a database.');
    await window.contextMenu(window.treeItem(new RegExp(`Backup main - .*, ${backup}`)), 'Restore Backup...');
    await window.dialogText();
    await window.answerDialog('Restore');
    await until('the original content', () => readFileSync(copy.database).subarray(0, 15).toString() === 'SQLite format 3');
    await window.notification(`“${backup}” was restored.`).first().waitFor();
    assert.deepEqual(copy.content(), original);
  });

  it('Delete asks, and removes the backup from the tree and the folder', async () => {
    const row = window.treeItem(/Backup from-the-terminal,/);
    await window.contextMenu(row, 'Delete Backups...');
    assert.match(await window.dialogText(), /from-the-terminal/);
    await window.answerDialog('Delete');
    await row.waitFor({ state: 'detached' });
    assert.ok(!existsSync(join(copy.backups, 'from-the-terminal')));
  });
});
