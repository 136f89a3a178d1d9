// Specification of discovery: where a project keeps its database, uploads and backups.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { BackupError } from '../../../../src/engine/errors';
import { discover, resolveProject } from '../../../../src/engine/project/discovery/discovery';

describe('discovery', () => {
  let root: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pats-discover-')));
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function write(path: string, text = ''): Promise<string> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  async function database(path: string, sql = 'CREATE TABLE t(x)'): Promise<string> {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    const db = new Database(file);
    db.exec(sql);
    db.close();
    return file;
  }

  async function folder(path: string): Promise<string> {
    await mkdir(join(root, path), { recursive: true });
    return join(root, path);
  }

  describe('the PATS layout', () => {
    it('is recognised without any configuration', async () => {
      const file = await database('backend/data/pats.db');
      await folder('backend/uploads');
      const { project, question } = await discover({ root });
      assert.deepEqual(project, {
        root,
        database: file,
        databaseOrigin: 'layout',
        uploads: [join(root, 'backend/uploads')],
        backups: join(root, 'backups'),
      });
      assert.equal(question, null);
    });

    it('is recognised while the database is missing, so that a restore brings it back to its place', async () => {
      await folder('backend/alembic');
      await database('tests/fixture.db');
      const { project } = await discover({ root });
      assert.equal(project.database, join(root, 'backend/data/pats.db'));
      assert.equal(project.databaseOrigin, 'layout');
    });

    it('gives way to an existing database that the configuration names', async () => {
      await folder('backend/alembic');
      await write('backend/alembic.ini', '[alembic]\nsqlalchemy.url = sqlite:///other.db\n');
      const file = await database('backend/other.db');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'migrations');
    });
  });

  describe('what is told', () => {
    it('goes before everything else, and a database that does not exist stays named', async () => {
      await database('backend/data/pats.db');
      const { project } = await discover({ root, database: 'data/mine.db', uploads: ['files', 'files'], backups: '../elsewhere' });
      assert.equal(project.database, join(root, 'data/mine.db'));
      assert.equal(project.databaseOrigin, 'flag');
      assert.deepEqual(project.uploads, [join(root, 'files')]);
      assert.equal(project.backups, join(dirname(root), 'elsewhere'));
    });

    it('is read from the settings, with comments, ${workspaceFolder} and trailing commas', async () => {
      await write(
        '.vscode/settings.json',
        `{ // ours
          "patsBackup.database": "\${workspaceFolder}/a/b.db",
          "patsBackup.uploads": ["files/one", "files/two"],
          "patsBackup.backupsFolder": "safe",
        }`,
      );
      const { project } = await discover({ root });
      assert.equal(project.database, join(root, 'a/b.db'));
      assert.equal(project.databaseOrigin, 'setting');
      assert.deepEqual(project.uploads, [join(root, 'files/one'), join(root, 'files/two')]);
      assert.equal(project.backups, join(root, 'safe'));
    });

    it('overrides the settings one by one', async () => {
      await write('.vscode/settings.json', '{"patsBackup.database": "a.db", "patsBackup.backupsFolder": "safe"}');
      const { project } = await discover({ root, database: 'b.db' });
      assert.equal(project.database, join(root, 'b.db'));
      assert.equal(project.backups, join(root, 'safe'));
    });

    for (const [what, text, line] of [
      ['broken JSON', '{\n  "patsBackup.database": \n', 3],
      ['a database that is no text', '{\n  "patsBackup.database": 5\n}', 2],
      ['uploads that are no list', '{\n\n  "patsBackup.uploads": "uploads"\n}', 3],
      ['uploads with something else in the list', '{\n"patsBackup.uploads": [\n"a",\n{}]}', 4],
      ['something else than an object', '[]', 1],
    ] as const) {
      it(`is refused with file and line for ${what}`, async () => {
        await write('.vscode/settings.json', text);
        await assert.rejects(discover({ root }), (error) => {
          assert.ok(error instanceof BackupError);
          assert.equal(error.code, 'SETTINGS_INVALID');
          assert.match(error.message, new RegExp(`^\\.vscode/settings\\.json, line ${line}:`));
          return true;
        });
      });
    }

    it('is refused when the settings file is none', async () => {
      await folder('.vscode/settings.json');
      await assert.rejects(discover({ root }), { code: 'SETTINGS_INVALID', message: '.vscode/settings.json cannot be read.' });
    });

    it('drops uploads folders that lie inside another one', async () => {
      const { project } = await discover({ root, uploads: ['files/inner', 'files'] });
      assert.deepEqual(project.uploads, [join(root, 'files')]);
    });
  });

  describe('alembic.ini', () => {
    it('names the database relative to its own folder first, then to those above', async () => {
      await write('server/alembic.ini', '[alembic]\nscript_location = x\nsqlalchemy.url = sqlite+aiosqlite:///./data/app.db\n');
      const above = await database('data/app.db');
      assert.equal((await discover({ root })).project.database, above);
      const beside = await database('server/data/app.db');
      assert.equal((await discover({ root })).project.database, beside);
    });

    it('expands %(here)s, ignores placeholders and says so', async () => {
      await write('a/alembic.ini', '[alembic]\nsqlalchemy.url = driver://user:secret@localhost/dbname\n');
      const before = await discover({ root });
      assert.equal(before.project.database, null);
      assert.ok(before.searched.includes('sqlalchemy.url in a/alembic.ini names no SQLite file.'));
      assert.ok(!before.searched.join().includes('secret'));
      await write('b/alembic.ini', '[alembic]\nsqlalchemy.url = sqlite:///%(here)s/x.db ; comment\n');
      const file = await database('b/x.db');
      assert.equal((await discover({ root })).project.database, file);
    });
  });

  describe('.env files', () => {
    for (const [line, path] of [
      ['DATABASE_URL="sqlite:///./data/a.db"', 'data/a.db'],
      ['export SQLALCHEMY_DATABASE_URI=sqlite:///data/a.db?timeout=5', 'data/a.db'],
      ['APP_DATABASE_URL=file:./prisma/dev.db', 'prisma/dev.db'],
      ['DB_PATH=storage/app.sqlite', 'storage/app.sqlite'],
      ['DATABASE_URL=sqlite:///data/a.db', 'backend/data/a.db'],
      ['DATABASE_URL=sqlite:///app.db', 'instance/app.db'],
      ['DATABASE_URL=file:./dev.db', 'prisma/dev.db'],
    ] as const) {
      it(`find ${path} by ${line}`, async () => {
        await write('.env', `OTHER=1\n${line}\n`);
        const file = await database(path);
        const { project } = await discover({ root });
        assert.equal(project.database, file);
        assert.equal(project.databaseOrigin, '.env');
      });
    }

    it('prefer the database of the app to those of examples and tests', async () => {
      await write('.env.test', 'DATABASE_URL=sqlite:///test.db');
      await write('.env.example', 'DATABASE_URL=sqlite:///example.db');
      await write('.env', 'DATABASE_URL=sqlite:///app.db\nTEST_DATABASE_URL=sqlite:///test.db');
      await database('test.db');
      await database('example.db');
      const file = await database('app.db');
      const { project, question } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(question, null);
    });

    it('are skipped when they name a database in memory or another engine', async () => {
      await write('.env', 'DATABASE_URL=sqlite:///:memory:\nDB_URL=postgresql://u:secret@h/d\nX_DATABASE_URL=sqlite://');
      const { project, searched } = await discover({ root });
      assert.equal(project.database, null);
      assert.ok(searched.includes('DB_URL in .env names no SQLite file.'));
      assert.ok(!searched.join().includes('secret'));
    });

    it('remark an encrypted database', async () => {
      await write('.env', 'DATABASE_URL=sqlite+pysqlcipher://:secret@/enc.db');
      const { project, searched } = await discover({ root });
      assert.equal(project.database, join(root, 'enc.db'));
      assert.match(searched.join('\n'), /encrypted/);
    });

    it('keep the place of a database that is not there yet', async () => {
      await write('.env', 'DATABASE_URL=sqlite:///data/new.db');
      await database('tests/fixture.db');
      const { project } = await discover({ root });
      assert.equal(project.database, join(root, 'data/new.db'));
      assert.equal(project.databaseOrigin, '.env');
    });

    it('find the file by its name when the app runs in another folder', async () => {
      await write('.env', 'DATABASE_URL=sqlite:///new.db');
      const file = await database('packages/web/new.db');
      assert.equal((await discover({ root })).project.database, file);
    });
  });

  describe('compose files', () => {
    it('map a path inside the container back through the longest bind mount', async () => {
      await write(
        'docker-compose.yml',
        `services:
  api:
    build: ./api
    environment:
      - DATABASE_URL=sqlite:////app/data/db/app.db
    volumes:
      - ./:/app
      - \${DATA:-./storage}:/app/data
      - type: bind
        source: ./user-media
        target: /app/media
`,
      );
      const file = await database('storage/db/app.db');
      const media = await folder('user-media');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'compose');
      assert.deepEqual(project.uploads, [media]);
    });

    it('read env_file, and map the container paths of .env files too', async () => {
      await write('deploy/compose.yaml', 'services:\n  api:\n    env_file: [{path: app.env}]\n    volumes: ["../data:/data:rw"]\n');
      await write('deploy/app.env', 'DB_PATH=/data/a.db');
      const file = await database('data/a.db');
      assert.equal((await discover({ root })).project.database, file);
      await write('.env', 'DATABASE_URL=sqlite:////data/a.db');
      assert.equal((await discover({ root })).project.databaseOrigin, '.env');
    });

    it('say that a database in a named volume has no file here', async () => {
      await write(
        'compose.yml',
        'services:\n  api:\n    environment: {DATABASE_URL: "sqlite:////data/a.db"}\n    volumes: [data:/data]\nvolumes: {data: }\n',
      );
      const { project, searched } = await discover({ root });
      assert.equal(project.database, null);
      assert.match(searched.join('\n'), /inside the container only/);
    });

    it('do no harm when they are broken', async () => {
      await write('compose.yml', 'services: [\n  : :');
      await write('docker-compose.yaml', 'services:\n  a: 5\n  b: {volumes: 7, environment: [1]}\n');
      assert.equal((await discover({ root })).project.database, null);
    });
  });

  describe('string literals', () => {
    it('of env.py and settings modules are read where nothing is computed', async () => {
      await write('app/config.py', 'import os\nURL = os.getenv("X", "sqlite:///./data/app.db")\nF = f"sqlite:///{HOME}/x.db"\n');
      const file = await database('data/app.db');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'migrations');
    });
  });

  describe("SQLite's file header", () => {
    it('finds a database under any name, and nothing in node_modules, virtual environments, dot-folders and backups', async () => {
      await database('node_modules/x/a.db');
      await database('env/lib/b.db');
      await write('env/pyvenv.cfg');
      await database('.cache/c.db');
      await database('backups/backup_1/pats.db');
      await database('old/backup_2/pats.db');
      await write('old/backup_2/backup_metadata.json', '{}');
      await write('notes.db', 'no database');
      const file = await database('var/content');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'header');
    });

    it('prefers a database with the table of a migration tool', async () => {
      await database('a.db');
      const file = await database('b.db', 'CREATE TABLE alembic_version(version_num)');
      assert.equal((await discover({ root })).project.database, file);
    });

    it('makes several equal ones a question, and an error where nobody can be asked', async () => {
      const files = [await database('a.db'), await database('sub/b.db')];
      const { project, candidates, question } = await discover({ root });
      assert.equal(project.database, null);
      assert.notEqual(question, null);
      assert.deepEqual(
        candidates.map(({ path }) => path),
        files,
      );
      await assert.rejects(resolveProject({ root }), (error) => {
        assert.ok(error instanceof BackupError);
        assert.equal(error.code, 'DATABASE_AMBIGUOUS');
        assert.match(error.message, /a\.db \([^()]+\), sub\/b\.db \([^()]+\)/);
        return true;
      });
    });

    it('counts a file and a link to it once', async () => {
      const file = await database('a.db');
      await symlink(file, join(root, 'link.db'));
      assert.deepEqual(
        (await discover({ root })).candidates.map(({ path }) => path),
        [file],
      );
    });
  });

  it('says what was looked at when there is no database', async () => {
    const { project, searched } = await discover({ root });
    assert.equal(project.database, null);
    assert.deepEqual(searched, [
      'The PATS layout: backend/data/pats.db does not exist.',
      '.env files: none names a SQLite database.',
      'Compose files: none names a SQLite database.',
      "SQLite's file header: in none of 0 files of the project.",
    ]);
  });

  it('stops at its limit and says so', async () => {
    for (let i = 0; i < 30; i++) {
      await write(`many/${i}.txt`);
    }
    const { searched } = await discover({ root }, { maxEntries: 20 });
    assert.ok(searched.includes('The search stopped after 20 files and folders.'));
  });

  it('skips folders that may not be read and says so', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      // Root may read everything: the folder is then simply searched.
      await folder('closed');
      assert.equal((await discover({ root })).project.database, null);
      return;
    }
    const closed = await folder('closed');
    await chmod(closed, 0);
    const { searched } = await discover({ root });
    await chmod(closed, 0o700);
    assert.ok(searched.includes('Not searched, because it may not be read: closed.'));
  });

  it('refuses a root that is no folder', async () => {
    await assert.rejects(discover({ root: join(root, 'nowhere') }), { code: 'PROJECT_NOT_FOUND' });
    await assert.rejects(discover({ root: await write('file') }), { code: 'PROJECT_NOT_FOUND' });
  });

  it('finds uploads and media beside the database, one level above it and in backend', async () => {
    await write('.env', 'DATABASE_URL=sqlite:///srv/data/app.db');
    await database('srv/data/app.db');
    const folders = [await folder('srv/data/uploads'), await folder('srv/media'), await folder('backend/media')];
    const { project } = await discover({ root });
    assert.deepEqual([...project.uploads].sort(), folders.sort());
  });

  it('takes no uploads folder with the backups, or with the database deep in it', async () => {
    await write('.env', 'DATABASE_URL=sqlite:///media/data/app.db');
    await database('media/data/app.db');
    await folder('uploads');
    const { project } = await discover({ root, backups: 'uploads/backups' });
    assert.deepEqual(project.uploads, []);
  });

  it('takes an uploads folder with the database beside the files', async () => {
    const file = await database('uploads/app.db');
    const { project } = await discover({ root });
    assert.deepEqual([project.database, project.uploads], [file, [join(root, 'uploads')]]);
  });

  it('keeps the uploads of the PATS layout in their place however its database was named', async () => {
    const { project } = await discover({ root, database: 'backend/data/pats.db' });
    assert.deepEqual(project.uploads, [join(root, 'backend/uploads')]);
  });
});
