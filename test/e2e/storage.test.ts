// What keeps backups trustworthy and their folder small, as a user does it: checked on disk after every step.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { PATIENCE_MS, until } from '../support/patience';
import { windowOnCopy } from '../support/window-on-copy';

describe('a user keeps the storage of backups', function () {
  this.timeout(4 * PATIENCE_MS);
  let first = '';
  const { copy, window } = windowOnCopy(({ folder, home }) => {
    const ignored = join(folder, '.gitignore');
    writeFileSync(ignored, readFileSync(ignored, 'utf8').replace('backups/\n', ''));
    return { env: { HOME: home, SHELL: '/bin/sh' } };
  });
  const row = (name: string) => window.treeItem(new RegExp(`Backup (.*, )?${name}(,|$)`));
  before(() => window.showView('PATS Backup'));

  it('after the first backup the folder is offered to .gitignore, and Add writes the line', async () => {
    await window.runCommand('PATS Backup: Create Backup');
    await window.notification('git does not ignore the backups folder').waitFor();
    await window.screenshot('gitignore-offer');
    await window.answerNotification('git does not ignore the backups folder', 'Add');
    await until('the line', () => readFileSync(join(copy.folder, '.gitignore'), 'utf8').endsWith('\n/backups/\n'));
    execFileSync('git', ['check-ignore', '--quiet', 'backups/x'], { cwd: copy.folder });
    [first = ''] = copy.backupNames();
  });

  it('Pin in the menu of a row is told by its words and its icon', async () => {
    await window.contextMenu(row(first), 'Pin Backups...');
    await window.treeItem(new RegExp(`Backup .*, pinned, ${first}`)).waitFor();
    assert.equal(await row(first).locator('.codicon-pinned').count(), 1);
    assert.equal(copy.metadata(first).pinned, true);
    await window.screenshot('pinned');
  });

  it('Verify All Deeply finds the one file that was changed, and the row says which', async () => {
    copy.commandLine('backup', 'second');
    await row('second').waitFor();
    const upload = join(copy.backups, 'second/uploads/1/cover-letter.txt');
    const { length } = readFileSync(upload);
    // A new file, because the old one may be linked from the other backup, too.
    rmSync(upload);
    writeFileSync(upload, 'x'.repeat(length));
    await window.runCommand('PATS Backup: Verify All Backups Deeply');
    await window.notification(/“second” is damaged: .*cover-letter\.txt/).waitFor();
    await window.treeItem(/Backup second,.*damaged: .*cover-letter\.txt/).waitFor();
    await window.treeItem(new RegExp(`Backup .*verified now, ${first}`)).waitFor();
    await window.screenshot('verified-all');
  });

  it('Preview Prune tells of each backup why it stays or goes', async () => {
    copy.commandLine('backup', 'third');
    copy.commandLine('backup', 'fourth');
    await row('fourth').waitFor();
    copy.setting({ 'patsBackup.retention': { keepLast: 1 } });
    await window.runCommand('PATS Backup: Preview Prune...');
    const prune = await window.reading('Would be deleted');
    assert.deepEqual(await window.accessibilityProblems(prune), []);
    const preview = await prune.innerText();
    assert.match(preview, new RegExp(`${first}\\s+it is pinned`));
    assert.match(preview, /fourth\s+it is the newest good backup/);
    assert.match(preview, /second\s+only the newest one is kept/);
    assert.match(preview, /third\s+only the newest one is kept/);
    await window.screenshot('prune-preview');
  });

  it('Remove asks with the names of the preview and removes exactly these', async () => {
    copy.commandLine('backup', 'fifth');
    await (await window.reading('Would be deleted')).getByRole('link', { name: 'Delete 2...' }).click();
    const list = window.page.locator('.quick-input-widget .monaco-list-row');
    await list.filter({ hasText: 'second' }).waitFor();
    assert.equal(await list.count(), 2);
    await window.screenshot('prune-list');
    await window.input.press('Enter');
    const question = await window.dialogText();
    assert.match(question, /second/);
    assert.match(question, /third/);
    assert.doesNotMatch(question, /fourth|fifth|backup_/);
    await window.screenshot('prune-question');
    await window.answerDialog('Delete Backups');
    await window.notification('2 backups were deleted.').waitFor();
    assert.deepEqual(copy.backupNames(), [first, 'fifth', 'fourth']);
    await row('third').waitFor({ state: 'detached' });
    await (await window.reading('Prune preview')).filter({ hasNotText: 'third' }).waitFor();
  });

  it('Test Restore says that the backup can be restored, and touches nothing', async () => {
    const before = copy.content();
    await window.contextMenu(row('fourth'), 'Test Restore of Backup...');
    await window.notification('Test restore of “fourth” succeeded').waitFor();
    await window.screenshot('drill');
    assert.deepEqual(copy.content(), before);
    assert.deepEqual(copy.backupNames(), [first, 'fifth', 'fourth']);
  });

  it('a size above patsBackup.warnAtSize is told, with the way to the preview', async () => {
    copy.setting({ 'patsBackup.warnAtSize': 0.1 });
    await window.notification(/Backups use .* KB, more than .* They are safe/).waitFor();
    await window.screenshot('size-warning');
    await window.answerNotification('Backups use', 'Review...');
    await window.reading(/backups are kept|would be deleted/);
  });

  it('Doctor opens its report, and Copy Report copies it without the home folder', async () => {
    await window.runCommand('PATS Backup: Doctor');
    const page = await window.reading('Doctor report: pats');
    assert.deepEqual(await window.accessibilityProblems(page), []);
    await window.screenshot('doctor');
    await page.getByRole('link', { name: 'Copy Report' }).click();
    await until('the copy', async () => (await window.clipboardText()).startsWith('# PATS Backup: Doctor'));
    const report = await window.clipboardText();
    assert.match(report, /~\/pats\/backend\/data\/pats\.db can be read/);
    assert.ok(!report.includes(copy.home), report);
  });

  it('the schedule makes a backup by itself when the newest one is old enough and something changed', async () => {
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60_000).toISOString();
    const before = copy.backupNames();
    for (const name of before) {
      writeFileSync(copy.metadataFile(name), JSON.stringify({ ...copy.metadata(name), created_at: twoHoursAgo }));
    }
    copy.addCompany();
    copy.setting({ 'patsBackup.schedule': 1 });
    await until('the scheduled backup', () => copy.backupNames().length === before.length + 1);
    const [made = ''] = copy.backupNames().filter((name) => !before.includes(name));
    assert.match(made, /^scheduled_/);
    assert.equal(copy.metadata(made).trigger, 'scheduled');
    await window.treeItem(new RegExp(`Backup Scheduled, .*created on schedule, .*${made}`)).waitFor();
    await window.screenshot('scheduled');
  });
});
