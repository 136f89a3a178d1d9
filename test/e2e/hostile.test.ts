// A stranger's project in a folder that is not trusted: whatever lies in it, it is only shown, and the system calls of the whole
// server, extension and engine included, prove that nothing but VS Code's own folders was written.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newFolder } from '../support/folder';
import { PATIENCE_MS, until } from '../support/patience';
import { filesOf } from '../support/pats-project';
import { canWatch, watching, writtenIn } from '../support/watched-writes';
import { windowOnCopy } from '../support/window-on-copy';
import type { WorkingCopy } from '../support/working-copy';

/** Backups whose metadata name what is not theirs. */
const MANIFESTS: Readonly<Record<string, object>> = {
  'bad-uploads': { uploads: [{ source: '../neighbour', folder: 'uploads', existed: true }] },
  'bad-database': { database_file: '../../../neighbour/other.db' },
  'bad-links': {
    links: [
      { path: 'uploads/out', target: '../../../neighbour' },
      { path: 'uploads/out/planted', target: 'x' },
    ],
  },
  'bad-files': { files: [{ path: 'uploads/../../../neighbour/x', size: 1, mtime: '1', ctime: '1', sha256: 'a'.repeat(64) }] },
};

const NOT_TRUSTED = 'This folder is not trusted: you can only list and open its backups.';

describe("a user opens a stranger's project without trusting it", function () {
  this.timeout(6 * PATIENCE_MS);
  const own = newFolder('watch');
  const log = join(own.path, 'calls.log');
  const home = join(own.path, 'home');
  const temporary = join(own.path, 'tmp');
  const isWatched = canWatch();
  let before: unknown;
  const { copy, window } = windowOnCopy((made) => {
    makeHostile(made);
    mkdirSync(home);
    mkdirSync(temporary);
    before = filesOf(made.home);
    return {
      trusted: false,
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
      env: { HOME: home, TMPDIR: temporary, XDG_STATE_HOME: join(home, 'state'), XDG_RUNTIME_DIR: temporary },
      prefix: isWatched ? watching(log) : [],
    };
  });
  after(() => {
    own.remove();
  });

  function makeHostile(made: WorkingCopy): void {
    const neighbour = join(made.home, 'neighbour');
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(made.folder, path)), { recursive: true });
      writeFileSync(join(made.folder, path), text);
    };
    made.commandLine('backup', 'good');
    made.commandLine('export', 'good', 'hostile.zip');
    write('../neighbour/theirs.txt', 'theirs');
    cpSync(made.database, join(neighbour, 'other.db'));
    for (const [name, change] of Object.entries(MANIFESTS)) {
      cpSync(join(made.backups, 'good'), join(made.backups, name), { recursive: true, preserveTimestamps: true });
      const manifest = { ...made.metadata(name), ...change, backup_name: name };
      writeFileSync(made.metadataFile(name), JSON.stringify(manifest));
    }
    symlinkSync(neighbour, join(made.backups, 'linked'));
    // What a restore and others would leave, were it ours.
    write('backups/.tmp-other-0011223344556677/pats.db', 'theirs');
    write(
      'backups/.restore-journal.json',
      JSON.stringify({
        version: 2,
        id: '00112233',
        state: 'committing',
        backup: 'good',
        safetyBackup: 'good',
        database: { mode: 'swap', live: join(neighbour, 'other.db'), made: [], schemaVersion: null, staged: '1:1:1' },
        uploads: [{ live: neighbour, folder: 'uploads', made: true, keep: [] }],
      }),
    );
    const touch = `touch ${join(neighbour, 'owned')}`;
    made.setting({
      'patsBackup.database': '../neighbour/other.db',
      'patsBackup.uploads': ['../neighbour'],
      'patsBackup.backupsFolder': '../neighbour',
      'patsBackup.migrateCommand': touch,
      'patsBackup.beforeMigration': 'always',
      'patsBackup.schedule': 'hourly',
      'patsBackup.verifyEvery': 1,
      'patsBackup.retention': { keepLast: 1 },
      'patsBackup.warnAtSize': 1,
    });
    write('.git/config', `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = ${touch}\n`);
    write('.env', `DATABASE_URL=sqlite:///${join(neighbour, 'other.db')}\n`);
    write('docker-compose.yml', `services:\n  a:\n    image: b\n    volumes: ["${neighbour}:/data"]\n`);
    write('hostile.sql', `ATTACH '${join(neighbour, 'other.db')}' AS o; DROP TABLE o.companies;\n`);
    rmSync(made.uploads, { recursive: true });
    symlinkSync(neighbour, made.uploads);
  }

  it('each backup of theirs is listed, and its metadata can be looked at', async () => {
    await window.showView('PATS Backup');
    await window.page.getByText('not trusted: read-only').first().waitFor();
    for (const name of ['good', ...Object.keys(MANIFESTS).filter((each) => each !== 'bad-database')]) {
      await window.contextMenu(window.treeItem(new RegExp(`Backup ${name},`)), 'Open Backup Metadata...');
      await until(`the metadata of ${name}`, async () => (await window.editorText()).includes(name));
    }
    await window.screenshot('hostile');
  });

  it('nothing of theirs is taken in, and nothing can be started with it', async () => {
    for (const file of ['hostile.zip', 'hostile.sql']) {
      await window.dropPath(window.treeItem(/Backup good,/), join(copy.folder, file));
    }
    await window.notification(NOT_TRUSTED).first().waitFor();
    await window.page.keyboard.press('F1');
    await window.input.fill('>PATS Backup: ');
    await window.option(/^PATS Backup: Open Backup Metadata/).waitFor();
    for (const name of ['Restore', 'Import', 'Verify', 'Undo', 'Apply', 'Recover', 'Repair', 'Create', 'Delete']) {
      assert.equal(await window.option(new RegExp(`^PATS Backup: ${name}`)).count(), 0, name);
    }
    await window.page.keyboard.press('Escape');
  });

  it("nothing around the project, nor in it, was opened for writing: only VS Code's own folders, with the log", async () => {
    await window.close();
    assert.deepEqual(filesOf(copy.home), before);
    if (!isWatched) {
      return;
    }
    const calls = readFileSync(log, 'utf8');
    assert.match(calls, /dist\/engine\.js"/, 'The engine was not watched.');
    const written = writtenIn(calls, copy.folder);
    assert.ok(
      written.some((path) => path.endsWith('PATS Backup.log')),
      "The extension's log was not watched.",
    );
    const vscode = [join(tmpdir(), 'pats-workbench-'), join(home, '.'), join(temporary, '.'), '/dev/', '/proc/'];
    assert.deepEqual(
      written.filter((path) => ![...vscode, home, temporary].some((place) => path === place || path.startsWith(place))),
      [],
    );
    assert.deepEqual(
      written.filter((path) => path.startsWith(join(home, 'state'))),
      [],
      'Where only looking is allowed, there is nothing to be remembered.',
    );
  });
});
