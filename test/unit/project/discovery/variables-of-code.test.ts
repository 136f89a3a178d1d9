// Specification of discovery: files of variables that code and scripts name, and variables that only the start of a program sets.
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { atRevision, djangoRows, evidenceProject, type EvidenceProject } from '../../../support/evidence-project';

type Files = Readonly<Record<string, string>>;

const SET = 'SHOP_DB=store/live.db\nSHOP_DSN=sqlite:///store/live.db\n';
const ENGINE = 'from sqlalchemy import create_engine\nfrom app.config import URL\nengine = create_engine(URL)\n';
const python = (reads: string, value = 'os.environ.get("SHOP_DSN", "sqlite:///default.db")'): Files => ({
  'app/config.py': `import os\nfrom pathlib import Path\nfrom dotenv import *\n${reads}\nURL = ${value}\n`,
  'app/db.py': ENGINE,
});
const django = (reads: string, value: string): Files => ({
  'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n# django\n',
  'site_/settings.py':
    `import os, environ\nfrom pathlib import Path\nBASE = Path(__file__).parent.parent\nINSTALLED_APPS = ["shop"]\n${reads}\n` +
    `DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / ${value}}}\n`,
  'shop/migrations/__init__.py': '',
  'shop/migrations/0001_initial.py': 'class Migration:\n    dependencies = []\n',
});
const node = (reads: string, script = 'node src/db.js'): Files => ({
  'package.json': JSON.stringify({ dependencies: { 'better-sqlite3': '12' }, scripts: { start: script } }),
  'src/db.js': `const Database = require("better-sqlite3");\n${reads}\nmodule.exports = new Database(process.env.SHOP_DB || "default.db");\n`,
});

/** What names deploy/shop.env, and the code whose default is another database. */
const NAMING: Readonly<Record<string, Files>> = {
  load_dotenv: python('load_dotenv("deploy/shop.env")'),
  'load_dotenv with a path': python('load_dotenv(dotenv_path=Path(__file__).parent.parent / "deploy" / "shop.env")'),
  'load_dotenv with a constant': python('ENV_FILE = os.path.join("deploy", "shop.env")\nload_dotenv(ENV_FILE)'),
  'load_dotenv over what .env says': {
    ...python('load_dotenv("deploy/shop.env", override=True)'),
    '.env': 'SHOP_DSN=sqlite:///default.db\n',
  },
  'load_dotenv of another module': { ...python(''), 'app/__init__.py': 'from dotenv import load_dotenv\nload_dotenv("deploy/shop.env")\n' },
  dotenv_values: python('given = {**dotenv_values("deploy/shop.env"), **os.environ}', 'given.get("SHOP_DSN", "sqlite:///default.db")'),
  "decouple's repository": python(
    'from decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv("deploy/shop.env"))',
    'config("SHOP_DSN", default="sqlite:///default.db")',
  ),
  "starlette's Config": python(
    'from starlette.config import Config\nconfig = Config("deploy/shop.env")',
    'config("SHOP_DSN", default="sqlite:///default.db")',
  ),
  'read_env of Django': django(
    'env = environ.Env()\nenv.read_env(env_file=BASE / "deploy/shop.env")',
    'env("SHOP_DB", default="default.db")',
  ),
  "dotenv's path": node('require("dotenv").config({ path: require("path").join(__dirname, "../deploy/shop.env") });'),
  'the first of a list of paths': node('require("dotenv").config({ path: ["deploy/shop.env", ".env"] });'),
  loadEnvFile: node('process.loadEnvFile("deploy/shop.env");'),
  '--env-file of a script': node('', 'node --env-file=deploy/shop.env src/db.js'),
  'env-cmd': node('', 'env-cmd -f deploy/shop.env node src/db.js'),
  'a service of systemd': { ...python(''), 'deploy/shop.service': '[Service]\nEnvironmentFile=-./shop.env\nExecStart=/usr/bin/x\n' },
  'the editor': {
    ...python(''),
    '.vscode/launch.json': '{ // x\n"configurations": [{ "envFile": "${workspaceFolder}/deploy/shop.env" }] }',
  },
};

