// The commands that are offered, run with the real tools: each migrates the very file that was named, and makes no other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import { emptyProject, type AlembicProject } from '../support/alembic-project';
import { npmTool } from '../support/npm-tools';

const RUN = `from alembic import context
from sqlalchemy import create_engine
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
`;
const ENV = `import os\nurl = os.environ.get("APP_URL", context_url)\n`;
const revision = (id: string, parent: string | null): string =>
  `revision = '${id}'\ndown_revision = ${parent === null ? 'None' : `'${parent}'`}\nfrom alembic import op\nimport sqlalchemy as sa\n` +
  `def upgrade():\n    op.create_table('t_${id}', sa.Column('id', sa.Integer, primary_key=True))\ndef downgrade():\n    pass\n`;
const DJANGO_MIGRATION = (after: string): string =>
  `from django.db import migrations, models\nclass Migration(migrations.Migration):\n    dependencies = [${after}]\n    operations = [${after === '' ? "migrations.CreateModel('Item', [('id', models.AutoField(primary_key=True))])" : "migrations.AddField('item', 'n', models.IntegerField(default=0))"}]\n`;

interface Layout {
  readonly files: Readonly<Record<string, string>>;
  readonly database: string;
  readonly command: string;
  readonly node?: 'knex' | 'drizzle' | 'prisma';
}

const alembicFiles = (folder: string, env: string, ini = 'script_location = %(here)s/alembic\n'): Record<string, string> => ({
  [`${folder}alembic.ini`]: `[alembic]\n${ini}`,
  [`${folder}alembic/env.py`]: env,
  [`${folder}alembic/versions/a1.py`]: revision('a1', null),
  [`${folder}alembic/versions/b2.py`]: revision('b2', 'a1'),
});
const literal = (url: string): string => ENV.replace('context_url', JSON.stringify(url)) + RUN;
const djangoFiles = (name: string): Record<string, string> => ({
  'manage.py':
    'import os, sys\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n',
  'site_/__init__.py': '',
  'site_/settings.py': `from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent\nSECRET_KEY = "x"\nINSTALLED_APPS = ["shop"]\nDEFAULT_AUTO_FIELD = "django.db.models.AutoField"\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ${name}}}\n`,
  'shop/__init__.py': '',
  'shop/migrations/__init__.py': '',
  'shop/migrations/0001_initial.py': DJANGO_MIGRATION(''),
  'shop/migrations/0002_more.py': DJANGO_MIGRATION("('shop', '0001_initial')"),
});
const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
const knexFiles = (connection: string): Record<string, string> => ({
  'knexfile.js': `module.exports = { client: 'better-sqlite3', useNullAsDefault: true, connection: ${connection} };\n`,
  'migrations/1_first.js': `exports.up = (knex) => knex.schema.createTable('one', (t) => t.increments());\nexports.down = async () => {};\n`,
});

