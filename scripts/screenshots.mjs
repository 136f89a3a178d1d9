// Makes the README's pictures from a real window, on a working copy with some history.
// usage: node scripts/screenshots.mjs [FOLDER]   media/screenshots by default
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../test/support/patience.ts';
import { Workbench } from '../test/support/workbench.ts';
import { packageExtension } from './package.mjs';
import { root } from './paths.mjs';
import { must } from './processes.mjs';
import { installServedVscode } from './served-vscode.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const OLDER_REVISION = 'a90b4e2f6c18';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FAILING_MIGRATION = `"""add archive"""
from alembic import op
import sqlalchemy as sa

revision = 'b7f20c4d9e11'
down_revision = 'e6d81f3057ca'


def upgrade() -> None:
    op.create_table('archive', sa.Column('id', sa.Integer(), primary_key=True))
    op.execute("INSERT INTO archive (title) SELECT title FROM applications")
`;

const pictures = process.argv[2] ?? join(root, 'media/screenshots');
const home = await mkdtemp(join(tmpdir(), 'pats-pictures-'));
const project = join(home, 'pats');
const database = join(project, 'backend/data/pats.db');

try {
  await ensureSystemPackages('test');
  await installServedVscode();
  await packageExtension();
  await makeHistory();
  await takePictures();
  await pictureFailedMigration();
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}

/** A project of some days: two revisions of the schema, two branches, backups of several kinds. */
async function makeHistory() {
  await buildExample(project, OLDER_REVISION);
  await backUp(4 * DAY, ['auto-backup']);
  await backUp(2 * DAY, ['backup', 'before_reminders', '--note', 'before the reminders']);
  const newer = join(home, 'newer');
  await buildExample(newer, 'e6d81f3057ca');
  await cp(join(newer, 'backend/data/pats.db'), database);
  await git('switch', '--quiet', '--create', 'feature/reminders');
  await backUp(26 * HOUR, ['auto-backup']);
  await backUp(3 * HOUR, ['backup', 'demo_data', '--note', 'data for the demo']);
  await backUp(12 * MINUTE, ['auto-backup']);
}

/**
 * @param {string} folder
 * @param {string} revision
 */
async function buildExample(folder, revision) {
  await must(process.execPath, [join(root, 'examples/pats/build.mjs'), folder, '--revision', revision]);
}

/** @param {...string} args */
async function git(...args) {
  await must('git', args, { cwd: project });
}

/**
 * Takes a backup and dates it back.
 * @param {number} age
 * @param {readonly string[]} args
 */
async function backUp(age, args) {
  const { path, backup_name: name } = commandLine(args);
  const file = join(path, 'backup_metadata.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  const made = new Date(Date.parse(manifest.created_at) - age);
  const local = new Date(made.getTime() - made.getTimezoneOffset() * MINUTE).toISOString();
  const timestamp = local.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
  const dated = name.replace(manifest.timestamp, timestamp);
  await writeFile(file, `${JSON.stringify({ ...manifest, backup_name: dated, timestamp, created_at: made.toISOString() }, null, 2)}\n`);
  await rename(path, join(project, 'backups', dated));
}

/**
 * Runs the project's own command line.
 * @param {readonly string[]} args
 * @returns {any} what it printed as JSON
 */
function commandLine(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...args, '--json', '--project', project], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`pats-backup ${args.join(' ')} ended with exit code ${status}:\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}

async function takePictures() {
  await mkdir(pictures, { recursive: true });
  // A short prompt, whoever makes the pictures.
  await writeFile(join(home, '.bashrc'), "PS1='\\W$ '\n");
  const window = await Workbench.open({ folder: project, env: { HOME: home, SHELL: '/bin/bash' } });
  try {
    await window.page.setViewportSize({ width: 1280, height: 800 });
    await window.showView('PATS Backup');
    await window.treeItem(/Backup before_reminders/).waitFor();
    await window.treeItem(/Backup demo_data/).click();
    await window.reading('data for the demo');
    await window.screenshot('backups', pictures);

    await window.contextMenu(window.treeItem(/Backup before_reminders/), 'Restore Backup...');
    await window.dialogText();
    await window.notification(/Checking backup/).waitFor({ state: 'hidden' });
    await window.screenshot('restore-dialog', pictures);
    await window.answerDialog('Restore');
    await window.notification(/was restored\./).waitFor();
    await window.treeItem(/^Safety Backups/).waitFor();
    await window.notification(/Restoring/).waitFor({ state: 'hidden' });
    await window.screenshot('restored', pictures);

    await window.runCommand('Notifications: Clear All Notifications');
    await window.runInTerminal('pats-backup list && pats-backup status');
    await window.runCommand('View: Toggle Maximized Panel');
    const rows = window.page.locator('.terminal-wrapper.active .xterm-rows').last();
    await until('the status in the terminal', async () => /evision[\s\S]*\$ *$/.test((await rows.innerText()).trimEnd()));
    // Its size fades away.
    await until('the terminal alone', async () => (await window.page.locator('.terminal-resize-overlay.visible').count()) === 0);
    await window.screenshot('terminal', pictures);
  } finally {
    await window.close();
  }
}

/** A migration that makes a table and then fails, run with "Migrate With Backup". */
async function pictureFailedMigration() {
  const versions = join(project, 'backend/alembic/versions');
  commandLine(['restore', 'demo_data', '--force']);
  await writeFile(join(versions, 'b7f20c4d9e11_add_archive.py'), FAILING_MIGRATION);
  const settings = { 'patsBackup.migrateCommand': 'cd backend && alembic upgrade head', 'patsBackup.beforeMigration': 'off' };
  const window = await Workbench.open({ folder: project, settings });
  try {
    await window.page.setViewportSize({ width: 1280, height: 800 });
    await window.showView('PATS Backup');
    await window.treeItem(/add archive/).waitFor();
    await window.runCommand('PATS Backup: Migrate With Backup');
    await window.notification(/The migration failed/).waitFor();
    await window
      .treeItem(/Left by a Failed Migration/)
      .first()
      .waitFor();
    await window.notification(/Backing up/).waitFor({ state: 'hidden' });
    await window.screenshot('migration-failed', pictures);
  } finally {
    await window.close();
  }
}