/** What names a file that is not here, or that only running the project could tell. */
const UNREAD: Readonly<Record<string, Files>> = {
  'load_dotenv of a file of another machine': python('load_dotenv("/etc/shop/shop.env")'),
  'load_dotenv of a file for each stage': python('load_dotenv(f"conf/{os.environ[\'STAGE\']}.env")'),
  'dotenv of a file that is not here': node('require("dotenv").config({ path: "conf/shop.env" });'),
  "settings that alembic's own file agrees with": {
    'alembic.ini': '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///default.db\n',
    'alembic/env.py': 'from alembic import context\nurl = context.config.get_main_option("sqlalchemy.url")\n',
    'alembic/versions/b2_x.py': 'revision = "b2"\ndown_revision = None\n',
    'app/config.py':
      'from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    database_url: str = "sqlite:///default.db"\nsettings = Settings(_env_file="/run/shop.env")\n',
    'app/db.py': 'from sqlalchemy import create_engine\nfrom app.config import settings\nengine = create_engine(settings.database_url)\n',
  },
  'settings that hold the folder of the database': {
    'app/config.py':
      'from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    folder: str = "."\nsettings = Settings(_env_file="/run/shop.env")\n',
    'app/db.py':
      'from sqlalchemy import create_engine\nfrom app.config import settings\nengine = create_engine(f"sqlite:///{settings.folder}/default.db")\n',
  },
};

const FOLDER = python('', "f\"sqlite:///{os.environ.get('DATA_DIR', '.')}/default.db\"");
const compose = (service: string): string => `services:\n  web:\n    build: .\n    volumes: ["./store:/data"]\n    ${service}\n`;
/** What sets DATA_DIR to store/, while the code's default is the project itself. */
const STARTED: Readonly<Record<string, Files>> = {
  'the environment of a service': { 'compose.yaml': compose('environment: [DATA_DIR=/data]') },
  'the env_file of a service': { 'compose.yaml': compose('env_file: web.list'), 'web.list': 'DATA_DIR=/data\n' },
  'the image of a service': { 'compose.yaml': compose('working_dir: /app'), Dockerfile: 'FROM python:3\nENV DATA_DIR=/data\n' },
  'a container that a script starts': {
    Makefile: 'run:\n\tdocker run --rm -e DATA_DIR=/data \\\n\t  -v "$(CURDIR)/store:/data" me/shop\n',
  },
  'a Procfile': { Procfile: 'release: true\nweb: DATA_DIR=./store uvicorn app.main:app\n' },
  'a service of systemd': { 'shop.service': '[Service]\nWorkingDirectory=/srv/shop\nEnvironment="DATA_DIR=/srv/shop/store" PORT=1\n' },
  'a script of package.json': {
    'package.json': '{"scripts":{"test":"DATA_DIR=x y","start":"cross-env PORT=1 DATA_DIR=store python -m app"}}',
  },
  'a Makefile': { Makefile: 'export DATA_DIR = $(CURDIR)/store\nrun:\n\tpython -m app\n' },
  'a script': { 'run.sh': 'export DATA_DIR="${DATA_DIR:-./store}"\nexec python -m app\n' },
  'the editor': { '.vscode/launch.json': '{"configurations":[{"name":"app","env":{"DATA_DIR":"${workspaceFolder}/store"}}]}' },
  'a container of the editor': { '.devcontainer/devcontainer.json': '{"containerEnv":{"DATA_DIR":"${containerWorkspaceFolder}/store"}}' },
  'the module that starts it': { 'wsgi.py': 'import os\nos.environ["DATA_DIR"] = "store/"\nfrom app.db import engine\n' },
  "gunicorn's configuration": { 'gunicorn.conf.py': 'raw_env = ["DATA_DIR=store/"]\n' },
  'what Compose is given in a Makefile': {
    'app/config.py': '',
    'compose.yaml':
      'services:\n  web:\n    build: .\n    environment: ["DATABASE_URL=sqlite:////data/default.db"]\n    volumes: ["${STORE:-.}:/data"]\n',
    Makefile: 'up:\n\tdocker compose --env-file deploy/live.env up -d\n',
    'deploy/live.env': 'STORE=./store\n',
  },
  'a .env file that the code does without': {
    ...python('load_dotenv("deploy/shop.env")'),
    'deploy/shop.env': 'OTHER=1\n',
    '.env': 'SHOP_DSN=sqlite:///store/default.db\n',
  },
  'a .env file that Rails without its gem does not read': {
    Gemfile: 'gem "rails"\n',
    '.env': 'SHOP_FILE=store/default.db\n',
    'config/database.yml': 'development:\n  adapter: sqlite3\n  database: <%= ENV.fetch("SHOP_FILE") { "default.db" } %>\n',
  },
  "Laravel's other engine": { artisan: '', '.env': 'DB_CONNECTION=mysql\nDB_DATABASE=shop\n', 'app/config.py': '' },
  "pm2's configuration": { 'ecosystem.config.js': 'module.exports = { apps: [{ name: "a", env: { DATA_DIR: "./store" } }] };\n' },
};

