// The commands that Django projects are offered, run with the real Django.
import { EMPTY, provesOffers, PYTHON } from '../../support/offered-command';

const migration = (after: string): string =>
  `from django.db import migrations, models\nclass Migration(migrations.Migration):\n    dependencies = [${after}]\n    operations = [${after === '' ? "migrations.CreateModel('Item', [('id', models.AutoField(primary_key=True))])" : "migrations.AddField('item', 'n', models.IntegerField(default=0))"}]\n`;
const MANAGE =
  'import os, sys\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n';
const databases = (name: string): string => `DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ${name}}}\n`;
const BASE =
  'from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent\nSECRET_KEY = "x"\nINSTALLED_APPS = ["shop"]\nDEFAULT_AUTO_FIELD = "django.db.models.AutoField"\n';
const django = (settings: Readonly<Record<string, string>>, manage = MANAGE): Record<string, string> => ({
  'manage.py': manage,
  'site_/__init__.py': '',
  ...settings,
  'shop/__init__.py': '',
  'shop/migrations/__init__.py': '',
  'shop/migrations/0001_initial.py': migration(''),
  'shop/migrations/0002_more.py': migration("('shop', '0001_initial')"),
});
const one = (name: string): Record<string, string> => django({ 'site_/settings.py': BASE + databases(name) });
/** Settings for development and production beside each other; production is the default. */
const split = (manage: string): Record<string, string> =>
  django(
    {
      'site_/settings/__init__.py': '',
      'site_/settings/base.py': BASE.replace('.parent.parent', '.parent.parent.parent'),
      'site_/settings/dev.py': `from .base import *\n${databases('BASE_DIR / "dev.sqlite3"')}`,
      'site_/settings/production.py': `from .base import *\n${databases('BASE_DIR / "production.sqlite3"')}`,
    },
    manage,
  );
const DEFAULT = MANAGE.replace('site_.settings', 'site_.settings.production');
/** What python-dotenv does, as far as this project needs it. */
const LOADS = `import os\ndef load_dotenv():\n    for line in open(".env"):\n        name, value = line.strip().split("=", 1)\n        os.environ.setdefault(name, value)\nload_dotenv()\n${DEFAULT}`;
const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

describe('The command that a Django project is offered, run with the real Django,', function () {
  this.timeout(300_000);
  provesOffers({
    'in the root': { files: one('BASE_DIR / "db.sqlite3"'), database: 'db.sqlite3', command: `${PYTHON} manage.py migrate` },
    'below, its path relative to the root': {
      files: below('web', one('"data.sqlite3"')),
      database: 'data.sqlite3',
      exists: EMPTY,
      command: `${PYTHON} web/manage.py migrate`,
    },
    'below, settings chosen by a variable of the terminal': {
      files: below('web', split(DEFAULT)),
      variables: { DJANGO_SETTINGS_MODULE: 'site_.settings.dev' },
      database: 'web/dev.sqlite3',
      exists:
        "CREATE TABLE django_migrations(id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT); INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01 00:00:00'); CREATE TABLE shop_item(id INTEGER PRIMARY KEY)",
      command: `cd web && ${PYTHON} manage.py migrate`,
    },
    'settings that change an entry of what they import, and ask themselves': {
      files: django({
        'site_/settings.py':
          'import os\nfrom .base import *\nDEBUG = os.environ.get("SITE_DEBUG", "yes").lower() in ("1", "yes")\nif DEBUG:\n    DATABASES["default"]["NAME"] = BASE_DIR / "dev.sqlite3"\n',
        'site_/base.py': BASE + databases('BASE_DIR / "base.sqlite3"'),
      }),
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate`,
    },
    'settings that are other ones in production': {
      files: django({
        'site_/settings.py': `import os\n${BASE}if os.environ.get("SITE_STAGE") == "production":\n    ${databases('BASE_DIR / "production.sqlite3"')}else:\n    ${databases('BASE_DIR / "dev.sqlite3"')}`,
      }),
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate`,
    },
    'settings chosen by .env, which manage.py loads': {
      files: { ...split(LOADS), '.env': 'DJANGO_SETTINGS_MODULE=site_.settings.dev\n' },
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate`,
    },
    'settings chosen by .env, which nothing loads: the command names them': {
      files: { ...split(DEFAULT), '.env': 'DJANGO_SETTINGS_MODULE=site_.settings.dev\n' },
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate --settings=site_.settings.dev`,
    },
    'settings chosen by a variable with a default': {
      files: split(MANAGE.replace('"site_.settings"', "f\"site_.settings.{os.getenv('STAGE', 'dev')}\"")),
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate`,
    },
    'settings that manage.py sets whatever the terminal says': {
      files: split(
        MANAGE.replace(
          'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")',
          'os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings.dev"',
        ),
      ),
      variables: { DJANGO_SETTINGS_MODULE: 'site_.settings.production' },
      database: 'dev.sqlite3',
      command: `${PYTHON} manage.py migrate`,
    },
  });
});
