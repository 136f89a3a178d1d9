// Specification of discovery: the database that .env files name.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
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
});
