import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { execute, filesOf, git, hiddenIn, makeProject, rowsOf, visibleIn, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('create', () => {
  const project = newForEachTest(makeProject);

  it('makes a plain folder with the database, the uploads and a manifest that keeps the seven fields of format 1.0', async () => {
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.match(backup.backup_name, /^backup_\d{8}_\d{6}$/);
    assert.equal(backup.path, join(project.backups, backup.backup_name));
    assert.deepEqual(rowsOf(join(backup.path, 'pats.db')), rowsOf(project.database));
    assert.deepEqual(filesOf(join(backup.path, 'uploads')), filesOf(project.uploads));
    const manifest = JSON.parse(readFileSync(join(backup.path, 'backup_metadata.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(manifest['backup_name'], backup.backup_name);
    assert.equal(backup.backup_name, `backup_${String(manifest['timestamp'])}`);
    assert.equal(manifest['alembic_revision'], 'a1b2c3d4e5f6');
    assert.equal(manifest['database_file'], 'pats.db');
    assert.equal(manifest['uploads_included'], true);
    assert.equal(manifest['backup_version'], '1.2');
    assert.ok(!Number.isNaN(Date.parse(String(manifest['created_at']))));
    assert.deepEqual(hiddenIn(project.backups), []);
  });

  it('is refused where the settings name uploads in a container beside a database of this machine: they would be missing', async () => {
    const service = 'services: { web: { image: x, volumes: ["u:/data"] } }';
    writeFileSync(join(project.root, 'docker-compose.yml'), `${service}\nvolumes: { u: {} }\n`);
    const request = { root: project.root, uploads: ['web:/data/uploads'] };
    const { message } = await failsWith('SETTINGS_INVALID', engine.create(request, { trigger: 'manual' }));
    assert.match(message, /web:\/data\/uploads are in a container/);
    assert.deepEqual(visibleIn(project.backups), []);
  });

  it('includes what a running program has committed to the write-ahead log only', async () => {
    const app = new Database(project.database);
    app.pragma('wal_autocheckpoint = 0');
    app.exec("INSERT INTO companies (name) VALUES ('in the log')");
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    app.close();
    const names = rowsOf(join(backup.path, 'pats.db'))['companies'] as { name: string }[];
    assert.ok(names.some((row) => row.name === 'in the log'));
  });

  it('leaves no side files beside the backup of a database in WAL mode', async () => {
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    rowsOf(join(backup.path, 'pats.db'));
    await engine.verify({ root: project.root }, { deep: true });
    assert.deepEqual(
      Object.keys(filesOf(backup.path)).filter((name) => name.startsWith('pats.db')),
      ['pats.db'],
    );
  });

  it('keeps backups private to their owner', async function () {
    if (process.platform === 'win32') {
      return;
    }
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    assert.equal(modeOf(project.backups), 0o700);
    assert.equal(modeOf(backup.path), 0o700);
    assert.equal(modeOf(join(backup.path, 'uploads/2024')), 0o700);
    for (const file of ['pats.db', 'backup_metadata.json', 'uploads/cv.pdf']) {
      assert.equal(modeOf(join(backup.path, file)), 0o600, file);
    }
  });

  it('names an automatic backup after branch and commit, and says when files were changed', async () => {
    git(project, 'init', '-q', '-b', 'feature/new#CV');
    writeFileSync(join(project.root, 'README.md'), 'one');
    git(project, 'add', 'README.md');
    git(project, 'commit', '-q', '-m', 'first');
    const commit = git(project, 'rev-parse', 'HEAD');
    const clean = await engine.create({ root: project.root }, { trigger: 'auto' });
    assert.match(clean.backup_name, new RegExp(`^auto_\\d{8}_\\d{6}_feature-new-CV_${commit.slice(0, 7)}$`));
    assert.deepEqual(clean.git, { branch: 'feature/new#CV', commit, subject: 'first', dirty: false });
    writeFileSync(join(project.root, 'README.md'), 'two');
    const dirty = await engine.create({ root: project.root }, { trigger: 'auto' });
    assert.match(dirty.backup_name, /-dirty(_\d+)?$/);
    git(project, 'checkout', '-q', '--detach', '-f');
    const detached = await engine.create({ root: project.root }, { trigger: 'auto' });
    assert.match(detached.backup_name, new RegExp(`_detached_${commit.slice(0, 7)}`));
    const asked = await engine.create({ root: project.root }, { trigger: 'manual', nameAfterGit: true });
    assert.match(asked.backup_name, new RegExp(`^backup_\\d{8}_\\d{6}_detached_${commit.slice(0, 7)}`));
    const plain = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.match(plain.backup_name, /^backup_\d{8}_\d{6}$/);
  });

  it('finds a good automatic name without git and without a commit', async () => {
    const none = await engine.create({ root: project.root }, { trigger: 'auto' });
    assert.match(none.backup_name, /^auto_\d{8}_\d{6}$/);
    git(project, 'init', '-q', '-b', 'main');
    const unborn = await engine.create({ root: project.root }, { trigger: 'auto' });
    assert.match(unborn.backup_name, /^auto_\d{8}_\d{6}_main_no-commit$/);
  });

  it('shares unchanged uploads with the backup before, never with the live files', async () => {
    const first = await engine.create({ root: project.root }, { trigger: 'manual', name: 'first' });
    writeUpload(project, 'cv.pdf', '%PDF-1.7 a better one');
    const second = await engine.create({ root: project.root }, { trigger: 'manual', name: 'second' });
    const inode = (path: string): number => statSync(path).ino;
    assert.equal(inode(join(first.path, 'uploads/2024/portrait.png')), inode(join(second.path, 'uploads/2024/portrait.png')));
    assert.notEqual(inode(join(first.path, 'uploads/cv.pdf')), inode(join(second.path, 'uploads/cv.pdf')));
    assert.notEqual(inode(join(first.path, 'uploads/2024/portrait.png')), inode(join(project.uploads, '2024/portrait.png')));
    assert.equal(readFileSync(join(first.path, 'uploads/cv.pdf'), 'utf8'), '%PDF-1.7 a curriculum vitae');
    assert.deepEqual(filesOf(join(second.path, 'uploads')), filesOf(project.uploads));
  });

  it('does not share a file that somebody edited in the backup before', async () => {
    const first = await engine.create({ root: project.root }, { trigger: 'manual', name: 'first' });
    writeFileSync(join(first.path, 'uploads/cv.pdf'), 'edited in the backup');
    const second = await engine.create({ root: project.root }, { trigger: 'manual', name: 'second' });
    assert.deepEqual(filesOf(join(second.path, 'uploads')), filesOf(project.uploads));
  });

  it('keeps the list of many uploads in a file of its own', async function () {
    this.timeout(120_000);
    for (let number = 0; number < 1100; number++) {
      writeUpload(project, `many/${number}.txt`, String(number));
    }
    const backup = await engine.create({ root: project.root }, { trigger: 'manual', name: 'many' });
    assert.ok(existsSync(join(backup.path, 'backup_files.json')));
    assert.ok(statSync(join(backup.path, 'backup_metadata.json')).size < 10_000);
    assert.deepEqual(await engine.verify({ root: project.root }, { deep: true }), [
      { name: 'many', ok: true, problems: [], damaged: [], warnings: [] },
    ]);
  });

  it('follows no link, hangs on no FIFO, and says what it left out', async function () {
    if (process.platform === 'win32') {
      return;
    }
    symlinkSync('/etc/passwd', join(project.uploads, 'outside'));
    symlinkSync('cv.pdf', join(project.uploads, 'inside'));
    symlinkSync('.', join(project.uploads, 'loop'));
    execFileSync('mkfifo', [join(project.uploads, 'pipe')]);
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.deepEqual(backup.links?.map((link) => `${link.path} -> ${link.target}`).sort(), [
      'uploads/inside -> cv.pdf',
      'uploads/loop -> .',
      'uploads/outside -> /etc/passwd',
    ]);
    assert.deepEqual(backup.skipped, [{ path: 'uploads/pipe', reason: 'a FIFO' }]);
    assert.deepEqual(
      Object.keys(filesOf(join(backup.path, 'uploads'))).filter((path) => ['outside', 'inside', 'loop', 'pipe'].includes(path)),
      [],
    );
  });

  it('backs up a database in WAL mode that this user may read but not write, as one that belongs to a container', async function () {
    if (process.platform === 'win32') {
      return;
    }
    const before = rowsOf(project.database);
    mkdirSync(project.backups);
    chmodSync(project.database, 0o444);
    chmodSync(join(project.root, 'backend/data'), 0o555);
    const isRoot = process.getuid?.() === 0;
    const nobody = 65534;
    if (isRoot) {
      chownSync(project.root, nobody, nobody);
      chownSync(project.backups, nobody, nobody);
      process.seteuid?.(nobody);
    }
    try {
      const backup = await engine.create({ root: project.root }, { trigger: 'manual', name: 'readable' });
      assert.equal(backup.database?.journal_mode, 'wal');
      await failsWith('NO_PERMISSION', engine.restore({ root: project.root }, { name: 'readable', scope: 'database' }));
    } finally {
      if (isRoot) {
        process.seteuid?.(0);
      }
      chmodSync(join(project.root, 'backend/data'), 0o755);
    }
    assert.deepEqual(rowsOf(join(project.backups, 'readable/pats.db')), before);
    assert.deepEqual(visibleIn(project.backups), ['readable']);
  });

  it('backs up a database of zero bytes, which is a valid one', async () => {
    rmSync(project.database);
    writeFileSync(project.database, '');
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.equal(statSync(join(backup.path, 'pats.db')).size, 0);
    assert.equal(backup.alembic_revision, null);
    assert.deepEqual(await engine.verify({ root: project.root }, {}), [
      { name: backup.backup_name, ok: true, problems: [], damaged: [], warnings: [] },
    ]);
  });

  it('rolls the hot journal of a crashed program back before it copies', async () => {
    execute(project.database, 'PRAGMA journal_mode = DELETE');
    const before = rowsOf(project.database);
    const script = `
      const Database = require('better-sqlite3');
      const db = new Database(process.argv[1]);
      db.pragma('cache_size = 1');
      db.pragma('cache_spill = 1');
      db.exec("BEGIN; UPDATE applications SET title = 'torn'; UPDATE companies SET name = 'torn'");
      db.exec("INSERT INTO companies (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT hex(randomblob(100)) FROM n");
      process.kill(process.pid, 'SIGKILL');`;
    assert.throws(() =>
      execFileSync(process.execPath, ['-e', script, project.database], { cwd: process.env['PATS_REPO'] ?? process.cwd(), stdio: 'ignore' }),
    );
    assert.ok(existsSync(`${project.database}-journal`), 'the crash left no hot journal');
    const backup = await engine.create({ root: project.root }, { trigger: 'manual' });
    assert.deepEqual(rowsOf(join(backup.path, 'pats.db')), before);
  });

  it('holds two uploads folders apart', async () => {
    mkdirSync(join(project.root, 'media'));
    writeFileSync(join(project.root, 'media/logo.svg'), '<svg/>');
    const backup = await engine.create({ root: project.root, uploads: ['backend/uploads', 'media'] }, { trigger: 'manual' });
    assert.deepEqual(
      backup.uploads?.map((upload) => [upload.source, upload.folder]),
      [
        ['backend/uploads', 'uploads'],
        ['media', 'uploads-2'],
      ],
    );
    assert.deepEqual(Object.keys(filesOf(join(backup.path, 'uploads-2'))), ['logo.svg']);
  });

  it('waits for another writer, and is not blocked by one that died', async () => {
    const [one, two] = await Promise.all([
      engine.create({ root: project.root }, { trigger: 'manual', name: 'one' }),
      createEngine().create({ root: project.root }, { trigger: 'manual', name: 'two' }),
    ]);
    assert.deepEqual(visibleIn(project.backups), [one.backup_name, two.backup_name].sort());
    assert.deepEqual(
      (await engine.verify({ root: project.root }, { deep: true })).map((result) => result.ok),
      [true, true],
    );
  });

  it('keeps the order of backups when the clock jumps back', async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'earlier' });
    const path = join(project.backups, 'earlier/backup_metadata.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, created_at: '2099-01-01T00:00:00+00:00' }));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'later' });
    const { backups } = await engine.list({ root: project.root });
    assert.deepEqual(
      backups.map((backup) => backup.name),
      ['later', 'earlier'],
    );
  });

  it('goes by time among backups with the same number, as folders that were filled apart have them', async () => {
    for (const [name, made] of [
      ['b', '2026-01-01'],
      ['c', '2026-01-02'],
      ['a', '2026-01-03'],
    ] as const) {
      await engine.create({ root: project.root }, { trigger: 'manual', name });
      const path = join(project.backups, name, 'backup_metadata.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      writeFileSync(path, JSON.stringify({ ...manifest, sequence: 7, created_at: `${made}T00:00:00+00:00` }));
    }
    const { backups } = await engine.list({ root: project.root });
    assert.deepEqual(
      backups.map((backup) => backup.name),
      ['a', 'c', 'b'],
    );
  });

  it('lists folders that are no backup as incomplete, with the reason, and dumps apart', async () => {
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    const broken = (name: string, metadata: string | null): void => {
      mkdirSync(join(project.backups, name));
      if (metadata !== null) {
        writeFileSync(join(project.backups, name, 'backup_metadata.json'), metadata);
      }
    };
    broken('no-metadata', null);
    broken('empty-metadata', '');
    broken('wrong-types', '{"backup_name": 7}');
    broken('array', '[]');
    broken('newer', JSON.stringify({ backup_version: '2.0' }));
    broken('no-database', readFileSync(join(project.backups, 'good/backup_metadata.json'), 'utf8'));
    renameSync(join(project.backups, 'no-metadata'), join(project.backups, 'renamed'));
    writeFileSync(join(project.backups, 'database_dump_20260101_000000.sql'), 'BEGIN;');
    const { backups, dumps } = await engine.list({ root: project.root });
    const reasons = new Map(backups.map((backup) => [backup.name, backup.reason]));
    assert.equal(reasons.get('good'), undefined);
    assert.match(reasons.get('renamed') ?? '', /There is no backup_metadata.json/);
    assert.match(reasons.get('empty-metadata') ?? '', /not valid JSON/);
    assert.match(reasons.get('wrong-types') ?? '', /format/);
    assert.match(reasons.get('array') ?? '', /format/);
    assert.match(reasons.get('newer') ?? '', /2\.0.*newer/);
    assert.match(reasons.get('no-database') ?? '', /pats.db is missing/);
    assert.deepEqual(
      dumps.map((dump) => dump.name),
      ['database_dump_20260101_000000.sql'],
    );
  });
});
