// What is inside a backup, what differs, and taking back a part of it, as a user sees it; then the main job by keyboard alone.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { PATIENCE_MS, until } from '../support/patience';
import { execute } from '../support/sqlite';
import { windowOnCopy } from '../support/window-on-copy';
import { hashesOf, type Content } from '../support/working-copy';

const LETTER = 'uploads/1/cover-letter.txt';

/** Runs in the page: how many pictures could not be loaded. */
const withoutPixels = (images: unknown): number =>
  (images as readonly { naturalWidth: number }[]).filter((each) => each.naturalWidth === 0).length;
/** Runs in the page: where links lead. */
const targets = (links: unknown): (string | null)[] =>
  (links as readonly { getAttribute(name: string): string | null }[]).map((each) => each.getAttribute('href'));

describe('a user looks into a backup and takes back a part of it', function () {
  this.timeout(4 * PATIENCE_MS);
  let original: Content;
  let letter = '';
  const complaints: string[] = [];
  const { copy, window } = windowOnCopy((made) => {
    execute(
      made.database,
      `CREATE TABLE events (id INTEGER PRIMARY KEY, what TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO events SELECT i, 'event ' || i FROM n`,
    );
    original = made.content();
    letter = readFileSync(join(made.uploads, '1/cover-letter.txt'), 'utf8');
    made.commandLine('backup', 'older', '--note', 'as it was');
    execute(
      made.database,
      `DELETE FROM interviews WHERE id < 3; UPDATE applications SET title = 'oops' WHERE id = 2; CREATE TABLE notes (body TEXT);
       INSERT INTO companies (name) VALUES ('Newer')`,
    );
    appendFileSync(join(made.uploads, '1/cover-letter.txt'), 'overwritten');
    writeFileSync(join(made.uploads, 'new.txt'), 'new');
    made.commandLine('backup', 'newer');
    return { settings: { 'patsBackup.beforeMigration': 'off' } };
  });
  const row = (name: string) => window.treeItem(new RegExp(`Backup ${name},`));
  const inside = (name: string) => window.treeItem(new RegExp(`^${name}\\b`)).first();
  const rows = (table: string): readonly unknown[] => copy.content().rows[table] ?? [];
  const restoredMessage = async (text: string | RegExp): Promise<void> => {
    await window.notification(text).waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
  };
  before(async () => {
    window.page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await window.showView('PATS Backup');
    await row('older').waitFor();
    // Room for many rows.
    await window.page
      .getByRole('button', { name: /^Schema/ })
      .first()
      .click();
  });

  it('the backup opens into its tables with their rows, and its uploads', async () => {
    await window.expand(row('older'));
    await inside('Table events 1,200 rows').waitFor();
    await inside('Table interviews 6 rows').waitFor();
    await window.expand(inside('uploads'));
    await window.expand(inside('1'));
    await inside('cover-letter.txt').waitFor();
    await window.screenshot('inside');
  });

  it('a table opens as rows for reading, a thousand at first, more when they are asked for', async () => {
    await inside('Table events').click();
    await window.page.getByText('Show 1,000 More Rows').click();
    await window.page.getByText('Show 1,000 More Rows').waitFor({ state: 'hidden' });
    await window.page.locator('.editor-instance .view-lines').first().click();
    await window.press('x');
    await window.page.getByText('Cannot edit in read-only editor').first().waitFor();
    await window.press('Escape', 'Control+End');
    await until('the last row', async () => (await window.editorText()).includes("1200 | 'event 1200'"));
    await window.screenshot('inside-table');
  });

  it('an upload opens for reading', async () => {
    await inside('cover-letter.txt').click();
    await until('the letter', async () => (await window.editorText()).trim().startsWith(letter.slice(0, 10)));
    await window.page.locator('.editor-instance .view-lines').first().click();
    await window.press('x');
    await window.page.getByText('Editor is read-only because the file system of the file is read-only').first().waitFor();
    await window.screenshot('inside-upload');
  });

  it('the database opens as a copy that nobody can write to, and the backup is left alone', async () => {
    const stored = hashesOf(join(copy.backups, 'older'));
    await window.contextMenu(inside('pats.db'), 'Open Database');
    await window.notification('VS Code needs an extension to show SQLite databases').waitFor();
    const [opened = ''] = globSync(join(tmpdir(), 'pats-backup-view-*/older pats.db'));
    assert.equal(statSync(opened).mode & 0o222, 0);
    assert.deepEqual(hashesOf(join(copy.backups, 'older')), stored);
    await window.screenshot('inside-database');
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('Restore This File brings back that file alone', async () => {
    await window.contextMenu(inside('cover-letter.txt'), 'Restore This File...');
    assert.match(await window.dialogText(), /Restore “uploads\/1\/cover-letter\.txt” from “older”\?[^]*Everything else stays as it is/);
    await window.screenshot('restore-file');
    await window.answerDialog('Restore');
    await restoredMessage(`“${LETTER}” was restored from “older”.`);
    assert.equal(readFileSync(join(copy.uploads, '1/cover-letter.txt'), 'utf8'), letter);
    assert.ok(existsSync(join(copy.uploads, 'new.txt')));
    assert.equal(rows('interviews').length, 4);
  });

  it('Restore These Rows offers the rows that differ, and brings back those that were ticked', async () => {
    await window.contextMenu(inside('Table interviews'), 'Restore These Rows...');
    const offered = window.page.locator('.quick-input-widget .monaco-list-row');
    await offered.filter({ hasText: 'id = 1' }).waitFor();
    await offered.filter({ hasText: 'id = 2' }).click();
    await window.screenshot('restore-rows');
    await window.press('Enter');
    assert.match(await window.dialogText(), /Restore the selected rows of interviews from “older”\?[^]*interviews: 1 row comes back/);
    await window.answerDialog('Restore');
    await restoredMessage('The selected rows of interviews were restored from “older”.');
    assert.deepEqual(rows('interviews'), (original.rows['interviews'] ?? []).slice(1));
  });

  it('Restore This Table makes the table as it was, and no other', async () => {
    await window.contextMenu(inside('Table companies'), 'Restore This Table...');
    assert.match(await window.dialogText(), /Restore table companies from “older”\?[^]*companies: 1 newer row is removed/);
    await window.screenshot('restore-table');
    await window.answerDialog('Restore');
    await restoredMessage('The table companies was restored from “older”.');
    assert.deepEqual(rows('companies'), original.rows['companies']);
    assert.notDeepEqual(rows('applications'), original.rows['applications']);
  });

  it('the question before a restore says what would be lost and what would come back, or offers to show it', async () => {
    await window.contextMenu(row('older'), 'Restore Backup...');
    const question = await window.dialogText();
    const loss = /Will be lost: 1 upload\. Will change back: 1 row in applications\. Will come back: 1 row in interviews\./;
    // A busy machine cannot tell within the two seconds that somebody may be kept waiting.
    assert.ok(loss.test(question) || /^Show Changes$/m.test(question), question);
    await window.screenshot('restore-losses');
    await window.answerDialog('Cancel');
  });

  it('Compare With Current Data and two selected backups open side by side, schema, tables and uploads', async () => {
    const changes = window.page.locator('.multiDiffEntry');
    await window.contextMenu(row('older'), 'Compare Backup With Current Data...');
    await changes.filter({ hasText: 'applications.txt' }).filter({ hasText: 'oops' }).waitFor();
    await changes.filter({ hasText: 'schema.sql' }).filter({ hasText: 'CREATE TABLE notes' }).waitFor();
    await window.screenshot('compare-current');
    await row('older').click();
    await row('newer').click({ modifiers: ['ControlOrMeta'] });
    await window.contextMenu(row('newer'), 'Compare Two Backups...');
    await window.page.getByRole('tab', { name: /older ↔ newer/ }).waitFor();
    await changes.filter({ hasText: 'companies.txt' }).filter({ hasText: 'Newer' }).waitFor();
    await window.screenshot('compare-two');
  });

  it('the map of migrations leads to files and to backups, by keyboard too', async () => {
    await window.runCommand('PATS Backup: Show Migration Map');
    const map = await window.reading('Migration Map');
    assert.deepEqual(await window.accessibilityProblems(map), []);
    await window.screenshot('migration-map');
    const focused = (): Promise<string> => map.locator('a:focus').innerText();
    await window.press('Tab', 'ArrowDown', 'ArrowDown', 'ArrowUp');
    assert.equal(await focused(), 'a90b4e2f6c18');
    await window.press('End');
    assert.equal(await focused(), '3f1a9c20b7d4');
    await window.press('Home', 'ArrowLeft', 'ArrowRight', 'Enter');
    await window.page.getByRole('tab', { name: /^newer/ }).waitFor();
    await window.runCommand('PATS Backup: Show Migration Map');
    await (await window.reading('Migration Map')).getByRole('link', { name: 'e6d81f3057ca' }).click();
    await window.page.getByRole('tab', { name: /e6d81f3057ca_add_reminders\.py/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('by keyboard alone: create, read, note, copy the name, restore, delete; a key means the row with the focus', async () => {
    /** Down and down, and from the top again, until the row has the focus: the first keys may come too early. */
    const goTo = async (label: string): Promise<void> => {
      let keys = 0;
      await until(`the focus on ${label}`, async () => {
        const focused = window.page.locator('.part.sidebar .monaco-list.element-focused .monaco-list-row.focused').first();
        if ((await focused.isVisible()) && ((await focused.getAttribute('aria-label')) ?? '').includes(label)) {
          return true;
        }
        await window.press(keys++ % 30 === 0 ? 'Home' : 'ArrowDown');
        return false;
      });
    };
    const toBackups = (): Promise<void> => window.typeCommand('PATS Backup: Focus on Backups View');
    copy.addCompany('By keyboard');
    const now = copy.content();
    const earlier = copy.backupNames();
    await window.typeCommand('PATS Backup: Create Backup');
    await window.notification(/Backup “backup_.*” was created/).waitFor();
    const [made = ''] = copy.backupNames().filter((name) => !earlier.includes(name));
    await row('main - .*').waitFor();
    await toBackups();
    await goTo(made);
    await window.press('Enter');
    await window.reading(made);
    await toBackups();
    // The selection stays behind.
    await goTo('Backup newer');
    await window.press('F2');
    await window.page.getByText('Note of “newer”').waitFor();
    await window.press('Escape');
    await goTo(made);
    await window.press('F2');
    await window.page.getByText(`Note of “${made}”`).waitFor();
    await window.enter('typed');
    await row('typed').waitFor();
    await toBackups();
    await goTo('Backup typed');
    await window.press('ControlOrMeta+C');
    await until('the name', async () => (await window.clipboardText()) === made);
    copy.wreck();
    await window.typeCommand('PATS Backup: Restore Latest Backup...');
    assert.match(await window.dialogText(), new RegExp(`Restore “${made}”\\?`));
    await window.press('Enter');
    await window.notification(`“${made}” was restored.`).waitFor();
    assert.deepEqual(copy.content(), now);
    await window.screenshot('by-keyboard');
    await toBackups();
    await goTo('Backup newer');
    await window.press('Delete');
    assert.match(await window.dialogText(), /Delete the backup “newer”\?/);
    await window.press('Enter');
    await row('newer').waitFor({ state: 'detached' });
    assert.ok(existsSync(join(copy.backups, made)) && !existsSync(join(copy.backups, 'newer')));
  });

  it("the extension's own page speaks to users, and every picture and link on it leads somewhere", async () => {
    await window.page
      .locator('.activitybar')
      .getByRole('tab', { name: /^Extensions/ })
      .click();
    await window.page.locator('.extensions-viewlet .monaco-list-row').filter({ hasText: 'PATS Backup' }).first().click();
    const page = await window.reading('Get started', 'body');
    for (const heading of ['Get started', 'What you get', 'Settings', 'Your data stays yours', 'Help']) {
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    }
    const broken = await page.locator('img').evaluateAll(withoutPixels);
    const links = await page.locator('a[href]').evaluateAll(targets);
    assert.deepEqual([broken, links.filter((each) => !/^(https:|#)/.test(each ?? ''))], [0, []]);
    await window.screenshot('extension-page');
  });
});
