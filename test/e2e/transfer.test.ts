// What leaves the backups folder and comes back, as a user does it: SQL dumps, exports and imports, checked on disk after every step.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { before, describe, it } from 'mocha';
import { PATIENCE_MS, until } from '../support/patience';
import { windowOnCopy } from '../support/window-on-copy';
import { hashesOf } from '../support/working-copy';

const VERIFICATION = '.verification.json';
const MANIFEST = 'backup_metadata.json';
const PASSPHRASE = 'four words and more';

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
  let exported = '';
  const { copy, window } = windowOnCopy((made) => {
    const { home } = made;
    exported = join(home, 'fourth.zip.age');
    made.commandLine('backup', 'fourth');
    made.commandLine('backup', 'fifth');
    // The editor takes its PATH from the user's login shell.
    writeFileSync(join(home, '.profile'), `PATH='${docker(home)}':"$PATH"\n`);
    return { env: { HOME: home, SHELL: '/bin/sh' } };
  });
  const row = (name: string) => window.treeItem(new RegExp(`Backup ${name},`));
  before(() => window.showView('PATS Backup'));

  /** The hash of each file but what a verification keeps, and the manifest's text without the one entry that an import adds. */
  const backupOf = (name: string): { readonly files: Record<string, string>; readonly manifest: string; readonly importedAt: string } => {
    const folder = join(copy.backups, name);
    const files = Object.fromEntries(Object.entries(hashesOf(folder)).filter(([path]) => ![MANIFEST, VERIFICATION].includes(path)));
    const text = readFileSync(join(folder, MANIFEST), 'utf8');
    const { imported_at: importedAt = '' } = JSON.parse(text) as { readonly imported_at?: string };
    return { files, manifest: text.replace(/,\n {2}"imported_at": "[^"]*"/, ''), importedAt };
  };
  const assertImported = (name: string, before: ReturnType<typeof backupOf>): void => {
    const now = backupOf(name);
    assert.deepEqual({ ...now, importedAt: '' }, { ...before, importedAt: '' });
    assert.ok(now.importedAt > before.importedAt, now.importedAt);
  };

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
    await window.contextMenu(window.treeItem(/^SQL dump database_dump_/), 'Restore SQL Dump...');
    assert.match(await window.dialogText(), /Restore the SQL dump “database_dump_.*Uploads are not changed/s);
    await window.screenshot('dump-question');
    await window.answerDialog('Restore');
    await window.notification(/was restored/).waitFor();
    await window.screenshot('dump-restored');
    assert.deepEqual(copy.content().rows, dumped.rows);
  });

  it('while the service runs that mounts the database, a restore can stop it and start it again', async () => {
    const home = copy.home;
    const dumped = copy.content();
    copy.addCompany();
    writeFileSync(join(home, 'running'), '');
    await window.contextMenu(window.treeItem(/^SQL dump database_dump_/), 'Restore SQL Dump...');
    assert.match(await window.dialogText(), /The compose service “backend” mounts this database and is running\./);
    await window.screenshot('container-question');
    await window.answerDialog('Stop, Restore and Start Again');
    await until('the rows of the dump', () => JSON.stringify(copy.content()) === JSON.stringify(dumped));
    await until('the start of the service', () => existsSync(join(home, 'running')));
    assert.equal(readFileSync(join(home, 'docker.log'), 'utf8'), 'stop\nstart\n');
    rmSync(join(home, 'running'));
  });

  it('Export with a passphrase writes one encrypted file', async () => {
    await window.contextMenu(row('fourth'), 'Export Backup...');
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

  it('Import brings the deleted backup back, byte for byte but for the time of the import', async () => {
    const before = backupOf('fourth');
    rmSync(join(copy.backups, 'fourth'), { recursive: true });
    await row('fourth').waitFor({ state: 'detached' });
    await window.runCommand('PATS Backup: Import Backup...');
    await window.enterFile('Import an exported backup', exported);
    await window.page.getByText('Passphrase of fourth.zip.age').waitFor();
    await window.enter(PASSPHRASE);
    await window.notification('Backup “fourth” was imported and verified.').waitFor();
    await row('fourth').waitFor();
    await window.screenshot('imported');
    assertImported('fourth', before);
  });

  it('Export to a public key writes a file that the secret key opens again', async () => {
    const identity = await generateIdentity();
    const keyFile = join(copy.home, 'key.txt');
    const file = join(copy.home, 'to-key.zip.age');
    writeFileSync(keyFile, `# a key\n${identity}\n`);
    const before = backupOf('fourth');
    await window.contextMenu(row('fourth'), 'Export Backup...');
    await window.option(/^To Recipients/).click();
    await window.input.fill('nobody');
    await window.page.getByText('A public key starts with').waitFor();
    await window.screenshot('export-recipients');
    await window.enter(await identityToRecipient(identity));
    await window.enterFile('Export “fourth”', file);
    await window.notification('“fourth” was exported to').first().waitFor();
    await until('the file', () => existsSync(file));
    rmSync(join(copy.backups, 'fourth'), { recursive: true });
    await row('fourth').waitFor({ state: 'detached' });
    await window.runCommand('PATS Backup: Import Backup...');
    await window.enterFile('Import an exported backup', file);
    await window.enterFile('File with a secret key for to-key.zip.age', keyFile);
    await row('fourth').waitFor();
    assertImported('fourth', before);
  });

  it('an exported file is imported when it is dropped onto the tree, from the desktop or from the explorer', async () => {
    const before = backupOf('fifth');
    const zip = join(copy.home, 'fifth.zip');
    copy.commandLine('export', 'fifth', zip);
    rmSync(join(copy.backups, 'fifth'), { recursive: true });
    await row('fifth').waitFor({ state: 'detached' });
    await window.dropFile(row('fourth'), 'fifth.zip', readFileSync(zip));
    await row('fifth').waitFor();
    assertImported('fifth', before);
    rmSync(join(copy.backups, 'fifth'), { recursive: true });
    await row('fifth').waitFor({ state: 'detached' });
    await window.dropPath(row('fourth'), zip);
    await row('fifth').waitFor();
    assertImported('fifth', before);
  });
});
