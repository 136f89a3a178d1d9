// Specification of discovery: where a project keeps its database, uploads and backups, and what goes before what.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { BackupError } from '../../../../src/engine/errors';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database, folder } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
  });

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

  it('refuses a root that is no folder', async () => {
    await assert.rejects(discover({ root: join(root, 'nowhere') }), { code: 'PROJECT_NOT_FOUND' });
    await assert.rejects(discover({ root: await write('file') }), { code: 'PROJECT_NOT_FOUND' });
  });
});
