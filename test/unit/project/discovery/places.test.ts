// Where tools and frameworks of many kinds keep a database: one small project a line, each with a second database to fall for.
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { atRevision, djangoRows, evidenceProject, type EvidenceProject } from '../../../support/evidence-project';

const RUN = 'config = context.config\nconfig.set_main_option("sqlalchemy.url", settings.database_url)\ncontext.run_migrations()\n';
const FROM_SETTINGS = `from alembic import context\nfrom app.config import settings\n${RUN}`;
const MANAGE = 'import os, django\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings.local")\n';
const BASE =
  'from pathlib import Path\nBASE_DIR = Path(__file__).parent.parent.parent\nINSTALLED_APPS = ["shop"]\n' +
  'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}\n';
const SCHEMA = 'datasource db {\n  provider = "sqlite"\n  url = env("DATABASE_URL")\n}\n';

function django(project: EvidenceProject, local: string): void {
  project.write('manage.py', MANAGE);
  project.write('conf/settings/base.py', BASE);
  project.write('conf/settings/local.py', `from .base import *\nimport os\n${local}`);
  project.write('shop/migrations/__init__.py');
  project.write('shop/migrations/0001_initial.py', 'class Migration:\n    dependencies = []\n');
}

/** A title, the database that is the application's, one that is not, and the files that tell. */
const PROJECTS: readonly [string, string, string, (project: EvidenceProject) => void][] = [
  [
    'a field of pydantic that is called otherwise in the environment',
    'srv/live.db',
    'data/default.db',
    (project) => {
      project.alembic('.', FROM_SETTINGS);
      project.write(
        'app/config.py',
        'from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n' +
          '    path: str = Field(default="data/default.db", validation_alias=AliasChoices("SHOP_STORE", "STORE"))\n' +
          '    @property\n    def database_url(self):\n        return f"sqlite:///{self.path}"\nsettings = Settings()\n',
      );
      project.write('.env', 'SHOP_STORE=srv/live.db\n');
    },
  ],
  [
    'Django settings that change one entry of what they import',
    'var/dev.sqlite3',
    'db.sqlite3',
    (project) => {
      django(project, 'DATABASES["default"]["NAME"] = BASE_DIR / "var" / "dev.sqlite3"\n');
    },
  ],
  [
    'Django settings that update one database of what they import',
    'var/dev.sqlite3',
    'db.sqlite3',
    (project) => {
      django(project, 'DATABASES["default"].update({"NAME": BASE_DIR / "var" / "dev.sqlite3"})\n');
    },
  ],
  [
    'Django settings that change an entry only where the environment asks for it',
    'db.sqlite3',
    'var/other.sqlite3',
    (project) => {
      django(
        project,
        'import sys\nif os.environ.get("OTHER"):\n    DATABASES["default"]["NAME"] = "var/other.sqlite3"\n' +
          'if "test" in sys.argv:\n    DATABASES["default"]["NAME"] = "var/other.sqlite3"\n',
      );
    },
  ],
  [
    'Django settings that spread what they import',
    'var/dev.sqlite3',
    'db.sqlite3',
    (project) => {
      django(
        project,
        'from .base import DATABASES as USUAL\nDATABASES = {**USUAL, "default": {**USUAL["default"], "NAME": BASE_DIR / "var/dev.sqlite3"}}\n',
      );
    },
  ],
  [
    "Flask's instance folder, beside its package",
    'instance/app.db',
    'web/app.db',
    (project) => {
      project.write(
        'web/__init__.py',
        'import os\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n' +
          '    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.instance_path, "app.db")\n    return app\n',
      );
    },
  ],
  [
    "a plain path in Flask's instance folder",
    'instance/flaskr.sqlite',
    'instance/limits.sqlite',
    (project) => {
      project.write(
        'flaskr/__init__.py',
        'import os\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n' +
          '    app.config.from_mapping(DATABASE=os.path.join(app.instance_path, "flaskr.sqlite"))\n',
      );
    },
  ],
  [
    '.flaskenv',
    'data/blog.db',
    'blog.db',
    (project) => {
      project.write('.flaskenv', 'FLASK_APP=blog\nDATABASE_URL=sqlite:///../data/blog.db\n');
    },
  ],
  [
    'a path that counts from the Prisma schema, whatever lies beside the .env file',
    'prisma/dev.db',
    'dev.db',
    (project) => {
      project.write('prisma/schema.prisma', SCHEMA);
      project.write('.env', 'DATABASE_URL="file:./dev.db"\n');
    },
  ],
  [
    'a path that counts from the folder of Prisma schemas',
    'prisma/schema/dev.db',
    'prisma/dev.db',
    (project) => {
      project.write('package.json', '{"prisma":{"schema":"./prisma/schema"}}');
      project.write('prisma/schema/base.prisma', SCHEMA);
      project.write('.env', 'DATABASE_URL="file:./dev.db"\n');
    },
  ],
  [
    'a variable that only the Dockerfile sets',
    'data/app.db',
    'other.db',
    (project) => {
      project.write('Dockerfile', 'FROM python\nWORKDIR /app\nENV DATABASE_URL=sqlite:////app/data/app.db\n');
      project.write('compose.yaml', 'services:\n  web:\n    build: .\n    volumes: ["./data:/app/data"]\n');
    },
  ],
  [
    "Symfony's parameters in its URL",
    'var/data_dev.db',
    'var/data_old.db',
    (project) => {
      project.write('.env', 'APP_ENV=dev\nDATABASE_URL="sqlite:///%kernel.project_dir%/var/data_%kernel.environment%.db"\n');
    },
  ],
  [
    "Strapi's default, in a hidden folder",
    '.tmp/data.db',
    'cache/x.db',
    (project) => {
      project.write('package.json', '{"dependencies":{"@strapi/strapi":"5.0.0"}}');
      project.write(
        'config/database.ts',
        "export default ({ env }) => ({ connection: { client: env('DATABASE_CLIENT', 'sqlite'), connection: {\n" +
          "  filename: path.join(__dirname, '..', '..', env('DATABASE_FILENAME', '.tmp/data.db')) } } });\n",
      );
    },
  ],
  [
    "Sequelize's config.json, development first",
    'shop.sqlite3',
    'test.sqlite3',
    (project) => {
      project.write('package.json', '{"dependencies":{"sequelize":"6"}}');
      project.write(
        'config/config.json',
        '{"production":{"dialect":"mysql","database":"x"},"test":{"dialect":"sqlite","storage":"test.sqlite3"},' +
          '"development":{"dialect":"sqlite","storage":"./shop.sqlite3"}}',
      );
    },
  ],
  [
    'a new Sequelize with a storage beside the code',
    'data/app.sqlite',
    'data/sessions.sqlite',
    (project) => {
      project.write('package.json', '{"dependencies":{"sequelize":"6"}}');
      project.write(
        'src/db.js',
        'const path = require("path");\nmodule.exports = new Sequelize({ dialect: "sqlite", storage: path.join(__dirname, "../data/app.sqlite") });\n',
      );
    },
  ],
  [
    'what the code of a Node application opens',
    'data/app.db',
    'data/cache.db',
    (project) => {
      project.write('package.json', '{"dependencies":{"better-sqlite3":"12"}}');
      project.write(
        'src/db.js',
        'const Database = require("better-sqlite3");\nmodule.exports = new Database(process.env.FILE || "data/app.db");\n',
      );
    },
  ],
  [
    "the default of Laravel's own configuration",
    'storage/shop/live.sqlite',
    'database/database.sqlite',
    (project) => {
      project.write('artisan');
      project.write('.env', 'DB_CONNECTION=sqlite\n');
      project.write(
        'config/database.php',
        "<?php return ['default' => env('DB_CONNECTION', 'mysql'), 'connections' => ['sqlite' => [\n" +
          "'driver' => 'sqlite', 'database' => env('DB_DATABASE', storage_path('shop/live.sqlite'))]]];",
      );
    },
  ],
  [
    'the file of its adapter, where database.yml of Rails only chooses one',
    'storage/development.sqlite3',
    'storage/test.sqlite3',
    (project) => {
      project.write('config/database.yml', '<%= ERB.new(File.read(File.join("config", "database.#{adapter}.yml"))).result %>\n');
      project.write('config/database.mysql.yml', 'development:\n  adapter: trilogy\n  database: shop\n');
      project.write(
        'config/database.sqlite.yml',
        'development:\n  adapter: sqlite3\n  database: storage/development.sqlite3\ntest:\n  adapter: sqlite3\n  database: storage/test.sqlite3\n',
      );
    },
  ],
  [
    'how the path ends that a Drizzle configuration computes',
    'config/db/app.sqlite',
    'other/app.sqlite',
    (project) => {
      project.write(
        'drizzle.config.ts',
        'import env from "@server/env";\nexport default { dialect: "sqlite", out: "./m", dbCredentials: { url: path.join(env.CONFIG, "db", "app.sqlite") } };\n',
      );
    },
  ],
  [
    'Knex in the code of an application without a knexfile',
    'shop.db',
    'data/cache.db',
    (project) => {
      project.write('package.json', '{"dependencies":{"knex":"3","sqlite3":"5"}}');
      project.write('src/database/db.ts', 'export const db = knex({ client: "sqlite3", connection: { filename: "shop.db" } });\n');
    },
  ],
  [
    'a path from the folder of the knexfile, whatever lies in the one of the project',
    'server/data/dev.sqlite3',
    'data/dev.sqlite3',
    (project) => {
      project.write('package.json', '{"dependencies":{"knex":"3"}}');
      project.write(
        'server/knexfile.ts',
        'export default { development: { client: "sqlite3", connection: { filename: path.resolve(__dirname, "data", "dev.sqlite3") } } };\n',
      );
    },
  ],
  [
    'settings beside a module whose names stand in what they are given, over and over',
    'var/live.db',
    'other.db',
    (project) => {
      const again = Array.from({ length: 60 }, (_, index) => `    if url.find("${index}"):\n        url = clean(url + image_url)\n`).join(
        '',
      );
      const swap = Array.from({ length: 60 }, () => '    image_url = url + image_url if url else image_url\n').join('');
      project.write(
        'app/api/settings.py',
        `# sqlite\nfrom elsewhere import clean\ndef f(url, image_url):\n${again}${swap}    return url\n`,
      );
      project.write(
        'web/settings.py',
        'from pathlib import Path\nBASE = Path(__file__).parent.parent\nDATABASE_URL = f"sqlite:///{BASE}/var/live.db"\n',
      );
    },
  ],
];

describe('where a database lies', () => {
  let project: EvidenceProject;
  beforeEach(() => {
    project = evidenceProject();
  });
  afterEach(() => {
    project.remove();
  });

  for (const [title, own, other, make] of PROJECTS) {
    it(`is found by ${title}`, async () => {
      make(project);
      const rows = [atRevision('b2'), djangoRows('shop.0001_initial')];
      project.database(own, ...rows);
      project.database(other, ...rows);
      const { project: found, question } = await discover({ root: project.root });
      assert.equal(question, null);
      assert.equal(found.database && relative(project.root, found.database), own);
    });
  }
});
