// The commands that projects with Alembic are offered, run with the real Alembic.
import { EMPTY, provesOffers } from '../../support/offered-command';
import { revision, RUN } from '../../support/offered-alembic';

const ENV = `import os\nurl = os.environ.get("APP_URL", context_url)\n`;
const alembicFiles = (folder: string, env: string, ini = 'script_location = %(here)s/alembic\n'): Record<string, string> => ({
  [`${folder}alembic.ini`]: `[alembic]\n${ini}`,
  [`${folder}alembic/env.py`]: env,
  [`${folder}alembic/versions/a1.py`]: revision('a1', null),
  [`${folder}alembic/versions/b2.py`]: revision('b2', 'a1'),
});
const literal = (url: string): string => ENV.replace('context_url', JSON.stringify(url)) + RUN;

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
  });
});
