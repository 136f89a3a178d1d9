// What keeps backups trustworthy and their folder small, as a user does it: checked on disk after every step.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { after, afterEach, before, describe, it } from 'mocha';
import { root } from '../../scripts/paths.mjs';
import { PATIENCE_MS, until, Workbench } from '../support/workbench';
import { hashesOf, WorkingCopy } from '../support/working-copy';

const PASSPHRASE = 'four words and more';

interface Metadata {
  created_at: string;
  readonly pinned?: boolean;
  readonly trigger?: string;
}

function addCompany({ database }: WorkingCopy): void {
  const db = new Database(database);
  db.exec("INSERT INTO companies (name) VALUES ('Since')");
  db.close();
}

/** A stand-in for Docker that keeps a record: its one service runs while the file "running" is there. */
function docker(home: string): string {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh
cd '${home}'
case " $* " in
  *' ps '*) if [ -e running ]; then echo f78d6e2f; fi ;;
  *' inspect '*) echo true ;;
  *' stop '*) echo stop >> docker.log; rm running ;;
  *' start '*) echo start >> docker.log; touch running ;;
esac
`;
  for (const name of ['docker', 'docker-compose']) {
    writeFileSync(join(bin, name), script, { mode: 0o755 });
  }
  return bin;
}

describe('a user keeps the storage of backups', function () {
  this.timeout(4 * PATIENCE_MS);
  let copy: WorkingCopy;
  let window: Workbench;
  let first = '';
  let exported = '';

  const metadataFile = (name: string): string => join(copy.backups, name, 'backup_metadata.json');
  const metadata = (name: string): Metadata => JSON.parse(readFileSync(metadataFile(name), 'utf8')) as Metadata;
  const row = (name: string) => window.treeItem(new RegExp(`Backup ${name},`));
  const commandLine = (...args: string[]): void => {
    execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd: copy.folder, stdio: 'ignore' });
  };
  const setting = (settings: Record<string, unknown>): void => {
    mkdirSync(join(copy.folder, '.vscode'), { recursive: true });
    writeFileSync(join(copy.folder, '.vscode/settings.json'), JSON.stringify(settings));
  };

  before(async () => {
    copy = new WorkingCopy();
    exported = join(dirname(copy.folder), 'fourth.zip.age');
    const ignored = join(copy.folder, '.gitignore');
    writeFileSync(ignored, readFileSync(ignored, 'utf8').replace('backups/\n', ''));
    const home = dirname(copy.folder);
    // The editor takes its PATH from the user's login shell.
    writeFileSync(join(home, '.profile'), `PATH='${docker(home)}':"$PATH"\n`);
    window = await Workbench.open({ folder: copy.folder, env: { HOME: home, SHELL: '/bin/sh' } });
    await window.showView('PATS Backup');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await window.keepFailure(this.currentTest.title);
    }
  });

  after(async () => {
    await window.close();
    copy.remove();
  });

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
    await window.contextMenu(row(first), 'Pin');
    await window.treeItem(new RegExp(`Backup ${first},.*pinned`)).waitFor();
    assert.equal(await row(first).locator('.codicon-pinned').count(), 1);
    assert.equal(metadata(first).pinned, true);
    await window.screenshot('pinned');
  });

  it('Verify All Deeply finds the one file that was changed, and the row says which', async () => {
    commandLine('backup', 'second');
    await row('second').waitFor();
    const upload = join(copy.backups, 'second/uploads/1/cover-letter.txt');
    const { length } = readFileSync(upload);
    // A new file, because the old one may be linked from the other backup, too.
    rmSync(upload);
    writeFileSync(upload, 'x'.repeat(length));
    await window.runCommand('PATS Backup: Verify All Deeply');
    await window.notification(/“second” is damaged: .*cover-letter\.txt/).waitFor();
    await window.treeItem(/Backup second,.*damaged: .*cover-letter\.txt/).waitFor();
    await window.treeItem(new RegExp(`Backup ${first},.*verified now`)).waitFor();
    await window.screenshot('verified-all');
  });

  it('Preview Prune tells of each backup why it stays or goes', async () => {
    commandLine('backup', 'third');
    commandLine('backup', 'fourth');
    await row('fourth').waitFor();
    setting({ 'patsBackup.retention': { keepLast: 1 } });
    await window.runCommand('PATS Backup: Preview Prune...');
    await until('the preview', async () => (await window.editorText()).includes('## Goes'));
    const preview = await window.editorText();
    assert.match(preview, new RegExp(`${first}: it is pinned`));
    assert.match(preview, /fourth: it is the newest good backup/);
    assert.match(preview, /second: no rule keeps it/);
    assert.match(preview, /third: no rule keeps it/);
    await window.screenshot('prune-preview');
  });

  it('Remove asks with the names of the preview and removes exactly these', async () => {
    commandLine('backup', 'fifth');
    await window.answerNotification('would be removed', 'Remove 2 Backups');
    const question = await window.dialogText();
    assert.match(question, /second/);
    assert.match(question, /third/);
    assert.doesNotMatch(question, /fourth|fifth|auto_/);
    await window.screenshot('prune-question');
    await window.answerDialog('Remove Backups');
    await window.notification('2 backups were removed.').waitFor();
    assert.deepEqual(copy.backupNames(), [first, 'fifth', 'fourth']);
    await row('third').waitFor({ state: 'detached' });
    await until('the preview of now', async () => !(await window.editorText()).includes('third'));
  });

  it('Restore Drill says that the backup can be restored, and touches nothing', async () => {
    const before = copy.content();
    await window.contextMenu(row('fourth'), 'Restore Drill');
    await window.notification('“fourth” can be restored').waitFor();
    await window.screenshot('drill');
    assert.deepEqual(copy.content(), before);
    assert.deepEqual(copy.backupNames(), [first, 'fifth', 'fourth']);
  });

  it('Create SQL Dump writes a dump, and it stands in a group of its own', async () => {
    await window.runCommand('PATS Backup: Create SQL Dump...');
    await window.option(/^gzip/).waitFor();
    await window.screenshot('dump-compression');
    await window.option(/^gzip/).click();
    await window.notification(/SQL dump “.*\.sql\.gz” was written/).waitFor();
    const [file = ''] = readdirSync(copy.backups).filter((name) => name.endsWith('.sql.gz'));
    assert.match(gunzipSync(readFileSync(join(copy.backups, file))).toString(), /Dumped by PATS Backup|CREATE TABLE/);
    await window.treeItem(/^SQL Dumps/).click();
    await window.treeItem(/^SQL dump database_dump_/).waitFor();
    await window.screenshot('dump');
  });

  it('Restore Dump asks, and brings every row back', async () => {
    const dumped = copy.content();
    copy.wreck();
    await window.contextMenu(window.treeItem(/^SQL dump database_dump_/), 'Restore Dump...');
    assert.match(await window.dialogText(), /Restore the SQL dump “database_dump_.*Uploads stay as they are/s);
    await window.screenshot('dump-question');
    await window.answerDialog('Restore');
    await window.notification(/was restored/).waitFor();
    await window.screenshot('dump-restored');
    assert.deepEqual(copy.content().rows, dumped.rows);
  });

  it('while the service runs that mounts the database, a restore can stop it and start it again', async () => {
    const home = dirname(copy.folder);
    const dumped = copy.content();
    addCompany(copy);
    writeFileSync(join(home, 'running'), '');
    await window.contextMenu(window.treeItem(/^SQL dump database_dump_/), 'Restore Dump...');
    assert.match(await window.dialogText(), /The compose service “backend” mounts this database and is running\./);
    await window.screenshot('container-question');
    await window.answerDialog('Stop, Restore and Start Again');
    await until('the rows of the dump', () => JSON.stringify(copy.content()) === JSON.stringify(dumped));
    await until('the start of the service', () => existsSync(join(home, 'running')));
    assert.equal(readFileSync(join(home, 'docker.log'), 'utf8'), 'stop\nstart\n');
    rmSync(join(home, 'running'));
  });

  it('Export with a passphrase writes one encrypted file', async () => {
    await window.contextMenu(row('fourth'), 'Export...');
    await window.option(/^With a Passphrase/).click();
    await window.enter(PASSPHRASE);
    await window.page.getByText('The same passphrase again').waitFor();
    await window.input.fill('another');
    await window.page.getByText('It differs from the first one.').waitFor();
    await window.screenshot('export-passphrase');
    await window.enter(PASSPHRASE);
    await window.enterFile('Export “fourth”', exported);
    await window.notification('“fourth” was exported to').waitFor();
    await window.screenshot('exported');
    assert.equal(readFileSync(exported).subarray(0, 19).toString(), 'age-encryption.org/');
  });

  it('Import brings the deleted backup back, byte for byte', async () => {
    const files = hashesOf(join(copy.backups, 'fourth'));
    rmSync(join(copy.backups, 'fourth'), { recursive: true });
    await row('fourth').waitFor({ state: 'detached' });
    await window.runCommand('PATS Backup: Import...');
    await window.enterFile('Import an exported backup', exported);
    await window.page.getByText('Passphrase of fourth.zip.age').waitFor();
    await window.enter(PASSPHRASE);
    await window.notification('Backup “fourth” was imported and verified.').waitFor();
    await row('fourth').waitFor();
    await window.screenshot('imported');
    assert.deepEqual(hashesOf(join(copy.backups, 'fourth')), files);
  });

  it('Export to a public key writes a file that the secret key opens again', async () => {
    const identity = await generateIdentity();
    const keyFile = join(dirname(copy.folder), 'key.txt');
    const file = join(dirname(copy.folder), 'to-key.zip.age');
    writeFileSync(keyFile, `# a key\n${identity}\n`);
    const files = hashesOf(join(copy.backups, 'fourth'));
    await window.contextMenu(row('fourth'), 'Export...');
    await window.option(/^To Recipients/).click();
    await window.input.fill('nobody');
    await window.page.getByText('A public key begins with').waitFor();
    await window.screenshot('export-recipients');
    await window.enter(await identityToRecipient(identity));
    await window.enterFile('Export “fourth”', file);
    await window.notification('“fourth” was exported to').first().waitFor();
    await until('the file', () => existsSync(file));
    rmSync(join(copy.backups, 'fourth'), { recursive: true });
    await row('fourth').waitFor({ state: 'detached' });
    await window.runCommand('PATS Backup: Import...');
    await window.enterFile('Import an exported backup', file);
    await window.enterFile('File with a secret key for to-key.zip.age', keyFile);
    await row('fourth').waitFor();
    assert.deepEqual(hashesOf(join(copy.backups, 'fourth')), files);
  });

  it('an exported file is imported when it is dropped onto the tree, from the desktop or from the explorer', async () => {
    const files = hashesOf(join(copy.backups, 'fifth'));
    const zip = join(dirname(copy.folder), 'fifth.zip');
    commandLine('export', 'fifth', zip);
    rmSync(join(copy.backups, 'fifth'), { recursive: true });
    await row('fifth').waitFor({ state: 'detached' });
    await window.dropFile(row('fourth'), 'fifth.zip', readFileSync(zip));
    await row('fifth').waitFor();
    assert.deepEqual(hashesOf(join(copy.backups, 'fifth')), files);
    rmSync(join(copy.backups, 'fifth'), { recursive: true });
    await row('fifth').waitFor({ state: 'detached' });
    await window.dropPath(row('fourth'), zip);
    await row('fifth').waitFor();
    assert.deepEqual(hashesOf(join(copy.backups, 'fifth')), files);
  });

  it('a size above patsBackup.warnAtSize is told, with the way to the preview', async () => {
    setting({ 'patsBackup.warnAtSize': 0.1 });
    await window.notification(/The backups take .* KB, more than .* They are safe/).waitFor();
    await window.screenshot('size-warning');
    await window.answerNotification('The backups take', 'Preview Prune...');
    await window
      .notification(/backups stay|would be removed/)
      .first()
      .waitFor();
  });

  it('Doctor opens its report, and Copy Report copies it without the home folder', async () => {
    await window.runCommand('PATS Backup: Doctor');
    await until('the report', async () => (await window.editorText()).includes('PATS Backup: Doctor: pats'));
    await window.screenshot('doctor');
    await window.answerNotification(/All is well|problem|warning/, 'Copy Report');
    await until('the copy', async () => (await window.clipboardText()).startsWith('# PATS Backup: Doctor'));
    const report = await window.clipboardText();
    assert.match(report, /~\/pats\/backend\/data\/pats\.db can be read/);
    assert.ok(!report.includes(dirname(copy.folder)), report);
  });

  it('the schedule makes a backup by itself when the newest one is old enough and something changed', async () => {
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60_000).toISOString();
    const before = copy.backupNames();
    for (const name of before) {
      writeFileSync(metadataFile(name), JSON.stringify({ ...metadata(name), created_at: twoHoursAgo }));
    }
    addCompany(copy);
    setting({ 'patsBackup.schedule': 1 });
    await until('the scheduled backup', () => copy.backupNames().length === before.length + 1);
    const [made = ''] = copy.backupNames().filter((name) => !before.includes(name));
    assert.match(made, /^scheduled_/);
    assert.equal(metadata(made).trigger, 'scheduled');
    await window.treeItem(new RegExp(`Backup ${made},.*made by the schedule`)).waitFor();
    await window.screenshot('scheduled');
  });
});

