// The doctor: what stands in the way is said with what to do about it, and looking changes nothing.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realEnvironment } from '../../../src/engine/store/environment';
import { createEngine } from '../../../src/engine/create-engine';
import type { Finding } from '../../../src/engine/engine';
import { realDisk } from '../../../src/engine/files/disk';
import { filesOf, makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('the doctor', () => {
  const project = newForEachTest(makeProject);
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  const examine = (): Promise<Finding[]> => engine.doctor({ root: project.root });
  /** Says that there is such a finding, with a remedy. */
  async function finds(level: Finding['level'], message: RegExp, findings: Promise<Finding[]> = examine()): Promise<void> {
    const found = (await findings).filter((finding) => finding.level !== 'ok');
    const [fitting] = found.filter((finding) => message.test(finding.message));
    assert.ok(fitting, `There is no finding like ${String(message)}: ${JSON.stringify(found, null, 2)}`);
    assert.equal(fitting.level, level);
    assert.notEqual(fitting.remedy, '');
  }

  it('finds no problem in a sound project, and changes nothing', async () => {
    const before = filesOf(project.root);
    const findings = await examine();
    assert.deepEqual(
      findings.filter(({ level }) => level === 'problem'),
      [],
    );
    for (const topic of [
      'Settings',
      'Database',
      'Uploads',
      'Backups folder',
      'Interrupted runs',
      'Backups',
      'Disk space',
      'Git',
      'Migrations',
    ]) {
      assert.ok(
        findings.some((finding) => finding.topic === topic),
        `${topic} was not looked at.`,
      );
    }
    assert.deepEqual(filesOf(project.root), before);
  });

  it('finds a database that is missing, locked, or none', async () => {
    const holder = new Database(project.database);
    holder.pragma('journal_mode = DELETE');
    holder.exec('BEGIN EXCLUSIVE');
    await finds('problem', /locked/i);
    holder.close();
    writeFileSync(project.database, 'no database at all, but text that is long enough to be read');
    await finds('problem', /not a (SQLite )?database|is no(t a)? SQLite/i);
    rmSync(project.database);
    await finds('problem', /There is no database/);
  });

  it('finds settings of the wrong type', async () => {
    mkdirSync(join(project.root, '.vscode'));
    writeFileSync(join(project.root, '.vscode/settings.json'), '{ "patsBackup.uploads": 7 }');
    await finds('problem', /patsBackup\.uploads/);
    writeFileSync(join(project.root, '.vscode/settings.json'), '{ "patsBackup.retention": { "keepLast": -1 } }');
    await finds('problem', /patsBackup\.retention/);
  });

  it('finds a backups folder into which others may look, and one that another run holds', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    chmodSync(project.backups, 0o755);
    await finds('warning', /Other users/);
    chmodSync(project.backups, 0o700);
    const lock = new Database(join(project.backups, '.pats-backup.lock'));
    lock.exec('BEGIN EXCLUSIVE');
    await finds('warning', /Another backup or restore is running/);
    lock.close();
  });

  it('finds a torn journal, stages, incomplete folders and backups that failed their verification', async () => {
    mkdirSync(join(project.backups, '.tmp-left-behind'));
    await finds('warning', /look unfinished, but were not made by this user/);
    mkdirSync(join(project.backups, 'half'));
    await finds('warning', /half is not a complete backup/);
    writeFileSync(join(project.backups, 'good/uploads/cv.pdf'), 'changed');
    await engine.verify({ root: project.root }, { names: ['good'], deep: true });
    await finds('problem', /good failed its last verification: .*cv\.pdf/);
    writeFileSync(join(project.backups, '.restore-journal.json'), 'torn');
    await finds('problem', /journal/i);
  });

  it('finds a disk that is nearly full, and a file system where locks may not hold', async () => {
    const poor = createEngine({
      ...realEnvironment,
      disk: { ...realDisk, freeBytes: () => Promise.resolve(1024), remoteKind: () => Promise.resolve('SMB') },
    });
    await finds('problem', /Only 0 MB are free/, poor.doctor({ root: project.root }));
    await finds('warning', /SMB file system/, poor.doctor({ root: project.root }));
  });

  it('finds that the newest good backup is old, or that there is none', async () => {
    const later = createEngine({ ...realEnvironment, now: () => new Date(Date.now() + 9 * 24 * 60 * 60 * 1000) });
    await finds('warning', /9 days old/, later.doctor({ root: project.root }));
    rmSync(join(project.backups, 'good'), { recursive: true });
    await finds('warning', /no good backup yet/);
  });

  it('finds a broken migration file with its line', async () => {
    mkdirSync(join(project.root, 'backend/alembic/versions'), { recursive: true });
    writeFileSync(join(project.root, 'backend/alembic.ini'), '[alembic]\nscript_location = alembic\n');
    writeFileSync(join(project.root, 'backend/alembic/env.py'), '');
    writeFileSync(join(project.root, 'backend/alembic/versions/a_first.py'), '\nrevision = make()\ndown_revision = None\n');
    await finds('warning', /a_first\.py:2/);
  });
});
