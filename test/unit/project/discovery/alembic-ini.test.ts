// Specification of discovery: the database that alembic.ini names.
import assert from 'node:assert/strict';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
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
});
