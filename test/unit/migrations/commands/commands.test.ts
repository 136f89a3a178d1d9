// Which command is offered, and why none is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { SchemaState } from '../../../../src/engine/migrations/schema';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { migration, rows } from '../../../support/alembic-project';
import { emptyProject, type MigrationsProject } from '../../../support/migrations-project';

describe('The command of a project', () => {
  let project: MigrationsProject;
  beforeEach(() => {
    project = emptyProject();
  });
  afterEach(() => {
    project.remove();
  });

  function alembic(folder: string, env: string, ini = 'script_location = %(here)s/alembic\n'): void {
    project.write(join(folder, 'alembic.ini'), `[alembic]\n${ini}`);
    project.write(join(folder, 'alembic/env.py'), `from alembic import context\n${env}`);
    project.write(join(folder, 'alembic/versions/a1.py'), migration('a1', 'base'));
    project.write(join(folder, 'alembic/versions/b2.py'), migration('b2', 'a1'));
    project.sql(rows('a1'));
  }
  const state = (): SchemaState => readSchemaState(project.folder());
  const answer = (): readonly [string | undefined, string | null | undefined] => [state().commands.apply, state().commandProblem];
  const CONNECT = 'from sqlalchemy import create_engine\nengine = create_engine(url)\n';

  const OFFERED: Readonly<Record<string, readonly [env: string, files?: Readonly<Record<string, string>>]>> = {
    'a default of the environment': [`import os\nurl = os.getenv("SOME_APP_URL") or "sqlite:///app.db"\n${CONNECT}`],
    'a path below the file': [
      `from pathlib import Path\nurl = f"sqlite:///{Path(__file__).resolve().parent.parent / 'app.db'}"\n${CONNECT}`,
    ],
    'os.path': [
      `import os\nBASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\nurl = "sqlite:///" + os.path.join(BASE, "app.db")\n${CONNECT}`,
    ],
    'an imported engine': [
      'from db import engine\nwith engine.connect() as c:\n    pass\n',
      { 'db.py': 'from sqlalchemy import create_engine\nengine = create_engine("sqlite:///app.db", echo=True)\n' },
    ],
    'a function of a package': [
      'from app.core import config\ncontext.config.set_main_option("sqlalchemy.url", config.get_url())\nfrom sqlalchemy import engine_from_config\nconnectable = engine_from_config({}, prefix="sqlalchemy.")\n',
      {
        'app/core/config.py': 'from .names import NAME\ndef get_url():\n    path = f"{NAME}.db"\n    return "sqlite:///%s" % path\n',
        'app/core/names.py': 'NAME = "app"\n',
        'app/core/__init__.py': '',
        'app/__init__.py': '',
      },
    ],
    'a field of settings': [
      `from config import get_settings\nurl = get_settings().database_url\n${CONNECT}`,
      {
        'config.py':
          'from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    database_url: str = "sqlite:///./app.db"\ndef get_settings() -> Settings:\n    return Settings()\n',
      },
    ],
    'a variable that .env sets for settings': [
      `from config import settings\nurl = settings.database_url\n${CONNECT}`,
      {
        'config.py':
          'from pydantic_settings import BaseSettings, SettingsConfigDict\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_file=".env", env_prefix="SOME_")\n    database_url: str = "sqlite:///./wrong.db"\nsettings = Settings()\n',
        '.env': 'SOME_DATABASE_URL=sqlite:///./app.db\n',
      },
    ],
    'a variable of .env that is loaded': [
      `import os\nfrom dotenv import load_dotenv\nload_dotenv()\nurl = os.environ["SOME_APP_URL"]\n${CONNECT}`,
      { '.env': 'SOME_DB=app\nSOME_APP_URL=sqlite:///${SOME_DB}.db\n' },
    ],
  };
  for (const [what, [env, files = {}]] of Object.entries(OFFERED)) {
    it(`is offered where env.py names this database by ${what}`, () => {
      for (const [path, text] of Object.entries(files)) {
        project.write(path, text);
      }
      alembic('.', env, 'script_location = alembic\nprepend_sys_path = .\n');
      assert.deepEqual(answer(), ['alembic upgrade head', null]);
    });
  }

  const REFUSED: Readonly<Record<string, readonly [env: string, why: RegExp, ini?: string]>> = {
    'names another file': [`url = "sqlite:///other.db"\n${CONNECT}`, /would migrate other\.db instead of app\.db/],
    'names another engine': [`url = "postgresql+psycopg://localhost/x"\n${CONNECT}`, /would migrate a PostgreSQL database/],
    'computes it': [`from somewhere import url\n${CONNECT}`, /only running it could tell/],
    'takes it from a .env that nothing loads': [
      `import os\nurl = os.environ.get("SOME_APP_URL", "sqlite:///app.db")\n${CONNECT}`,
      /depends on a \.env file/,
    ],
    'is given by the program that fills in the ini': [
      '',
      /the application fills in the configuration/,
      'script_location = {folder}\nsqlalchemy.url = {url}\n',
    ],
    'is given by an ini with a variable of the program': [
      '',
      /the application fills in the configuration/,
      'script_location = %(folder)s/alembic\nsqlalchemy.url = sqlite:///app.db\n',
    ],
  };
  for (const [what, [env, why, ini]] of Object.entries(REFUSED)) {
    it(`is not offered, and why is said, where env.py ${what}`, () => {
      project.write('.env', 'SOME_APP_URL=sqlite:///other.db\n');
      alembic('.', env, ini);
      assert.equal(answer()[0], undefined);
      assert.match(answer()[1] ?? '', why);
      assert.match(answer()[1] ?? '', /patsBackup\.migrateCommand/);
    });
  }

  it('is that of the setting, whatever the tool would do', () => {
    alembic('.', `url = "sqlite:///other.db"\n${CONNECT}`);
    const set = readSchemaState({ ...project.folder(), migrateCommand: './migrate --all' });
    assert.deepEqual([set.commands.apply, set.commandProblem], ['./migrate --all', null]);
    project.sql(rows('b2'));
    assert.equal(readSchemaState({ ...project.folder(), migrateCommand: './migrate --all' }).commands.apply, undefined);
  });

  it('is that of the setting in every state in which the tool has one, and none where a migration has failed half way', () => {
    project.write('knexfile.js', "module.exports = { client: 'better-sqlite3', connection: { filename: './app.db' } };\n");
    project.write('migrations/1_first.js', '');
    project.write('migrations/2_second.js', '');
    const states = new Set<string>();
    for (const statements of [
      'CREATE TABLE t(x)',
      "CREATE TABLE knex_migrations(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO knex_migrations(name) VALUES ('1_first.js')",
      "INSERT INTO knex_migrations(name) VALUES ('2_second.js')",
      "INSERT INTO knex_migrations(name) VALUES ('3_third.js')",
      "DELETE FROM knex_migrations WHERE name = '2_second.js'",
      'CREATE TABLE knex_migrations_lock("index" INTEGER PRIMARY KEY, is_locked INTEGER); INSERT INTO knex_migrations_lock VALUES (1, 1)',
    ]) {
      project.sql(statements);
      const plain = state();
      const set = readSchemaState({ ...project.folder(), migrateCommand: './migrate --all' });
      states.add(plain.state);
      const isFailed = plain.state === 'half-applied';
      assert.equal(plain.commands.apply === undefined, isFailed, plain.state);
      assert.deepEqual([set.commands.apply, set.commandProblem], [isFailed ? undefined : './migrate --all', null], plain.state);
    }
    assert.equal(states.size, 6, [...states].join());
  });

  const SCRIPTS: Readonly<Record<string, readonly [file: string, text: string, command: string]>> = {
    'a Makefile': ['Makefile', 'migrate:\n\t@echo now\n\talembic upgrade head\n', 'make migrate'],
    'a justfile': ['justfile', 'db-upgrade:\n    alembic upgrade head\n', 'just db-upgrade'],
    'a Taskfile': ['Taskfile.yml', 'tasks:\n  db:migrate:\n    cmds: [alembic upgrade head]\n', 'task db:migrate'],
    'package.json': ['package.json', '{"scripts":{"db:upgrade":"alembic upgrade head"}}', 'npm run db:upgrade'],
    'bin/': ['bin/migrate', '#!/bin/sh\nset -e\nalembic upgrade head\n', 'sh bin/migrate'],
    'a script that does more': ['Makefile', 'migrate:\n\talembic upgrade head\n\tpython seed.py\n', 'alembic upgrade head'],
    'a script that goes back first': ['Makefile', 'migrate:\n\talembic downgrade base\n', 'alembic upgrade head'],
    'a script for another file': ['Makefile', 'migrate:\n\tSOME_APP_URL=sqlite:///x.db alembic upgrade head\n', 'alembic upgrade head'],
    'a script with another one before it': [
      'package.json',
      '{"scripts":{"premigrate":"rm app.db","migrate":"alembic upgrade head"}}',
      'alembic upgrade head',
    ],
  };
  for (const [what, [file, text, command]] of Object.entries(SCRIPTS)) {
    it(`with ${what} is ${command}`, () => {
      project.write(file, text);
      alembic('.', `import os\nurl = os.environ.get("SOME_APP_URL", "sqlite:///app.db")\n${CONNECT}`);
      assert.deepEqual(answer(), [command, null]);
    });
  }

  it('runs in a service where it reaches the file through its mounts, and only there', () => {
    project.write('backend/Dockerfile', 'FROM python:3.12\nWORKDIR /srv\nCOPY . .\n');
    alembic('backend', `import os\nurl = os.environ["SOME_APP_URL"]\n${CONNECT}`, 'script_location = alembic\n');
    const compose = (url: string): string =>
      `services: {api: {build: ./backend, volumes: ["./:/data"], environment: {SOME_APP_URL: "${url}"}}}`;
    project.write('compose.yaml', compose('sqlite:////data/app.db'));
    assert.match(answer()[0] ?? '', /^docker[ -]compose exec -w \/data\/backend api alembic upgrade head$/);
    project.write('compose.yaml', compose('sqlite:////srv/app.db'));
    assert.equal(answer()[0], undefined);
  });

  it('of a service has one of this machine beside it, where that reaches the same file', () => {
    project.write('backend/Dockerfile', 'FROM python:3.12\nWORKDIR /srv\nCOPY . .\n');
    const url = `import os\nurl = os.environ.get("SOME_APP_URL", "sqlite:///../app.db")\n${CONNECT}`;
    alembic('backend', url, 'script_location = alembic\n');
    project.write(
      'compose.yaml',
      'services: {api: {build: ./backend, volumes: ["./:/data"], environment: {SOME_APP_URL: "sqlite:////data/app.db"}}}',
    );
    assert.match(answer()[0] ?? '', /^docker[ -]compose exec/);
    assert.equal(state().applyHere, 'cd backend && alembic upgrade head');
  });

  it('of Flask names the application where Flask would not find it, or is not offered', () => {
    project.write('web/migrations/alembic.ini', '[alembic]\n');
    project.write('web/migrations/env.py', 'from alembic import context\n');
    project.write('web/migrations/versions/a1.py', migration('a1', 'base'));
    project.sql(rows());
    assert.match(answer()[1] ?? '', /there is no FLASK_APP, app\.py or wsgi\.py/);
    project.write(
      'web/pgx.py',
      `from flask import Flask\nfrom flask_migrate import Migrate\napp = Flask(__name__)\napp.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///../../app.db"\nMigrate(app, None)\n`,
    );
    assert.deepEqual(answer(), ['cd web && flask --app pgx db upgrade head', null]);
    // Before Flask-SQLAlchemy 3, the path counts from the application itself.
    project.write('web/requirements.txt', 'Flask-SQLAlchemy==2.5.1\n');
    assert.match(answer()[1] ?? '', /instead of app\.db/);
    project.write('web/requirements.txt', 'Flask-SQLAlchemy~=3.1\n');
    assert.equal(answer()[1], null);
  });

  it('takes the configuration that names the database, of several for the same migrations', () => {
    alembic(
      '.',
      'from sqlalchemy import engine_from_config\nengine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.")\n',
    );
    const ini = '[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = sqlite:///%(here)s/';
    project.write('alembic.ini', `${ini}hosted.db\n`);
    project.write('local.ini', `${ini}app.db\n`);
    assert.deepEqual(answer(), ['alembic -c local.ini upgrade head', null]);
  });

  it('says why there is none where only the application knows of the files', () => {
    project.write('app/changes/a1.py', migration('a1', 'base'));
    project.write('app/changes/b2.py', migration('b2', 'a1'));
    project.sql(rows('a1'));
    assert.deepEqual([state().state, answer()[0]], ['behind', undefined]);
    assert.match(answer()[1] ?? '', /how the application starts its migrations\. Set patsBackup\.migrateCommand/);
  });

  for (const paths of ["'.env.local'", "['.env.local', '.env']"]) {
    it(`reads the files that a configuration gives to dotenv: ${paths}`, () => {
      project.write('package.json', '{"devDependencies":{"drizzle-kit":"1"}}');
      project.write('.env.local', 'SOME_URL=file:./app.db\n');
      project.write('.env', 'OTHER_URL=file:./wrong.db\n');
      project.write(
        'drizzle.config.ts',
        `import { config } from 'dotenv';\nconfig({ path: ${paths} });\nexport default { dialect: 'sqlite', out: './drizzle', dbCredentials: { url: process.env.SOME_URL! } };\n`,
      );
      project.write(
        'drizzle/meta/_journal.json',
        '{"version":"7","dialect":"sqlite","entries":[{"idx":0,"version":"6","when":1,"tag":"0000_a","breakpoints":true}]}',
      );
      project.write('drizzle/0000_a.sql', 'select 1;');
      project.sql('CREATE TABLE __drizzle_migrations(id, hash, created_at)');
      assert.deepEqual(answer(), ['npx drizzle-kit migrate', null]);
    });
  }
});
