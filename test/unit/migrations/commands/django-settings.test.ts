// Django's command is offered where the settings lead to the database, however they are split and whatever they ask the environment.
import assert from 'node:assert/strict';
import { withInstalledPython } from '../../../../src/engine/migrations/commands/launcher';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { emptyProject } from '../../../support/migrations-project';
import { newForEachTest } from '../../../support/stand-in';

describe('The command of a Django project', () => {
  const project = newForEachTest(emptyProject);

  function django(settings: Readonly<Record<string, string>>, named = 'site_.settings'): void {
    project.write('manage.py', `import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "${named}")\n`);
    project.write('site_/__init__.py', '');
    for (const [file, text] of Object.entries(settings)) {
      project.write(file, `import os\nBASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n${text}`);
    }
    project.write('shop/migrations/__init__.py', '');
    project.write('shop/migrations/0001_initial.py', 'class Migration:\n    dependencies = []\n');
    project.write('shop/migrations/0002_more.py', 'class Migration:\n    dependencies = [("shop", "0001_initial")]\n');
    project.sql(
      "CREATE TABLE django_migrations(id, app, name, applied); INSERT INTO django_migrations VALUES(1, 'shop', '0001_initial', '')",
    );
  }
  const answer = (): readonly [string | undefined, string | null | undefined] => {
    const { commands, commandProblem } = readSchemaState(project.folder());
    return [commands.apply, commandProblem];
  };
  const sqlite = (name: string): string => `{"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ${name}}}`;
  const OFFERED = [withInstalledPython('python manage.py migrate'), null] as const;

  it('knows the installed apps from the setting of that name, and from no other text of the settings', () => {
    django({
      'site_/settings.py': `INSTALLED_APPS = ["shop"]\nLOGGING = {"loggers": {"helper": {}}}\nDATABASES = ${sqlite('os.path.join(BASE, "app.db")')}\n`,
    });
    project.write('helper/migrations/__init__.py', '');
    project.write('helper/migrations/0001_index.py', 'class Migration:\n    dependencies = []\n');
    assert.deepEqual(
      readSchemaState(project.folder()).pending.map(({ revision }) => revision),
      ['shop.0002_more'],
    );
  });

  const TESTS: readonly string[] = [
    'if "SOME_APP_URL" in os.environ:',
    'if os.environ.get("SOME_APP_URL"):',
    "if os.getenv('SOME_APP_URL') is not None:",
  ];
  for (const test of TESTS) {
    it(`is offered where another database is for hosts only: ${test}`, () => {
      django({
        'site_/settings.py': `${test}\n    import dj_database_url\n    DATABASES = {"default": dj_database_url.config(env="SOME_APP_URL")}\nelse:\n    DATABASES = ${sqlite('os.path.join(BASE, os.environ.get("SOME_NAME", "app.db"))')}\n`,
      });
      assert.deepEqual(answer(), OFFERED);
    });
  }

  it('is not offered where the environment could not be told from the test', () => {
    django({
      'site_/settings.py': `if is_hosted():\n    DATABASES = configured()\nelse:\n    DATABASES = ${sqlite('os.path.join(BASE, "app.db")')}\n`,
    });
    const [command, problem] = answer();
    assert.equal(command, undefined);
    assert.match(problem ?? '', /compute the database/);
  });

  it('is not offered where the variable leads elsewhere', () => {
    project.write('.env', 'SOME_APP_URL=postgres://x/y\n');
    django({
      'site_/settings.py': `from dotenv import load_dotenv\nload_dotenv()\nif "SOME_APP_URL" not in os.environ:\n    DATABASES = ${sqlite('os.path.join(BASE, "app.db")')}\nelif x:\n    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "y"}}\n`,
    });
    const [command, problem] = answer();
    assert.equal(command, undefined);
    assert.match(problem ?? '', /postgres/i);
  });

  it('is offered where local settings overrule the host’s', () => {
    django({
      'site_/settings.py':
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "y"}}\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n',
      'site_/local_settings.py': `DATABASES = ${sqlite('os.path.join(BASE, "app.db")')}\n`,
    });
    assert.deepEqual(answer(), OFFERED);
  });

  it('is offered where the part that all settings share loads .env', () => {
    project.write('.env', 'SOME_APP_URL=sqlite:///app.db\n');
    django(
      {
        'site_/conf/base.py':
          'import environ\nenv = environ.Env()\nenviron.Env.read_env(".env")\nDATABASES = {"default": env.db("SOME_APP_URL")}\n',
        'site_/conf/local.py': 'from .base import *\n',
      },
      'site_.conf.local',
    );
    assert.deepEqual(answer(), OFFERED);
  });

  const shared = `DATABASES = ${sqlite('"base.db"')}\n`;
  it('is offered where one entry of what all settings share is given anew', () => {
    django({
      'site_/settings.py': 'from .base import *\nDATABASES["default"]["NAME"] = os.path.join(BASE, "app.db")\n',
      'site_/base.py': shared,
    });
    assert.deepEqual(answer(), OFFERED);
  });

  it('is not offered where what the settings import changes its own entries', () => {
    django({
      'site_/settings.py': 'from .base import *\n',
      'site_/base.py': `DATABASES = ${sqlite('"app.db"')}\nDATABASES["default"]["NAME"] = "other.db"\n`,
    });
    assert.equal(answer()[0], undefined);
  });

  it('names the settings for development where manage.py names none', () => {
    django({
      'site_/settings/base.py': 'SECRET_KEY = os.environ.get("SECRET_KEY")\nDATABASES = ' + sqlite('"app.db"') + '\n',
      'site_/settings/ci.py': 'from .base import *\n',
      'site_/settings/development.py': 'from .base import *\nSECRET_KEY = "x"\n',
    });
    project.write('manage.py', 'from django.core.management import execute_from_command_line\nexecute_from_command_line()\n');
    assert.deepEqual(answer(), [`${OFFERED[0]} --settings=site_.settings.development`, null]);
  });
});