describe('a database that code names through variables', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  const found = async (files: Files, ...databases: string[]): Promise<string> => {
    for (const [path, text] of Object.entries(files)) {
      project.write(path, text);
    }
    for (const path of databases) {
      project.database(path, atRevision('b2'), djangoRows('shop.0001_initial'));
    }
    const { project: own, question } = await discover({ root: project.root });
    return question === null ? relative(project.root, own.database ?? '') : 'a question';
  };

  for (const [what, files] of Object.entries(NAMING)) {
    it(`is what the file says that is named by ${what}`, async () => {
      assert.equal(await found({ 'deploy/shop.env': SET, ...files }, 'default.db', 'store/live.db'), 'store/live.db');
    });
  }

  for (const [what, files] of Object.entries(UNREAD)) {
    it(`is a question, and no default, by ${what}`, async () => {
      assert.equal(await found(files, 'default.db'), 'a question');
    });
  }

  it('is what the command migrates, and where .env would make it another one, none is offered', () => {
    project.alembic(
      '.',
      'from alembic import context\nfrom app.config import URL\nfrom sqlalchemy import create_engine\nengine = create_engine(URL)\n',
    );
    for (const [path, text] of Object.entries({ ...python('load_dotenv("deploy/shop.env")'), 'deploy/shop.env': SET })) {
      project.write(path, text);
    }
    const database = project.database('store/live.db', atRevision('a1'));
    const apply = (): string | undefined => readSchemaState({ root: project.root, database }).commands.apply;
    assert.match(apply() ?? '', /alembic upgrade head$/);
    project.write('deploy/shop.env', 'OTHER=1\n');
    project.write('.env', SET);
    assert.equal(apply(), undefined);
  });

  it('is the default where only a test, or what builds the program, reads a file', async () => {
    const files = {
      ...node(''),
      'package.json': '{"dependencies":{"better-sqlite3":"12"},"scripts":{"test":"node --env-file=deploy/shop.env test.js"}}',
      'ui/vite.config.ts': 'require("dotenv").config({ path: "../shop.env" });\n',
    };
    assert.equal(await found({ 'deploy/shop.env': SET, ...files }, 'default.db', 'store/live.db'), 'default.db');
  });

  it('is the default where a file is not here that most people do without', async () => {
    assert.equal(await found(node('require("dotenv").config({ path: ".env.local" });'), 'default.db'), 'default.db');
  });

  for (const [what, files] of Object.entries(STARTED)) {
    it(`is never silently the default where another folder is named by ${what}`, async () => {
      assert.equal(await found({ ...FOLDER, ...files }, 'default.db', 'store/default.db'), 'a question');
    });
  }

  it('is the one in the folder of the service where there is no other of its own', async () => {
    const files = { ...FOLDER, 'compose.yaml': compose('environment: [DATA_DIR=/data]') };
    assert.equal(await found(files, 'store/default.db', 'aside/default.db'), 'store/default.db');
  });

  it('is in the volume of the service where the code is started with a folder in it', async () => {
    const volume =
      'services:\n  web:\n    build: .\n    environment: [DATA_DIR=/data]\n    volumes: ["store:/data"]\nvolumes: {store: {}}\n';
    for (const [path, text] of Object.entries({ ...FOLDER, 'compose.yaml': volume })) {
      project.write(path, text);
    }
    const { project: own, question } = await discover({ root: project.root });
    assert.equal(question, null);
    assert.deepEqual([own.databasePlace?.volume, own.databasePlace?.path], ['store', '/data/default.db']);
    project.database('default.db');
    assert.notEqual((await discover({ root: project.root })).question, null);
  });

  it('is the one of this machine where only another machine has the folder', async () => {
    const files = { ...FOLDER, 'shop.service': '[Service]\nEnvironment=DATA_DIR=/var/lib/shop-of-another-machine\n' };
    assert.equal(await found(files, 'default.db'), 'default.db');
  });
});
