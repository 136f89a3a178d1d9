// Evidence decides which database is the application's, and doubt asks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { discover, resolveProject } from '../../../../src/engine/project/discovery/discovery';
import type { Discovery } from '../../../../src/engine/project/project';
import {
  atRevision,
  COMPUTED,
  djangoRows,
  evidenceProject,
  fromEnvironment,
  type EvidenceProject,
} from '../../../support/evidence-project';

describe('the database of a project without settings', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  const look = (): Promise<Discovery> => discover({ root: project.root });

  async function isChosen(path: string): Promise<Discovery> {
    const found = await look();
    assert.equal(found.question, null);
    assert.equal(found.project.database && relative(project.root, found.project.database), path);
    return found;
  }

  async function isAsked(...paths: string[]): Promise<Discovery> {
    const found = await look();
    assert.equal(found.project.database, null);
    assert.notEqual(found.question, null);
    for (const path of paths) {
      assert.ok(
        found.candidates.some((each) => each.path === join(project.root, path) && each.reasons.length > 0),
        `${path} is among ${JSON.stringify(found.candidates)}`,
      );
    }
    await assert.rejects(resolveProject({ root: project.root }), (error: Error) => paths.every((path) => error.message.includes(path)));
    return found;
  }

  it('is the one whose rows these files know, rather than a layout that is guessed', async () => {
    project.alembic('backend');
    project.database('backend/shop.db', atRevision('b2'));
    const { candidates } = await isChosen('backend/shop.db');
    assert.match(candidates[0]?.reasons.join() ?? '', /these files know its rows/);
  });

  it('is the one with rows, not an empty file that somebody made by connecting in another folder', async () => {
    project.alembic('server', COMPUTED.replace('secret.find()', '"sqlite:///app.db"'));
    project.write('server/app.db');
    project.database('app.db', atRevision('a1'));
    await isChosen('app.db');
  });

  it('is the one that is there, not another one that is named as well and was never made', async () => {
    project.write('.env', 'DATABASE_URL=sqlite:///planned.db\nSQLITE_PATH=data/shop.db\n');
    project.database('data/shop.db');
    await isChosen('data/shop.db');
  });

  it('is what env.py takes from the environment, not the URL that was left in the ini file', async () => {
    project.alembic('.', fromEnvironment('DATABASE_URL'), 'sqlite:///old.db');
    project.write('.env', 'DATABASE_URL=sqlite:///data/live.db\n');
    project.database('old.db');
    project.database('data/live.db');
    const { notProtected } = await isChosen('data/live.db');
    assert.deepEqual(notProtected, [join(project.root, 'old.db')]);
  });

  it('is asked for when the URL of the ini file is not proven and nothing else speaks', async () => {
    project.alembic('.', COMPUTED, 'sqlite:///old.db');
    project.database('old.db');
    await isAsked('old.db');
  });

  it('is asked for when .env and the ini file name different databases that are both migrated', async () => {
    project.alembic('.', 'from alembic import context\n', 'sqlite:///one.db');
    project.write('.env', 'DATABASE_URL=sqlite:///two.db\n');
    project.database('one.db', atRevision('b2'));
    project.database('two.db', atRevision('b2'));
    await isAsked('one.db', 'two.db');
  });

  it('is asked for when what is named cannot be understood, and never a fixture in its place', async () => {
    project.write('.env', 'DATABASE_URL=sqlite:///${NOBODY_SET_THIS}/live.db\n');
    project.database('tests/fixtures/seed.sqlite3', atRevision('b2'));
    project.database('other.db');
    const { question } = await isAsked('other.db');
    assert.match(question ?? '', /DATABASE_URL in \.env/);
  });

  it('is found by the end of a path of which only the beginning is unknown', async () => {
    project.write('.env', 'DATABASE_URL=sqlite:///${NOBODY_SET_THIS}/live.db\n');
    project.database('var/live.db');
    project.database('other.db');
    await isChosen('var/live.db');
  });

  for (const [text, path] of [
    ['DATA_DIR=var/data\nDATABASE_URL=sqlite:///${DATA_DIR}/live.db\n', 'var/data/live.db'],
    ['DATABASE_URL=sqlite:///${NAME:-live}.db\n', 'live.db'],
    ['DATABASE_URL="sqlite:///$NAME/live.db"\nNAME=x\n', 'x/live.db'],
    ["DATABASE_URL='sqlite:///a$NAME.db'\nNAME=x\n", 'a$NAME.db'],
    ['DATABASE_URL=data/live.db\n', 'data/live.db'],
    ['DB_FILE_NAME=file:data/live.db\n', 'data/live.db'],
    ['DB_CONNECTION=sqlite\nDB_DATABASE=database/live.sqlite\n', 'database/live.sqlite'],
  ] as const) {
    it(`is ${path} by ${JSON.stringify(text)}`, async () => {
      project.write('.env', text);
      project.database('decoy.db');
      project.database(path);
      await isChosen(path);
    });
  }

  it('has a path in which signs are data', async () => {
    project.write('.env', `DB_PATH='$& %(x)s {y} it is.db'\n`);
    project.database('$& %(x)s {y} it is.db');
    project.database('decoy.db');
    await isChosen('$& %(x)s {y} it is.db');
  });

  it('is none where only another engine is named and nothing else speaks for a lone file', async () => {
    project.write('.env', 'DATABASE_URL=postgresql://u:secret@h/d\n');
    project.database('search.db');
    const { question } = await isAsked('search.db');
    assert.ok(!question?.includes('secret'));
  });

  it('is the configured one that is not made yet, not a data file beside it', async () => {
    project.write('manage.py', 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")');
    project.write(
      'site_/settings.py',
      'from pathlib import Path\nBASE_DIR = Path(__file__).parent.parent\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "app.sqlite"}}\n',
    );
    project.database('search.db');
    await isChosen('app.sqlite');
  });

  it('is no file that ships with the project', async () => {
    const git = (...words: string[]): void => {
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: project.root });
    };
    project.database('demo.db');
    git('init', '-q');
    git('add', 'demo.db');
    const { candidates } = await isAsked('demo.db');
    assert.match(candidates[0]?.reasons.join() ?? '', /git tracks it/);
    project.database('app.db');
    await isChosen('app.db');
  });

  for (const copy of [
    'app.db.bak',
    'app-old.db',
    'app (copy).db',
    'app_2024-01-31.db',
    'app.db.20240131',
    'old/app.db',
    'bak-app.db',
    'app.db~',
  ]) {
    it(`is not its copy ${copy}`, async () => {
      project.alembic();
      project.database('app.db', atRevision('a1'));
      project.database(copy, atRevision('a1'));
      const { notProtected } = await isChosen('app.db');
      assert.deepEqual(notProtected, []);
    });
  }

  it('is not of the libraries that lie in the project', async () => {
    project.alembic('web');
    project.write('libs/alembic/testing/env.py', 'from alembic import x\nURL = "sqlite:///%s/%s" % (d, n)\n');
    project.write('libs/flask_migrate/templates/flask/alembic.ini.mako', '[alembic]\n');
    project.write('lib/flask_migrate/templates/flask/env.py', 'from alembic import context\nurl = "sqlite:///templates.db"\n');
    project.database('data/app.db', atRevision('a1'));
    project.database('libs/x/testing.db');
    await isChosen('data/app.db');
  });

  for (const folder of ['libs', 'vendor', 'third_party/tool', 'site-packages/x', 'tests/data', 'examples/shop', 'fixtures']) {
    it(`is none that nothing names in ${folder}`, async () => {
      project.database(`${folder}/other.db`);
      project.database('data/app.db');
      await isChosen('data/app.db');
    });
  }

  it('is not the one of a migration tool whose own code lies in the project', async () => {
    project.alembic('web', COMPUTED);
    project.write('tools/alembic/__init__.py');
    project.write('tools/alembic/op.py');
    project.write('tools/alembic/testing/env.py', 'from alembic import context\nengine = create_engine("sqlite:///tools/other.db")\n');
    project.database('tools/other.db', atRevision('a1'));
    project.database('data/app.db', atRevision('b2'));
    await isAsked('data/app.db', 'tools/other.db');
  });

  it('of Rails is that of development, and the others are named as not protected', async () => {
    project.write(
      'config/database.yml',
      `default: &default
  adapter: sqlite3
  pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>
development:
  primary:
    <<: *default
    database: <%= ENV.fetch("DB_FILE", "storage/development.sqlite3") %>
  cache:
    <<: *default
    database: storage/development_cache.sqlite3
    migrations_paths: db/cache_migrate
test:
  <<: *default
  database: storage/test.sqlite3
production:
  <<: *default
  database: storage/production.sqlite3
`,
    );
    project.write('db/migrate/20240101000000_a.rb');
    const rails =
      "CREATE TABLE schema_migrations(version VARCHAR PRIMARY KEY); CREATE TABLE ar_internal_metadata(key, value); INSERT INTO schema_migrations VALUES('20240101000000')";
    for (const name of ['development', 'development_cache', 'test']) {
      project.database(`storage/${name}.sqlite3`, rails);
    }
    const { notProtected, project: found } = await isChosen('storage/development.sqlite3');
    assert.deepEqual(notProtected.map((path) => relative(project.root, path)).sort(), [
      'storage/development_cache.sqlite3',
      'storage/test.sqlite3',
    ]);
    assert.deepEqual(found.uploads, []);
  });

  it('of Django is found through split settings, conditions and the environment', async () => {
    project.write('manage.py', 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings.local")');
    project.write('conf/settings/local.py', 'from .base import *\nDEBUG = True\n');
    project.write(
      'conf/settings/base.py',
      `import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA = os.path.join(BASE_DIR, os.getenv("DATA", "data"))
if os.getenv("ENGINE", "sqlite") == "postgres":
    db = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}
else:
    db = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(DATA, "shop.db")}
DATABASES = {"default": db, "replica": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA + "/replica.db"}}
MEDIA_ROOT = os.path.join(DATA, "pictures")
`,
    );
    project.write('.env', 'DATA=var\n');
    project.database('var/shop.db', djangoRows());
    project.database('var/replica.db', djangoRows());
    project.write('var/pictures/a.png');
    const { project: found } = await isChosen('var/shop.db');
    assert.deepEqual(found.uploads, [join(project.root, 'var/pictures')]);
  });

  for (const [what, files] of [
    [
      'Prisma',
      { 'prisma/schema.prisma': 'datasource db {\n provider = "sqlite"\n url = env("MY_URL")\n}\n', '.env': 'MY_URL="file:./app.db"\n' },
    ],
    ['Knex', { 'prisma/knexfile.js': 'module.exports = { development: { client: "sqlite3", connection: { filename: "./app.db" } } };\n' }],
    [
      'Drizzle',
      {
        'drizzle.config.ts':
          'const url = process.env.NOT_SET ? process.env.NOT_SET : "file:prisma/app.db";\nexport default { dialect: "sqlite", dbCredentials: { url } };\n',
      },
    ],
    [
      'Flask',
      {
        'config.py':
          'import os\nhere = os.path.abspath(os.path.dirname(__file__))\nclass Config:\n    SQLALCHEMY_DATABASE_URI = os.environ.get("X_URL") or "sqlite:///" + os.path.join(here, "prisma", "app.db")\n',
      },
    ],
    [
      'pydantic',
      {
        'app/core/config.py': 'class Settings(BaseSettings):\n    database_url: str = "sqlite:///./wrong.db"\nsettings = Settings()\n',
        '.env': 'DATABASE_URL=sqlite:///prisma/app.db\n',
      },
    ],
    [
      'a function',
      {
        'app/db.py':
          'from pathlib import Path\nROOT = Path(__file__).parents[1]\ndef url(name, folder="prisma"):\n    return f"sqlite:///{ROOT / folder / name}.db"\nengine = create_engine(url("app"))\n',
      },
    ],
  ] as const) {
    it(`of ${what} is read from its configuration`, async () => {
      for (const [path, text] of Object.entries(files)) {
        project.write(path, text);
      }
      project.database('prisma/app.db');
      project.database('decoy.db');
      await isChosen('prisma/app.db');
    });
  }

  for (const [what, value] of [
    [
      'a default of django-environ',
      'env = environ.Env()\nDATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / \'x y\' / \'app.db\'}")}',
    ],
    ['dj-database-url', 'DATABASES = {"default": dj_database_url.config(default="sqlite:///x y/app.db", conn_max_age=600)}'],
    [
      'python-decouple',
      'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": config("DB", default=BASE_DIR / "x y/app.db", cast=Path)}}',
    ],
    [
      'a later entry',
      'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(str(BASE_DIR), "x y", "%s.db" % "app")}}',
    ],
  ] as const) {
    it(`of Django is read from ${what}`, async () => {
      project.write('manage.py', 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings")');
      project.write(
        'conf/settings.py',
        `import os, environ, dj_database_url\nfrom pathlib import Path\nfrom decouple import config\nBASE_DIR = Path(__file__).resolve().parent.parent\n${value}\n`,
      );
      project.database('x y/app.db');
      project.database('decoy.db');
      await isChosen('x y/app.db');
    });
  }

  it('of Laravel is the default one, with the files below storage/app', async () => {
    project.write('artisan');
    project.write('.env', 'DB_CONNECTION=sqlite\n');
    project.database('database/database.sqlite');
    project.database('decoy.sqlite');
    project.write('storage/app/public/a.png');
    const { project: found } = await isChosen('database/database.sqlite');
    assert.deepEqual(found.uploads, [join(project.root, 'storage/app')]);
  });

  for (const [ending, up, filename] of [
    ['js', "'..'", '.tmp/data.db'],
    ['ts', "'..', '..'", 'data/live.db'],
  ] as const) {
    it(`of Strapi is ${filename}, with .env or without, by config/database.${ending}`, async () => {
      project.write('cms/package.json', '{"dependencies":{"@strapi/strapi":"5.0.0"}}');
      project.write(
        `cms/config/database.${ending}`,
        `export default ({ env }) => {\n  const client = env('DATABASE_CLIENT', 'sqlite');\n  const connections = {\n    mysql: { connection: { host: env('DATABASE_HOST', 'localhost') } },\n    sqlite: { connection: { filename: path.join(__dirname, ${up}, env('DATABASE_FILENAME', '.tmp/data.db')) } },\n  };\n  return { connection: { client, ...connections[client] } };\n};\n`,
      );
      if (filename !== '.tmp/data.db') {
        project.write('cms/.env', `DATABASE_FILENAME=${filename}\n`);
      }
      project.database('decoy.db');
      await isChosen(`cms/${filename}`);
      project.database(`cms/${filename}`);
      await isChosen(`cms/${filename}`);
      project.write('cms/.env', 'DATABASE_CLIENT=mysql\n');
      assert.notEqual((await look()).candidates[0]?.chosen, true);
    });
  }

  it('of TypeORM is what the data source says', async () => {
    project.write(
      'src/data-source.ts',
      'export const AppDataSource = new DataSource({ type: "better-sqlite3", database: process.env.DB ?? "var/app.db" });\n',
    );
    project.database('var/app.db');
    project.database('decoy.db');
    await isChosen('var/app.db');
  });

  it('is found in a folder beside one with more files than anybody reads', async () => {
    const crowd = join(project.root, 'aaa');
    mkdirSync(crowd);
    for (let index = 0; index < 3000; index++) {
      writeFileSync(join(crowd, `${index}.txt`), '');
    }
    const file = project.database('zzz/deep/app.db');
    const found = await discover({ root: project.root }, { maxEntries: 2000 });
    assert.equal(found.project.database, file);
    assert.ok(found.searched.includes('The search stopped after 2,000 files and folders.'));
    rmSync(crowd, { recursive: true });
  });

  describe('and its uploads', () => {
    for (const [database, uploads, text] of [
      ['.tmp/data.db', 'public/uploads', 'DATABASE_FILENAME=.tmp/data.db'],
      ['instance/app.db', 'app/static/uploads', ''],
      ['content/data/ghost.db', 'content/images', ''],
      ['database/database.sqlite', 'storage/app', ''],
      ['data/kuma.db', 'data/upload', ''],
      ['data/kuma.db', 'data/assets', ''],
    ] as const) {
      it(`are ${uploads} beside ${database}`, async () => {
        project.write('.env', text);
        project.database(database);
        project.write(`${uploads}/a.png`, 'x');
        const { project: found } = await look();
        assert.deepEqual(found.uploads, [join(project.root, uploads)]);
      });
    }

    it('are where Flask and Active Storage say', async () => {
      project.write(
        'app/config.py',
        'import os\nhere = os.path.dirname(__file__)\nclass Config:\n    UPLOAD_FOLDER = os.path.join(here, "..", "pictures")\n',
      );
      project.write('pictures/a.png');
      project.write('config/database.yml', 'development:\n  adapter: sqlite3\n  database: db/dev.sqlite3\n');
      project.write(
        'config/storage.yml',
        'local:\n  service: Disk\n  root: <%= Rails.root.join("blobs") %>\ntest:\n  service: Disk\n  root: tmp/x\n',
      );
      project.write('blobs/ab/cd/abcd');
      project.database('db/dev.sqlite3');
      const { project: found } = await look();
      assert.deepEqual([...found.uploads].sort(), [join(project.root, 'blobs'), join(project.root, 'pictures')]);
    });

    it('are named when none was taken but something looks like them', async () => {
      project.database('app.db');
      project.write('shop/receipts/a.pdf');
      project.write('src/files/a.py');
      project.write('tests/uploads/a.png');
      const { uploadsLookLike, project: found } = await look();
      assert.deepEqual(found.uploads, []);
      assert.deepEqual(uploadsLookLike, [join(project.root, 'shop/receipts')]);
    });
  });
});
