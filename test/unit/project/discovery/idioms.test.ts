// Where applications name their database in the idioms of many frameworks: one small project a line, each with a second database to fall for.
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { atRevision, djangoRows, evidenceProject, fromEnvironment, type EvidenceProject } from '../../../support/evidence-project';

type Files = Readonly<Record<string, string>>;

const MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n# django\n';
const SQLITE = '"ENGINE": "django.db.backends.sqlite3"';
const BASE = 'from pathlib import Path\nBASE = Path(__file__).parent.parent\nINSTALLED_APPS = ["shop"]\n';
const APP: Files = { 'shop/migrations/__init__.py': '', 'shop/migrations/0001_initial.py': 'class Migration:\n    dependencies = []\n' };
const FROM_CODE = (code: string): string =>
  `from alembic import context\n${code}\ncontext.config.set_main_option("sqlalchemy.url", url)\ncontext.run_migrations()\n`;

/** A title, the application's database, another one, env.py of Alembic where there is one, and the files that tell. */
const PROJECTS: readonly [title: string, own: string, other: string, env: string | null, files: Files][] = [
  [
    'Django settings that import others over their own',
    'mine.sqlite3',
    'db.sqlite3',
    null,
    {
      ...APP,
      'manage.py': MANAGE,
      'site_/settings.py': `${BASE}DATABASES = {"default": {${SQLITE}, "NAME": BASE / "db.sqlite3"}}\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n`,
      'site_/local_settings.py': `from pathlib import Path\nDATABASES = {"default": {${SQLITE}, "NAME": Path(__file__).parent.parent / "mine.sqlite3"}}\n`,
    },
  ],
  [
    'the last of two modules that Django settings import',
    'mine.sqlite3',
    'db.sqlite3',
    null,
    {
      ...APP,
      'manage.py': MANAGE,
      'site_/settings.py': 'from .base import *\nfrom .local import *\n',
      'site_/base.py': `${BASE}DATABASES = {"default": {${SQLITE}, "NAME": BASE / "db.sqlite3"}}\n`,
      'site_/local.py': `from .base import *\nDATABASES = {"default": {${SQLITE}, "NAME": BASE / "mine.sqlite3"}}\n`,
    },
  ],
  [
    'the module that Django settings import where no environment asks for another',
    'dev.sqlite3',
    'prod.sqlite3',
    null,
    {
      ...APP,
      'manage.py': MANAGE,
      'site_/settings.py':
        'import os\nif os.environ.get("STAGE") == "production":\n    from .prod import *\nelse:\n    from .dev import *\n',
      'site_/prod.py': `${BASE}DATABASES = {"default": {${SQLITE}, "NAME": BASE / "prod.sqlite3"}}\n`,
      'site_/dev.py': `${BASE}DATABASES = {"default": {${SQLITE}, "NAME": BASE / "dev.sqlite3"}}\n`,
    },
  ],
  [
    'the class that manage.py chooses of django-configurations',
    'dev.sqlite3',
    'prod.sqlite3',
    null,
    {
      ...APP,
      'manage.py': `${MANAGE}os.environ.setdefault("DJANGO_CONFIGURATION", "Dev")\n`,
      'site_/settings.py': `from pathlib import Path\nfrom configurations import Configuration\nclass Base(Configuration):\n    BASE = Path(__file__).parent.parent\n    INSTALLED_APPS = ["shop"]\nclass Prod(Base):\n    DATABASES = {"default": {${SQLITE}, "NAME": "prod.sqlite3"}}\nclass Dev(Base):\n    DATABASES = {"default": {${SQLITE}, "NAME": Base.BASE / "dev.sqlite3"}}\n`,
    },
  ],
  [
    "python-decouple's settings.ini",
    'store/live.db',
    'store/usual.db',
    FROM_CODE('from decouple import config as setting\nurl = setting("DATABASE_URL", default="sqlite:///store/usual.db")'),
    { 'settings.ini': '[settings]\nDATABASE_URL=sqlite:///store/live.db\n[other]\nDATABASE_URL=sqlite:///store/usual.db\n' },
  ],
  ['.envrc of direnv', 'live.db', 'other.db', fromEnvironment('DATABASE_URL'), { '.envrc': 'export DATABASE_URL="sqlite:///live.db"\n' }],
  [
    'the default of an argument that is given to alembic with -x',
    'app.db',
    'other.db',
    FROM_CODE('url = context.get_x_argument(as_dictionary=True).get("db", "sqlite:///app.db")'),
    {},
  ],
  [
    'the section of alembic.ini that alembic uses without -n',
    'app.db',
    'audit.db',
    null,
    {
      'alembic.ini':
        '[alembic]\nscript_location = main\nsqlalchemy.url = sqlite:///app.db\n[audit]\nscript_location = audit\nsqlalchemy.url = sqlite:///audit.db\n',
      'main/env.py': 'from alembic import context\n',
      'main/versions/b2_x.py': 'revision = "b2"\ndown_revision = None\n',
      'audit/env.py': 'from alembic import context\n',
    },
  ],
  [
    'YAML that code reads in its own way',
    'data/live.db',
    'data/other.db',
    FROM_CODE('import yaml\nurl = yaml.safe_load(open("config.yml"))["database"]["url"]'),
    { 'config.yml': '# sqlite:///data/other.db\ndatabase:\n  url: "sqlite:///data/live.db"\n' },
  ],
  [
    "Dynaconf's TOML",
    'data/live.db',
    'data/other.db',
    FROM_CODE('from dynaconf import Dynaconf\nurl = Dynaconf(settings_files=["settings.toml"]).DATABASE_URL'),
    { 'settings.toml': '[default]\nDATABASE_URL = "sqlite:///data/live.db"\n' },
  ],
  ["yoyo's own file", 'live.db', 'other.db', null, { 'yoyo.ini': '[DEFAULT]\nsources = migrations/\ndatabase = sqlite:///live.db\n' }],
  [
    'a connection string of .NET',
    'live.db',
    'other.db',
    null,
    { 'appsettings.json': '{"ConnectionStrings":{"Default":"Data Source=live.db;Cache=Shared"}}' },
  ],
  ['a URL of JDBC', 'live.db', 'other.db', null, { 'src/application.properties': 'spring.datasource.url=jdbc:sqlite:live.db\n' }],
  ["goose's variables", 'live.db', 'other.db', null, { '.env': 'GOOSE_DRIVER=sqlite3\nGOOSE_DBSTRING=./live.db\n' }],
  ['Peewee', 'live.db', 'other.db', null, { 'models.py': 'from peewee import *\ndb = SqliteDatabase("live.db", pragmas={})\n' }],
  [
    "Tortoise's connections",
    'live.db',
    'other.db',
    null,
    { 'app/settings.py': 'TORTOISE_ORM = {"connections": {"default": "sqlite://live.db"}}\n' },
  ],
  [
    "Drizzle's short form",
    'live.db',
    'other.db',
    null,
    {
      'package.json': '{"dependencies":{"drizzle-orm":"1"}}',
      'src/db.ts': 'import { drizzle } from "drizzle-orm/better-sqlite3";\nexport const db = drizzle("live.db");\n',
    },
  ],
  [
    "Bun's own SQLite",
    'live.db',
    'other.db',
    null,
    {
      'package.json': '{"devDependencies":{"@types/bun":"1"}}',
      'src/db.ts': 'import { Database } from "bun:sqlite";\nexport const db = new Database("live.db", { create: true });\n',
    },
  ],
  [
    'MikroORM',
    'live.db',
    'other.db',
    null,
    {
      'package.json': '{"dependencies":{"@mikro-orm/sqlite":"6"}}',
      'mikro-orm.config.ts': 'import { defineConfig } from "@mikro-orm/sqlite";\nexport default defineConfig({ dbName: "live.db" });\n',
    },
  ],
  [
    'AdonisJS, in a folder that is called tmp',
    'tmp/db.sqlite3',
    'other.sqlite3',
    null,
    {
      'package.json': '{"dependencies":{"@adonisjs/lucid":"21"}}',
      'config/database.ts':
        'export default defineConfig({ connections: { sqlite: { client: "better-sqlite3", connection: { filename: app.tmpPath("db.sqlite3") } } } });\n',
    },
  ],
  ["PocketBase's folder", 'pb_data/data.db', 'pb_data/auxiliary.db', null, {}],
  [
    'a setting within a prefix of environs',
    'mine.db',
    'other.db',
    FROM_CODE('from app.config import DB\nurl = DB'),
    {
      '.env': 'SHOP_MAIN_STORE=sqlite:///mine.db\n',
      'app/config.py':
        'from environs import env\nenv.read_env()\nwith env.prefixed("SHOP_"):\n    with env.prefixed("MAIN_"):\n        DB = env.str("STORE", "sqlite:///other.db")\n',
    },
  ],
  [
    'the prefix with which environs was made',
    'mine.db',
    'other.db',
    FROM_CODE('from app.config import DB\nurl = DB'),
    {
      '.env': 'SHOP_STORE=sqlite:///mine.db\n',
      'app/config.py': 'from environs import Env\nenv = Env(prefix="SHOP_")\nDB = env.str("STORE", default="sqlite:///other.db")\n',
    },
  ],
  [
    'settings of pydantic that hold others',
    'mine.db',
    'other.db',
    FROM_CODE('from app.config import settings\nurl = f"sqlite:///{settings.db.path}"'),
    {
      '.env': 'DB__PATH=mine.db\n',
      'app/config.py':
        'from pydantic import BaseModel\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\nclass Db(BaseModel):\n    path: str = "other.db"\n' +
        'class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter="__")\n    db: Db = Db()\nsettings = Settings()\n',
    },
  ],
  [
    'a path with another suffix',
    'data/mine.db',
    'data/other.db',
    FROM_CODE(
      'from pathlib import Path\nurl = "sqlite:///{}".format((Path(__file__).parents[1] / "data" / "mine").with_suffix(".db").as_posix())',
    ),
    {},
  ],
  [
    'the branch of env.py that the environment chooses',
    'mine.db',
    'other.db',
    FROM_CODE('import os\nif os.getenv("MODE") == "desktop":\n    url = "sqlite:///mine.db"\nelse:\n    url = "sqlite:///other.db"'),
    { '.env': 'MODE=desktop\n' },
  ],
  [
    'what env.py tries first',
    'mine.db',
    'other.db',
    FROM_CODE('import os\ntry:\n    url = os.environ["STORE"]\nexcept KeyError:\n    url = "sqlite:///other.db"'),
    { '.env': 'STORE=sqlite:///mine.db\n' },
  ],
  [
    'Django settings that are split into components',
    'mine.sqlite3',
    'db.sqlite3',
    null,
    {
      ...APP,
      'manage.py': MANAGE,
      'site_/settings.py':
        'from split_settings.tools import include, optional\ninclude("components/*.py", optional("local_settings.py"))\n',
      'site_/components/database.py': `from site_.paths import BASE\nDATABASES = {"default": {${SQLITE}, "NAME": BASE / "mine.sqlite3"}}\n`,
      'site_/paths.py': BASE,
    },
  ],
  [
    "options of TypeORM's data source that are a constant",
    'data/mine.db',
    'data/other.db',
    null,
    {
      'package.json': '{"dependencies":{"typeorm":"0.3"}}',
      'src/data-source.ts':
        'export const options: DataSourceOptions = { type: "sqlite", database: join(__dirname, "..", "data", "mine.db") };\nexport default new DataSource(options);\n',
    },
  ],
  [
    'the options of development, where a data source takes one of two',
    'shop/db.sqlite',
    'live/db.sqlite',
    null,
    {
      '.env': 'SHOP=shop\n',
      'package.json': '{"dependencies":{"typeorm":"0.3"}}',
      'src/data-source.ts':
        'const dev: DataSourceOptions = { type: "sqlite", database: process.env.SHOP ? `${process.env.SHOP}/db.sqlite` : "other/db.sqlite" };\n' +
        'const prod: DataSourceOptions = { type: "sqlite", database: "live/db.sqlite" };\nexport default new DataSource(process.env.LIVE ? prod : dev);\n',
    },
  ],
  [
    "what the factory of Nest's TypeORM module gives",
    'data/mine.db',
    'data/other.db',
    null,
    {
      '.env': 'SHOP=data/mine.db\n',
      'package.json': '{"dependencies":{"typeorm":"0.3"}}',
      'src/app.module.ts':
        'TypeOrmModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => ({ type: "sqlite", database: config.get<string>("SHOP") }) })\n',
    },
  ],
  [
    "Ghost's configuration",
    'content/data/mine.db',
    'content/data/other.db',
    null,
    { 'config.development.json': '{"database":{"client":"sqlite3","connection":{"filename":"content/data/mine.db"}}}' },
  ],
  [
    "Keystone's configuration",
    'mine.db',
    'other.db',
    null,
    {
      'package.json': '{"dependencies":{"@keystone-6/core":"6"}}',
      'keystone.ts': 'export default config({ db: { provider: "sqlite", url: "file:./mine.db" } });\n',
    },
  ],
  [
    "Ecto's configuration of development",
    'priv/mine.db',
    'priv/other.db',
    null,
    {
      'mix.exs': 'defmodule Shop.MixProject do\nend\n',
      'config/dev.exs':
        'config :shop, Shop.Repo,\n  database: Path.expand("../priv/mine.db", Path.dirname(__ENV__.file)),\n  pool_size: 5\n',
      'config/test.exs': 'config :shop, Shop.Repo, database: Path.expand("../priv/other.db", __DIR__)\n',
    },
  ],
  ['flyway.conf', 'data/mine.db', 'data/other.db', null, { 'flyway.conf': 'flyway.url=jdbc:sqlite:data/mine.db\n' }],
  ['flyway.toml', 'data/mine.db', 'data/other.db', null, { 'flyway.toml': '[environments.default]\nurl = "jdbc:sqlite:data/mine.db"\n' }],
  ['liquibase.properties', 'data/mine.db', 'data/other.db', null, { 'liquibase.properties': 'url=jdbc:sqlite:data/mine.db\n' }],
  [
    'yoyo.ini beside the database',
    'data/mine.db',
    'data/other.db',
    null,
    { 'yoyo.ini': '[DEFAULT]\ndatabase = sqlite:///%(here)s/data/mine.db\n' },
  ],
  ['sqitch.conf', 'data/mine.db', 'data/other.db', null, { 'sqitch.conf': '[engine "sqlite"]\n\ttarget = db:sqlite:data/mine.db\n' }],
  ['atlas.hcl', 'data/mine.db', 'data/other.db', null, { 'atlas.hcl': 'env "local" {\n  url = "sqlite://data/mine.db"\n}\n' }],
];

