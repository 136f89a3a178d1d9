// Finding Alembic's scripts: every place and way in which projects configure it.
import assert from 'node:assert/strict';
import { dirname, relative } from 'node:path';
import { alembic } from '../../../../../src/engine/migrations/tools/alembic/alembic';
import { readSchemaState } from '../../../../../src/engine/migrations/state/state';
import { emptyProject, migration, rows, type AlembicProject } from '../../../../support/alembic-project';

describe('Alembic is found', () => {
  let project: AlembicProject;
  beforeEach(() => {
    project = emptyProject();
  });
  afterEach(() => {
    project.remove();
  });

  /** Writes an environment with one migration in each folder of versions. */
  function scripts(folder: string, versions: readonly string[] = [`${folder}/versions`], env = 'from alembic import context\n'): void {
    project.write(`${folder}/env.py`, env);
    project.write(`${folder}/script.py.mako`, '');
    for (const place of versions) {
      const revision = place.replaceAll(/\W/g, '');
      project.write(`${place}/${revision}.py`, migration(revision, 'base'));
    }
  }

  interface Found {
    readonly files: readonly string[];
    readonly folder: string;
    readonly show: string | undefined;
    readonly problems: readonly string[];
  }

  function found(): Found {
    const state = readSchemaState(project.folder());
    const history = alembic.history(project.folder());
    assert.ok(history !== null, 'Alembic was not recognised');
    return {
      files: history.migrations.map(({ file }) => relative(project.root, dirname(file))).sort(),
      folder: relative(project.root, history.folder),
      show: typed(alembic.commands({ state, history }).show, relative(project.root, history.folder)),
      problems: history.problems.map(({ message }) => message),
    };
  }

  /** Whether the command is offered is another question: nothing here says where the database is. */
  function typed(line: string | undefined, folder: string): string | undefined {
    return line === undefined || folder === '' ? line : `cd ${folder} && ${line}`;
  }

  it('through alembic.ini in the root', () => {
    scripts('alembic');
    project.write('alembic.ini', '[alembic]\nscript_location = alembic\n');
    assert.deepEqual(found(), { files: ['alembic/versions'], folder: '', show: 'alembic current', problems: [] });
  });

  it('through alembic.ini in a folder: the commands change to it', () => {
    scripts('services/api/migrations');
    project.write('services/api/alembic.ini', '[alembic]\nscript_location: migrations\n');
    assert.deepEqual(found(), {
      files: ['services/api/migrations/versions'],
      folder: 'services/api',
      show: 'cd services/api && alembic current',
      problems: [],
    });
  });

  it('through an ini file of another name or another section: the commands name them', () => {
    scripts('alembic');
    project.write('conf/migrations.ini', '[DEFAULT]\nbase = %(here)s/..\n[users]\nscript_location = %(base)s/alembic\n');
    assert.equal(found().show, 'cd conf && alembic -c migrations.ini -n users current');
  });

  it('where script_location is relative to the root, and not to the ini file', () => {
    scripts('backend/alembic');
    project.write('backend/alembic.ini', '[alembic]\nscript_location = backend/alembic\n');
    assert.deepEqual(found(), {
      files: ['backend/alembic/versions'],
      folder: '',
      show: 'alembic -c backend/alembic.ini current',
      problems: [],
    });
  });

  it('through %(here)s, %% and values over several lines', () => {
    scripts('db/100%');
    project.write('db/alembic.ini', '[alembic]\nscript_location =\n    %(here)s/100%%\n');
    assert.deepEqual(found().files, ['db/100%/versions']);
  });

  it('through package:path, below src too', () => {
    scripts('src/my/app/db/migrations');
    project.write('alembic.ini', '[alembic]\nscript_location = my.app:db:migrations\nprepend_sys_path = src\n');
    assert.deepEqual(found().files, ['src/my/app/db/migrations/versions']);
    project.write('alembic.ini', '[alembic]\nscript_location = my.app:db/migrations\n');
    assert.deepEqual(found().files, ['src/my/app/db/migrations/versions']);
  });

  it('through pyproject.toml alone', () => {
    scripts('db');
    project.write(
      'pyproject.toml',
      '[tool.alembic]\nscript_location = "%(here)s/db"\nversion_locations = [\n  "%(here)s/db/versions",\n  "%(here)s/more",\n]\n',
    );
    project.write('more/m1.py', migration('m1', 'base'));
    assert.deepEqual(found(), { files: ['db/versions', 'more'], folder: '', show: 'alembic current', problems: [] });
  });

  it('through pyproject.toml and alembic.ini: the ini file wins key by key', () => {
    scripts('db', ['db/versions', 'more']);
    project.write('pyproject.toml', '[tool.alembic]\nscript_location = "nowhere"\nversion_locations = ["db/versions", "more"]\n');
    project.write('alembic.ini', '[alembic]\nscript_location = db\n');
    assert.deepEqual(found().files, ['db/versions', 'more']);
  });

  it('and a pyproject.toml that is not TOML is a problem that hides nothing', () => {
    scripts('db');
    project.write('alembic.ini', '[alembic]\nscript_location = db\n');
    project.write('pyproject.toml', '[tool.alembic]\nscript_location = "db\n');
    const { files, problems } = found();
    assert.deepEqual(files, ['db/versions']);
    assert.deepEqual(problems, ['It is not valid TOML.']);
  });

  const SEPARATORS: readonly [string, string][] = [
    ['commas and spaces by default', 'version_locations = db/versions, more  extra\n'],
    ['space', 'version_locations = db/versions more extra\nversion_path_separator = space\n'],
    [
      'os, with the comment of the old template',
      'version_locations = db/versions:more:extra\nversion_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n',
    ],
    ['newline', 'version_locations =\n    db/versions\n    more\n    extra\npath_separator = newline\n'],
    [';', 'version_locations = db/versions;more;extra\npath_separator = ;\n'],
    [':', 'version_locations = db/versions:more:extra\npath_separator = :\n'],
    [
      'path_separator before version_path_separator',
      'version_locations = db/versions;more;extra\nversion_path_separator = :\npath_separator = ;\n',
    ],
  ];
  for (const [name, lines] of SEPARATORS) {
    it(`with several version locations, separated by ${name}`, () => {
      scripts('db', ['db/versions', 'more', 'extra']);
      project.write('alembic.ini', `[alembic]\nscript_location = db\n${lines}`);
      assert.deepEqual(found().files, ['db/versions', 'extra', 'more']);
    });
  }

  it('with version locations that replace the default folder', () => {
    scripts('db', ['db/versions', 'more']);
    project.write('alembic.ini', '[alembic]\nscript_location = db\nversion_locations = more, gone\n');
    const { files, problems } = found();
    assert.deepEqual(files, ['more']);
    assert.match(problems[0] ?? '', /folder gone of version_locations does not exist/);
  });

  it('with version locations in folders of folders, where they are recursive', () => {
    scripts('db', ['db/versions', 'db/versions/2024', 'db/versions/2024/may']);
    project.write('alembic.ini', '[alembic]\nscript_location = db\n');
    assert.deepEqual(found().files, ['db/versions']);
    project.write('alembic.ini', '[alembic]\nscript_location = db\nrecursive_version_locations = true\n');
    assert.deepEqual(found().files, ['db/versions', 'db/versions/2024', 'db/versions/2024/may']);
  });

  it('with version locations that env.py sets', () => {
    scripts('db', ['more'], 'from alembic import context\nconfig = context.config\nconfig.set_main_option("version_locations", "more")\n');
    project.write('alembic.ini', '[alembic]\nscript_location = db\n');
    assert.deepEqual(found().files, ['more']);
  });

  it('with a folder of versions for SQLite', () => {
    scripts('db', ['db/versions/sqlite', 'db/versions/postgres']);
    project.write('alembic.ini', '[alembic]\nscript_location = db\n');
    assert.deepEqual(found().files, ['db/versions/sqlite']);
  });

  it('through Flask-Migrate, whose ini file has no script_location', () => {
    scripts('web/migrations', ['web/migrations/versions'], 'from flask import current_app\nfrom alembic import context\n');
    project.write('web/migrations/alembic.ini', '[alembic]\n# file_template = %%(rev)s\n[loggers]\nkeys = root,flask_migrate\n');
    assert.deepEqual(found(), { files: ['web/migrations/versions'], folder: 'web', show: 'cd web && flask db current', problems: [] });
  });

  it('through Flask-Migrate in a folder of another name', () => {
    scripts('schema', ['schema/versions'], 'from flask import current_app\nfrom alembic import context\n');
    project.write('schema/alembic.ini', '[alembic]\n');
    assert.equal(found().show, 'flask db current -d schema');
  });

  it('through a template of an ini file, and without any configuration', () => {
    scripts('app/migrations');
    project.write('app/alembic.ini.template', '[alembic]\nscript_location = {{ location }}\n');
    assert.deepEqual(found(), { files: ['app/migrations/versions'], folder: 'app', show: 'cd app && alembic current', problems: [] });
  });

  it('not in virtual environments, packages and backups', () => {
    for (const folder of ['node_modules/x', '.venv/lib', 'lib/site-packages/x', 'env/lib/x', 'backups/one']) {
      scripts(`${folder}/alembic`);
      project.write(`${folder}/alembic.ini`, '[alembic]\nscript_location = alembic\n');
    }
    project.write('env/pyvenv.cfg', '');
    project.write('backups/one/backup_metadata.json', '{}');
    assert.equal(alembic.history(project.folder()), null);
  });

  it('as a problem where script_location leads nowhere', () => {
    const ini = project.write('alembic.ini', '[alembic]\nscript_location = gone\n');
    const state = readSchemaState(project.folder());
    assert.deepEqual(state.problems, [{ message: 'Its script_location leads to no folder here.', file: ini }]);
    project.sql(rows('a1'));
    assert.equal(readSchemaState(project.folder()).state, 'cannot-analyse');
  });

  describe('with several environments:', () => {
    it('the one whose URL names the database', () => {
      scripts('one/alembic');
      scripts('two/alembic');
      project.write('one/alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///other.db\n');
      project.write('two/alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///../app.db\n');
      assert.deepEqual(found().files, ['two/alembic/versions']);
    });

    it('the one that is nearest to the database', () => {
      scripts('one/alembic');
      scripts('two/alembic');
      project.write('one/alembic.ini', '[alembic]\nscript_location = alembic\n');
      project.write('two/alembic.ini', '[alembic]\nscript_location = alembic\n');
      const history = alembic.history({ root: project.root, database: `${project.root}/two/data/app.db` });
      assert.deepEqual(history?.folder, `${project.root}/two`);
    });

    it('the plain alembic.ini, where another configures the same migrations', () => {
      scripts('alembic');
      project.write('alembic-prod.ini', '[alembic]\nscript_location = alembic\n');
      project.write('alembic.ini', '[alembic]\nscript_location = alembic\n');
      assert.equal(found().show, 'alembic current');
    });

    it('all of them, where each keeps a version table of its own in one database', () => {
      scripts('users', ['users/versions'], 'from alembic import context\ncontext.configure(version_table="users_version")\n');
      scripts('shop', ['shop/versions'], 'from alembic import context\nTABLE = "shop_version"\ncontext.configure(version_table=TABLE)\n');
      project.write(
        'alembic.ini',
        '[DEFAULT]\nsqlalchemy.url = sqlite:///app.db\n[alembic]\nscript_location = users\n[shop]\nscript_location = shop\n',
      );
      project.sql(
        "CREATE TABLE users_version (version_num TEXT); INSERT INTO users_version VALUES ('usersversions'); CREATE TABLE shop_version (version_num TEXT);",
      );
      const state = readSchemaState(project.folder());
      assert.equal(state.state, 'behind');
      assert.deepEqual([...state.heads].sort(), ['shopversions', 'usersversions']);
      assert.deepEqual(
        state.pending.map(({ revision }) => revision),
        ['shopversions'],
      );
      assert.equal(state.commands.apply, 'alembic upgrade head && alembic -n shop upgrade head');
    });
  });
});