describe('a user keeps the storage of backups in a folder that is not trusted', function () {
  this.timeout(4 * PATIENCE_MS);
  let copy: WorkingCopy;
  let window: Workbench;

  before(async () => {
    copy = new WorkingCopy();
    execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'backup', 'first'], { cwd: copy.folder, stdio: 'ignore' });
    const settings = { 'security.workspace.trust.startupPrompt': 'never' };
    window = await Workbench.open({ folder: copy.folder, trusted: false, settings });
    await window.showView('PATS Backup');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await window.keepFailure(this.currentTest.title);
    }
  });

  after(async () => {
    await window.close();
    copy.remove();
  });

  it('backups are listed and can be opened', async () => {
    await window.page.getByText('not trusted: list and open only').first().waitFor();
    await window.contextMenu(window.treeItem(/Backup first,/), 'Open Metadata');
    await until('the metadata', async () => (await window.editorText()).includes('"backup_name": "first"'));
    await window.screenshot('untrusted');
  });

  it('what writes is neither in the palette nor in the menu of a row', async () => {
    await window.page.keyboard.press('F1');
    await window.input.fill('>PATS Backup: ');
    await window.option(/^PATS Backup: Open Metadata/).waitFor();
    await window.screenshot('untrusted-palette');
    for (const name of ['Create Backup', 'Restore...', 'Delete...', 'Import...', 'Doctor']) {
      assert.equal(await window.option(new RegExp(`^PATS Backup: ${name}`)).count(), 0, name);
    }
    await window.page.keyboard.press('Escape');
    await window.treeItem(/Backup first,/).click({ button: 'right' });
    await window.page.getByRole('menuitem', { name: 'Restore...' }).waitFor();
    await window.screenshot('untrusted-menu');
    assert.equal(await window.page.getByRole('menuitem', { name: 'Restore...', disabled: true }).count(), 1);
  });

  it('a drop is refused, and the message says why', async () => {
    await window.page.keyboard.press('Escape');
    await window.dropFile(window.treeItem(/Backup first,/), 'other.zip', Buffer.from('any'));
    await window.notification('This folder is not trusted: its backups are only listed and opened.').waitFor();
    await window.screenshot('untrusted-drop');
    assert.deepEqual(copy.backupNames(), ['first']);
  });
});