describe('a database that is named', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  for (const [title, own, other, env, files] of PROJECTS) {
    it(`by ${title}`, async () => {
      if (env !== null) {
        project.alembic('.', env);
      }
      for (const [path, text] of Object.entries(files)) {
        project.write(path, text);
      }
      const rows = [atRevision('b2'), djangoRows('shop.0001_initial')];
      project.database(own, ...rows);
      project.database(other, ...rows);
      const { project: found, question } = await discover({ root: project.root });
      assert.equal(question, null);
      assert.equal(found.database && relative(project.root, found.database), own);
    });
  }

  it('by a folder that only the machine knows is never another one that is here', async () => {
    project.alembic('.', FROM_CODE('from app.paths import DB\nurl = f"sqlite:///{DB}"'));
    project.write('app/paths.py', 'from platformdirs import user_data_path\nDB = user_data_path("shop") / "shop.db"\n');
    project.database('other.db', atRevision('b2'));
    const { project: found, question } = await discover({ root: project.root });
    assert.equal(found.database, null);
    assert.match(question ?? '', /\/shop\.db/);
  });

  it('is a question where a path that is named is nowhere, not whatever lies here', async () => {
    project.write('.env', 'DATABASE_URL=sqlite:////srv/of-another-machine/live.db\n');
    project.database('data/dev.db');
    const { project: found, question } = await discover({ root: project.root });
    assert.equal(found.database, null);
    assert.match(question ?? '', /live\.db, which does not exist/);
  });

  it('is a question where both places that a relative path may mean have been migrated', async () => {
    project.alembic('server', FROM_CODE('import os\nurl = os.environ.get("STORE", "sqlite:///app.db")'));
    project.database('app.db', atRevision('b2'));
    project.database('server/app.db', atRevision('b2'));
    assert.match((await discover({ root: project.root })).question ?? '', /app\.db, .*app\.db/);
  });

  it('is not the one of another worktree of git, but is that of a submodule', async () => {
    for (const [folder, git] of [
      ['worktrees/fix', '../../.git/worktrees/fix'],
      ['backend', '../.git/modules/backend'],
    ] as const) {
      project.write(`${folder}/.git`, `gitdir: ${git}\n`);
      project.write(`${folder}/.env`, 'DATABASE_URL=sqlite:///app.db\n');
      project.database(`${folder}/app.db`);
    }
    const { project: found, candidates } = await discover({ root: project.root });
    assert.equal(found.database, `${project.root}/backend/app.db`);
    assert.equal(candidates.length, 1);
  });

  it('is found in the folder where Nitro keeps its data', async () => {
    const database = project.database('.data/db.sqlite3');
    assert.equal((await discover({ root: project.root })).project.database, database);
  });
});
