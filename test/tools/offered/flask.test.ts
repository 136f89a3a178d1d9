// The commands that Flask applications are offered, run with the real Flask-Migrate.
import { provesOffers } from '../../support/offered-command';
import { revision } from '../../support/offered-alembic';

const ENV_PY =
  'from flask import current_app\nfrom alembic import context\nengine = current_app.extensions["migrate"].db.engine\nwith engine.connect() as connection:\n    context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n';
const MIGRATIONS = {
  'migrations/alembic.ini': '[alembic]\n',
  'migrations/env.py': ENV_PY,
  'migrations/versions/a1.py': revision('a1', null),
  'migrations/versions/b2.py': revision('b2', 'a1'),
};
const IMPORTS = 'from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_migrate import Migrate\n';
const application = (uri: string): string =>
  `${IMPORTS}app = Flask(__name__)\napp.config["SQLALCHEMY_DATABASE_URI"] = ${uri}\ndb = SQLAlchemy(app)\nMigrate(app, db)\n`;
/** As a package with a factory, its configuration in a class. */
const FACTORY = {
  'config.py':
    'import os\nbasedir = os.path.abspath(os.path.dirname(__file__))\nclass Config:\n    SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or "sqlite:///" + os.path.join(basedir, "app.db")\n',
  'shop/__init__.py': `${IMPORTS}from config import Config\ndb = SQLAlchemy()\nmigrate = Migrate()\ndef create_app(config=Config):\n    app = Flask(__name__)\n    app.config.from_object(config)\n    db.init_app(app)\n    migrate.init_app(app, db)\n    return app\n`,
  'start.py': 'from shop import create_app\napp = create_app()\n',
};

describe('The command that a Flask application is offered, run with the real Flask-Migrate,', function () {
  this.timeout(300_000);
  provesOffers({
    'without app.py, the file in the instance folder': {
      files: { ...MIGRATIONS, 'pgx.py': application('"sqlite:///site.db"') },
      database: 'instance/site.db',
      command: 'flask --app pgx db upgrade head',
    },
    'FLASK_APP in .flaskenv, a factory, a class of settings': {
      files: { ...MIGRATIONS, ...FACTORY, '.flaskenv': 'FLASK_APP=start.py\n' },
      database: 'app.db',
      command: 'flask db upgrade head',
    },
    'a package whose factory is named with its arguments, and the instance folder': {
      files: {
        ...MIGRATIONS,
        ...FACTORY,
        'config.py': 'class Config:\n    SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"\n',
        '.flaskenv': 'FLASK_APP=shop:create_app()\n',
      },
      database: 'instance/site.db',
      command: 'flask db upgrade head',
    },
    'FLASK_APP of the terminal, in a folder below': {
      files: Object.fromEntries(Object.entries({ ...MIGRATIONS, ...FACTORY }).map(([path, text]) => [`web/${path}`, text])),
      variables: { FLASK_APP: 'start' },
      database: 'web/app.db',
      command: 'cd web && flask db upgrade head',
    },
    'a factory alone': {
      files: { ...MIGRATIONS, 'config.py': FACTORY['config.py'], 'shop/__init__.py': FACTORY['shop/__init__.py'] },
      database: 'app.db',
      command: /./,
    },
    'app.instance_path': {
      files: { ...MIGRATIONS, 'app.py': `import os\n${application('"sqlite:///" + os.path.join(app.instance_path, "site.db")')}` },
      database: 'instance/site.db',
      command: 'flask db upgrade head',
    },
  });
});
