// Specification of discovery: a service has its data in a folder outside of the project, which says where the database is.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { execute } from '../../../support/sqlite';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery of a database in a mounted folder outside of the project', () => {
  const project = searchedFolder();
  const { write, database } = project;
  const compose = (mount: string, rest = ''): Promise<string> =>
    write('docker-compose.yml', `services:\n  api:\n    image: shop\n    volumes: ["${mount}"]\n${rest}`);
  const URL = 'sqlite:////data/live.db';

  const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
    'a variable of the service': () => compose('~/of-no-shop/data:/data', `    environment: ["DATABASE_URL=${URL}"]\n`),
    'a mount of the file alone': () => compose('/srv/of-no-shop/live.db:/data/live.db', `    environment: ["DATABASE_URL=${URL}"]\n`),
    'a relative path where the service works': () =>
      compose('../of-no-shop:/data', '    working_dir: /data\n    environment: ["DATABASE_URL=sqlite:///live.db"]\n'),
    'the .env file': async () => {
      await compose('~/of-no-shop:/data');
      await write('.env', `DATABASE_URL=${URL}\n`);
    },
    'the configuration of Alembic': async () => {
      await compose('~/of-no-shop:/data');
      await write('alembic.ini', `[alembic]\nscript_location = alembic\nsqlalchemy.url = ${URL}\n`);
    },
    'the code': async () => {
      await compose('~/of-no-shop:/data');
      await write('app/db.py', `engine = create_engine("${URL}")\n`);
    },
    'a default in the code': async () => {
      await compose('~/of-no-shop:/data');
      await write('app/config.py', `class Settings(BaseSettings):\n    storage_dsn: str = "${URL}"\n`);
    },
  };
  for (const [way, make] of Object.entries(WAYS)) {
    it(`is never the file of the same name here: ${way}`, async () => {
      await make();
      for (const path of ['data/live.db', 'live.db']) {
        await database(path);
      }
      const { project: own, question } = await discover({ root: project.root });
      assert.equal(own.database, null);
      assert.match(question ?? '', /live\.db, which does not exist/);
    });
  }

  it('is not the file of the same name either when migrations know its rows', async () => {
    await WAYS['the configuration of Alembic']?.();
    await write('alembic/env.py', 'from alembic import context\n');
    await write('alembic/versions/a1.py', 'revision = "a1"\ndown_revision = None\n');
    await database('data/live.db', "CREATE TABLE alembic_version(version_num); INSERT INTO alembic_version VALUES('a1')");
    assert.equal((await discover({ root: project.root })).project.database, null);
  });

  it('is a question, too, where the folder is one of the project', async () => {
    await compose('./shop:/data', `    environment: ["DATABASE_URL=${URL}"]\n`);
    await database('data/live.db');
    const { project: own, question } = await discover({ root: project.root });
    assert.equal(own.database, null);
    assert.match(question ?? '', /live\.db, which does not exist/);
  });

  it('is the one in that folder when it is there', async () => {
    const outside = join(dirname(project.root), `${basename(project.root)}-data.db`);
    execute(outside, 'CREATE TABLE t(x)');
    try {
      await compose(`${outside}:/data/live.db`, `    environment: ["DATABASE_URL=${URL}"]\n`);
      await database('data/live.db');
      assert.equal((await discover({ root: project.root })).project.database, outside);
    } finally {
      await rm(outside);
    }
  });
});
