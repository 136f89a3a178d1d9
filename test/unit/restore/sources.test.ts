// Specification of what a restore takes for a backup: old ones, damaged ones and hostile ones.
import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { filesOf, hiddenIn, makeProject, seedDatabase, stateOf, visibleIn, wreck, writeUpload } from '../../support/pats-project';
import { rot } from '../../support/rot';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();
const scopeAll = { scope: 'all' } as const;

describe('the backup that is restored', () => {
  const project = newForEachTest(makeProject);
  beforeEach(async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });

  it('refuses a backup with one flipped bit, names the file, and changes nothing', async () => {
    wreck(project);
    const wrecked = stateOf(project);
    for (const file of ['pats.db', 'uploads/2024/portrait.png']) {
      const path = join(project.backups, 'good', file);
      const bytes = readFileSync(path);
      const damaged = Buffer.from(bytes);
      damaged[3] = (damaged[3] ?? 0) ^ 1;
      writeFileSync(path, damaged);
      const error = await failsWith('BACKUP_DAMAGED', engine.restore({ root: project.root }, { name: 'good', ...scopeAll }));
      assert.match(error.message, new RegExp(file));
      writeFileSync(path, bytes);
    }
    assert.deepEqual(stateOf(project), wrecked);
    assert.deepEqual(visibleIn(project.backups), ['good']);
  });

  it('refuses uploads that have rotted unseen, tells all of them, and keeps that of the backup, as if nothing had begun', async () => {
    wreck(project);
    const wrecked = stateOf(project);
    const files = ['uploads/cv.pdf', 'uploads/2024/portrait.png'];
    files.forEach((file) => {
      rot(join(project.backups, 'good', file));
    });
    const error = await failsWith('BACKUP_DAMAGED', engine.restore({ root: project.root }, { name: 'good', scope: 'uploads' }));
    assert.match(error.message, /and 1 more/);
    assert.deepEqual(stateOf(project), wrecked);
    assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], ['good']);
    const [entry] = (await engine.list({ root: project.root })).backups;
    assert.deepEqual([entry?.verification?.ok, [...(entry?.verification?.damaged ?? [])].sort()], [false, [...files].sort()]);
  });

  it('puts what is live into the safety backup also where the newest backup, which it shares with, has rotted unseen', async () => {
    writeUpload(project, 'cv.pdf', 'a later one, and just as live');
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'newest' });
    const before = stateOf(project);
    rot(join(project.backups, 'newest/uploads/cv.pdf'));
    const { safetyBackup } = await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
    const [entry] = await engine.verify({ root: project.root }, { names: [safetyBackup], deep: true });
    assert.deepEqual(entry?.problems, []);
    await engine.undo({ root: project.root }, {});
    assert.deepEqual(stateOf(project), before);
  });

  it('refuses a backup whose further name of a file is a file of its own that has rotted unseen, and keeps that of it', async () => {
    linkSync(join(project.uploads, 'cv.pdf'), join(project.uploads, 'further-name.pdf'));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'linked' });
    const further = join(project.backups, 'linked/uploads/further-name.pdf');
    const { atime, mtime } = statSync(further);
    const bytes = readFileSync(further);
    rmSync(further);
    writeFileSync(further, bytes);
    utimesSync(further, atime, mtime);
    rot(further);
    wreck(project);
    const wrecked = stateOf(project);
    await failsWith('BACKUP_DAMAGED', engine.restore({ root: project.root }, { name: 'linked', scope: 'uploads' }));
    assert.deepEqual(stateOf(project), wrecked);
    const entry = (await engine.list({ root: project.root })).backups.find(({ name }) => name === 'linked');
    assert.deepEqual([entry?.verification?.ok, entry?.verification?.damaged], [false, ['uploads/further-name.pdf']]);
    await engine.restore({ root: project.root }, { name: 'linked', scope: 'uploads', ignoreDamage: true });
    assert.deepEqual(readFileSync(join(project.uploads, 'further-name.pdf')), bytes);
  });

  it('finds missing and added uploads in a backup', async () => {
    rmSync(join(project.backups, 'good/uploads/cv.pdf'));
    writeFileSync(join(project.backups, 'good/uploads/stranger.txt'), '');
    const [result] = await engine.verify({ root: project.root }, {});
    assert.deepEqual(result?.problems, ['uploads/cv.pdf is missing.', 'uploads/stranger.txt was added after the backup was made.']);
  });

  it('finds other content behind the same size and time when it looks deep', async () => {
    const path = join(project.backups, 'good/uploads/cv.pdf');
    const { atimeMs, mtimeMs } = statSync(path);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('curriculum', 'CURRICULUM'));
    const { utimesSync } = await import('node:fs');
    utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
    const [normal] = await engine.verify({ root: project.root }, {});
    const [deep] = await engine.verify({ root: project.root }, { deep: true });
    assert.equal(normal?.ok, true);
    assert.match(deep?.problems[0] ?? '', /uploads\/cv\.pdf was changed/);
  });

  it('restores a backup of format 1.0, even one in WAL mode', async () => {
    const old = join(project.backups, '20240101_old');
    mkdirSync(join(old, 'uploads/docs'), { recursive: true });
    seedDatabase(join(old, 'pats.db'), { revision: '0123456789ab' });
    writeFileSync(join(old, 'uploads/docs/letter.txt'), 'Dear Sir or Madam');
    const metadata = {
      backup_name: '20240101_old',
      timestamp: '20240101_120000',
      created_at: '2024-01-01T12:00:00.123456',
      alembic_revision: '0123456789ab',
      database_file: 'pats.db',
      uploads_included: true,
      backup_version: '1.0',
    };
    writeFileSync(join(old, 'backup_metadata.json'), JSON.stringify(metadata));
    const before = filesOf(old);
    const { backups } = await engine.list({ root: project.root });
    assert.deepEqual(
      backups.map((backup) => [backup.name, backup.status]),
      [
        ['good', 'ok'],
        ['20240101_old', 'ok'],
      ],
    );
    const [verified] = await engine.verify({ root: project.root }, { names: ['20240101_old'] });
    assert.deepEqual([verified?.ok, verified?.problems, verified?.warnings[0]?.code], [true, [], 'NOT_CHECKED']);
    const result = await engine.restore({ root: project.root }, { name: '20240101_old', ...scopeAll });
    assert.equal(result.revisionAfter, '0123456789ab');
    assert.deepEqual(Object.keys(filesOf(project.uploads)), ['docs', 'docs/letter.txt']);
    assert.deepEqual(filesOf(old), before);
  });

  it('never writes outside the project, whatever a manifest says', async () => {
    const path = join(project.backups, 'good/backup_metadata.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const outside = join(project.root, '..', 'pats-escape');
    const hostile: [string, Record<string, unknown>][] = [
      ['database_file', { database_file: '../../../etc/passwd' }],
      ['uploads folder', { uploads: [{ source: 'backend/uploads', folder: '../..', existed: true }] }],
      ['file path', { files: [{ path: 'uploads/../../../pats-escape', size: 1, mtime: '1', ctime: '1', sha256: 'a'.repeat(64) }] }],
    ];
    for (const [what, change] of hostile) {
      writeFileSync(path, JSON.stringify({ ...manifest, ...change }));
      await assert.rejects(engine.restore({ root: project.root }, { name: 'good', ...scopeAll }), { name: 'BackupError' }, what);
    }
    assert.equal(existsSync(outside), false);
    writeFileSync(path, JSON.stringify({ ...manifest, uploads: [{ source: '../../pats-escape', folder: 'uploads', existed: true }] }));
    await engine.restore({ root: project.root }, { name: 'good', ...scopeAll });
    assert.equal(existsSync(outside), false);
  });

  it('refuses a folder that is no complete backup, and one that is not there', async () => {
    mkdirSync(join(project.backups, 'half'));
    await failsWith('BACKUP_INCOMPLETE', engine.restore({ root: project.root }, { name: 'half', ...scopeAll }));
    await failsWith('BACKUP_NOT_FOUND', engine.restore({ root: project.root }, { name: 'gone', ...scopeAll }));
    await failsWith('BACKUP_NOT_FOUND', engine.restore({ root: project.root }, { name: '../backups/good', ...scopeAll }));
    await failsWith('NOTHING_TO_UNDO', engine.undo({ root: project.root }, {}));
  });

  it('keeps fields that it does not know when it rewrites a manifest', async () => {
    const path = join(project.backups, 'good/backup_metadata.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, somebody_elses: { field: [1] } }));
    await engine.setNote({ root: project.root }, { name: 'good', note: 'before the interview' });
    const after = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(after, { ...manifest, somebody_elses: { field: [1] }, note: 'before the interview' });
  });
});
