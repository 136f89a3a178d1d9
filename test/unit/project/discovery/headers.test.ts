// Specification of discovery: databases found by SQLite's file header.
import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError, reportOf } from '../../../../src/engine/errors';
import { discover, resolveProject } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
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
        const choices = candidates.map(({ path, reasons }) => ({ path, reasons }));
        assert.deepEqual(reportOf(error).choices, choices);
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
});
