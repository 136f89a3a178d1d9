// The commands that projects with Alembic are offered, run with the real Alembic.
import { EMPTY, provesOffers, PYTHON } from '../../support/offered-command';
import { revision, RUN } from '../../support/offered-alembic';

const ENV = `import os\nurl = os.environ.get("APP_URL", context_url)\n`;
const alembicFiles = (folder: string, env: string, ini = 'script_location = %(here)s/alembic\n'): Record<string, string> => ({
  [`${folder}alembic.ini`]: `[alembic]\n${ini}`,
  [`${folder}alembic/env.py`]: env,
  [`${folder}alembic/versions/a1.py`]: revision('a1', null),
  [`${folder}alembic/versions/b2.py`]: revision('b2', 'a1'),
});
const literal = (url: string): string => ENV.replace('context_url', JSON.stringify(url)) + RUN;

const COMPUTED = /only running it could tell/;
const PYDANTIC = 'from pydantic import BaseModel, Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n';

describe('The command that a project with Alembic is offered, run with the real Alembic,', function () {
  this.timeout(300_000);
  provesOffers({
    'in the root': { files: alembicFiles('', literal('sqlite:///./app.db')), database: 'app.db', command: 'alembic upgrade head' },
    'below, its URL relative to the root': {
      files: alembicFiles('backend/', literal('sqlite:///./app.db')),
      database: 'app.db',
      exists: EMPTY,
      command: 'alembic -c backend/alembic.ini upgrade head',
    },
    'below, its URL relative to its own folder': {
      files: alembicFiles('backend/', literal('sqlite:///./data/app.db'), 'script_location = alembic\n'),
      database: 'backend/data/app.db',
      command: 'cd backend && alembic upgrade head',
    },
    'with a URL of the settings module': {
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
    'with a URL in parts': {
      files: alembicFiles(
        '',
        `import os\nfrom sqlalchemy.engine import URL\nfolder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\nurl = URL.create("sqlite", database=os.path.join(folder, "app.db"))\n${RUN}`,
      ),
      database: 'app.db',
      command: 'alembic upgrade head',
    },
    'with an argument that nobody gives': {
      files: alembicFiles(
        '',
        `url = context.get_x_argument(as_dictionary=True).get("db", "sqlite:///app.db")\n${RUN}`.replace(
          /^/,
          'from alembic import context\n',
        ),
      ),
      database: 'app.db',
      command: 'alembic upgrade head',
    },
    'by the Makefile': {
      files: {
        ...alembicFiles('backend/', literal('sqlite:///./data/app.db')),
        Makefile: 'migrate:\n\tcd backend && alembic upgrade head\n',
      },
      database: 'backend/data/app.db',
      command: 'make migrate',
    },
    'by a shell script': {
      files: {
        ...alembicFiles('backend/', literal('sqlite:///./data/app.db')),
        'scripts/migrate.sh': '#!/bin/sh\nset -e\ncd backend\npython3 -m alembic upgrade head\n',
      },
      database: 'backend/data/app.db',
      command: 'sh scripts/migrate.sh',
    },
    'where the Makefile migrates another file': {
      files: {
        ...alembicFiles('', literal('sqlite:///./app.db')),
        Makefile: 'migrate:\n\tAPP_URL=sqlite:///other.db alembic upgrade head\n',
      },
      database: 'app.db',
      command: 'alembic upgrade head',
    },
    'where a variable of the terminal names another file': {
      files: alembicFiles('', literal('sqlite:///./app.db')),
      variables: { APP_URL: 'sqlite:///other.db' },
      database: 'app.db',
      command: /would migrate other.db instead of app.db/,
    },
    'whose application only a module of Python finds': {
      files: {
        ...alembicFiles('', `from shop.config import url\n${RUN}`),
        'shop/__init__.py': '',
        'shop/config.py': 'url = "sqlite:///app.db"\n',
      },
      database: 'app.db',
      command: `${PYTHON} -m alembic upgrade head`,
    },
    'where the code sets the variable that it asks for': {
      files: alembicFiles(
        '',
        `import os\nos.environ["APP_URL"] = "sqlite:///app.db"\nurl = os.environ.get("APP_URL", "sqlite:///other.db")\n${RUN}`,
      ),
      database: 'app.db',
      command: COMPUTED,
    },
    'with settings that are called otherwise in the environment': {
      files: {
        ...alembicFiles('', `from shop import settings\nurl = settings.store\n${RUN}`),
        '.env': 'MY_STORE=sqlite:///app.db\n',
        'shop.py': `${PYDANTIC}class Settings(BaseSettings):\n    store: str = Field(default="sqlite:///other.db", validation_alias="MY_STORE")\nsettings = Settings()\n`,
      },
      database: 'app.db',
      command: COMPUTED,
    },
    'with settings that hold others': {
      files: {
        ...alembicFiles('', `from shop import settings\nurl = settings.db.url\n${RUN}`),
        '.env': 'DB__URL=sqlite:///app.db\n',
        'shop.py': `${PYDANTIC}class Db(BaseModel):\n    url: str = "sqlite:///other.db"\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_file=".env", env_nested_delimiter="__")\n    db: Db = Db()\nsettings = Settings()\n`,
      },
      database: 'app.db',
      command: COMPUTED,
    },
    'with a prefix of environs': {
      files: {
        ...alembicFiles(
          '',
          `from environs import Env\nenv = Env(prefix="SHOP_")\nurl = env.str("STORE", default="sqlite:///other.db")\n${RUN}`,
        ),
        '.env': 'SHOP_STORE=sqlite:///app.db\n',
      },
      database: 'app.db',
      command: COMPUTED,
    },
    'with a prefix that settings inherit': {
      files: {
        ...alembicFiles('', `from shop import settings\nurl = settings.store\n${RUN}`),
        'shop.py': `${PYDANTIC}class Base(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="SHOP_")\nclass Settings(Base):\n    store: str = "sqlite:///app.db"\nsettings = Settings()\n`,
      },
      variables: { SHOP_STORE: 'sqlite:///other.db' },
      database: 'app.db',
      command: /would migrate other.db instead of app.db/,
    },
  });
});
