// The commands that Flask applications are offered, run with the real Flask-Migrate.
import { EMPTY, provesOffers } from '../../support/offered-command';
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

const CLASSES =
  'import os\nbasedir = os.path.abspath(os.path.dirname(__file__))\nclass Config:\n    SECRET_KEY = "x"\n' +
  'class Development(Config):\n    SQLALCHEMY_DATABASE_URI = os.environ.get("DEV_DATABASE_URL") or "sqlite:///" + os.path.join(basedir, "dev.db")\n' +
  'class Local(Config):\n    SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(basedir, "local.db")\n' +
  'config = {"local": Local, "default": Development}\n';

describe('The command that a Flask application is offered, run with the real Flask-Migrate,', function () {
  this.timeout(300_000);
  provesOffers({
    'without app.py, the file in the instance folder': {
      files: { ...MIGRATIONS, 'pgx.py': application('"sqlite:///site.db"') },
      database: 'instance/site.db',
      exists: EMPTY,
      command: 'flask --app pgx db upgrade head',
    },
    'FLASK_APP in .flaskenv, which python-dotenv loads; by the Makefile': {
      files: {
        ...MIGRATIONS,
        ...FACTORY,
        '.flaskenv': 'FLASK_APP=start.py\n',
        'requirements.txt': 'flask\npython-dotenv==1.0\n',
        Makefile: 'migrate:\n\tflask db upgrade\n',
      },
      database: 'app.db',
      command: 'make migrate',
    },
    'FLASK_APP in .flaskenv, which perhaps nothing loads; a factory with arguments': {
      files: {
        ...MIGRATIONS,
        ...FACTORY,
        'config.py': 'class Config:\n    SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"\n',
        '.flaskenv': 'FLASK_APP=shop:create_app()\n',
      },
      database: 'instance/site.db',
      command: 'flask --app "shop:create_app()" db upgrade head',
    },
    'FLASK_APP of the terminal, in a folder below': {
      files: Object.fromEntries(Object.entries({ ...MIGRATIONS, ...FACTORY }).map(([path, text]) => [`web/${path}`, text])),
      variables: { FLASK_APP: 'start' },
      database: 'web/app.db',
      command: 'cd web && flask db upgrade head',
    },
    'a factory alone, and app.instance_path': {
      files: {
        ...MIGRATIONS,
        'shop/__init__.py': `import os\n${FACTORY['shop/__init__.py'].replace('from config import Config', 'Config = object').replace('from_object(config)', 'from_mapping(SQLALCHEMY_DATABASE_URI=f"sqlite:///{os.path.join(app.instance_path, \'site.db\')}")')}`,
      },
      database: 'instance/site.db',
      exists: EMPTY,
      command: 'flask --app shop db upgrade head',
    },
    'a class that the environment chooses, with a default; a factory that is told its name': {
      files: {
        ...MIGRATIONS,
        'config.py': CLASSES,
        'shop/__init__.py': FACTORY['shop/__init__.py']
          .replace('import Config', 'import config')
          .replace('config=Config', 'config_name')
          .replace('from_object(config)', 'from_object(config[config_name])'),
        'shopping.py': 'import os\nfrom shop import create_app\napp = create_app(os.getenv("SHOP_CONFIG") or "default")\n',
        '.flaskenv': 'FLASK_APP=shopping.py\n',
      },
      database: 'dev.db',
      command: 'flask --app shopping.py db upgrade head',
    },
    'a class of which its factory has the text': {
      files: {
        ...MIGRATIONS,
        'config.py': CLASSES,
        'shop/__init__.py': FACTORY['shop/__init__.py']
          .replace('config=Config', 'name="config.Local"')
          .replace('from_object(config)', 'from_object(name)'),
      },
      database: 'local.db',
      exists: EMPTY,
      command: 'flask --app shop db upgrade head',
    },
    'a database that .env names, which perhaps nothing loads': {
      files: { ...MIGRATIONS, ...FACTORY, '.env': 'DATABASE_URL=sqlite:///shop.db\n', 'app.py': FACTORY['start.py'] },
      database: 'instance/shop.db',
      exists: EMPTY,
      command: /depends on a \.env file/,
    },
  });
});