const LAYOUTS: Readonly<Record<string, Layout>> = {
  'Alembic in the root': { files: alembicFiles('', literal('sqlite:///./app.db')), database: 'app.db', command: 'alembic upgrade head' },
  'Alembic below, its URL relative to the root': {
    files: alembicFiles('backend/', literal('sqlite:///./app.db')),
    database: 'app.db',
    command: 'alembic -c backend/alembic.ini upgrade head',
  },
  'Alembic below, its URL relative to its own folder': {
    files: alembicFiles('backend/', literal('sqlite:///./data/app.db'), 'script_location = alembic\n'),
    database: 'backend/data/app.db',
    command: 'cd backend && alembic upgrade head',
  },
  'Alembic with a URL of the settings module': {
    files: {
      ...alembicFiles(
        'backend/',
        `from app.core.config import settings\nurl = settings.database_url\n${RUN}`,
        'script_location = alembic\nprepend_sys_path = .\n',
      ),
      'backend/app/__init__.py': '',
      'backend/app/core/__init__.py': '',
      'backend/app/core/config.py':
        'import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parents[2]\nclass Settings:\n    name = os.getenv("DB_NAME", "shop")\n    @property\n    def database_url(self):\n        return f"sqlite:///{BASE / \'data\' / self.name}.db"\nsettings = Settings()\n',
    },
    database: 'backend/data/shop.db',
    command: 'cd backend && alembic upgrade head',
  },
  'Alembic by the Makefile': {
    files: {
      ...alembicFiles('backend/', literal('sqlite:///./data/app.db')),
      Makefile: 'migrate:\n\tcd backend && alembic upgrade head\n',
    },
    database: 'backend/data/app.db',
    command: 'make migrate',
  },
  'Alembic, where the Makefile migrates another file': {
    files: {
      ...alembicFiles('', literal('sqlite:///./app.db')),
      Makefile: 'migrate:\n\tAPP_URL=sqlite:///other.db alembic upgrade head\n',
    },
    database: 'app.db',
    command: 'alembic upgrade head',
  },
  'Flask without app.py': {
    files: {
      'migrations/alembic.ini': '[alembic]\n',
      'migrations/env.py':
        'from flask import current_app\nfrom alembic import context\nengine = current_app.extensions["migrate"].db.engine\nwith engine.connect() as connection:\n    context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n',
      'migrations/versions/a1.py': revision('a1', null),
      'migrations/versions/b2.py': revision('b2', 'a1'),
      'pgx.py':
        'from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_migrate import Migrate\napp = Flask(__name__)\napp.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"\ndb = SQLAlchemy(app)\nMigrate(app, db)\n',
    },
    database: 'instance/site.db',
    command: 'flask --app pgx db upgrade head',
  },
  'Django in the root': { files: djangoFiles('BASE_DIR / "db.sqlite3"'), database: 'db.sqlite3', command: 'python manage.py migrate' },
  'Django below, its path relative to the root': {
    files: below('web', djangoFiles('"data.sqlite3"')),
    database: 'data.sqlite3',
    command: 'python web/manage.py migrate',
  },
  'Knex in its folder': {
    files: below('server', knexFiles("{ filename: require('path').join(__dirname, '../data/app.db') }")),
    database: 'data/app.db',
    command: 'cd server && npx knex migrate:latest',
    node: 'knex',
  },
  'Knex by the package’s script': {
    files: {
      ...knexFiles("{ filename: process.env.DB_FILE || './app.db' }"),
      'package.json': '{"private":true,"scripts":{"db:migrate":"knex migrate:latest"}}',
    },
    database: 'app.db',
    command: 'npm run db:migrate',
    node: 'knex',
  },
  'Drizzle with a variable of .env': {
    files: {
      '.env': 'DB_FILE_NAME=file:data/app.db\n',
      'drizzle.config.js': `module.exports = { dialect: 'sqlite', out: './drizzle', schema: './s.js', dbCredentials: { url: process.env.DB_FILE_NAME } };\n`,
      'drizzle/meta/_journal.json':
        '{"version":"7","dialect":"sqlite","entries":[{"idx":0,"version":"6","when":1,"tag":"0000_a","breakpoints":true}]}',
      'drizzle/0000_a.sql': 'CREATE TABLE a (id integer);',
    },
    database: 'data/app.db',
    command: 'npx drizzle-kit migrate',
    node: 'drizzle',
  },
  'Prisma with an adapter': {
    files: {
      'prisma.config.ts': `import { PrismaBetterSQLite3 } from '@prisma/adapter-better-sqlite3';\nexport default { experimental: { adapter: true }, engine: 'js', schema: 'prisma/schema.prisma', adapter: async () => new PrismaBetterSQLite3({ url: 'file:./prisma/dev.db' }) };\n`,
      'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n',
      'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
      'prisma/migrations/20240101000000_first/migration.sql': 'CREATE TABLE one (id INTEGER PRIMARY KEY);\n',
    },
    database: 'prisma/dev.db',
    command: 'npx prisma migrate deploy',
    node: 'prisma',
  },
};

describe('The command that is offered, run with the real tool,', function () {
  this.timeout(300_000);
  let project: AlembicProject;
  let programs: string;

  before(() => {
    // As after "python3-is-python": Django's own documentation types `python`.
    programs = mkdtempSync(join(tmpdir(), 'pats-programs-'));
    symlinkSync('/usr/bin/python3', join(programs, 'python'));
  });
  after(() => {
    rmSync(programs, { recursive: true, force: true });
  });
  beforeEach(() => {
    project = emptyProject();
  });
  afterEach(() => {
    project.remove();
  });

  for (const [what, { files, database, command, node }] of Object.entries(LAYOUTS)) {
    it(`migrates the file that was named: ${what}`, () => {
      for (const [path, text] of Object.entries(files)) {
        project.write(path, text);
      }
      mkdirSync(join(project.root, database, '..'), { recursive: true });
      if (node !== undefined) {
        symlinkSync(join(npmTool(node), 'node_modules'), join(project.root, 'node_modules'));
      }
      const place = (): { root: string; database: string } => ({ root: project.root, database: join(project.root, database) });
      const before = readSchemaState(place());
      assert.equal(before.commands.apply, command, before.commandProblem ?? JSON.stringify(before));
      const result = spawnSync('sh', ['-c', command], {
        cwd: project.root,
        encoding: 'utf8',
        env: {
          ...process.env,
          PATH: [programs, dirname(process.execPath), '/usr/bin', process.env['PATH']].join(delimiter),
          PYTHONDONTWRITEBYTECODE: '1',
          ...(node === 'prisma' && PRISMA),
        },
      });
      assert.equal(result.status, 0, result.stdout + result.stderr);
      assert.equal(readSchemaState(place()).state, 'current', result.stdout + result.stderr);
      assert.deepEqual(databasesIn(project.root), [database]);
    });
  }
});

/** It wants a query engine to be there, of which no command of the migrations makes use. */
const PRISMA = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', PRISMA_QUERY_ENGINE_LIBRARY: process.execPath };

function databasesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:db|sqlite3)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
