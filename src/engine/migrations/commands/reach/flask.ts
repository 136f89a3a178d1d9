// Which application `flask` would load in a folder, and where its database is.
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { filesOf, textOf } from '../../reading/folder-search';
import { filesOfCode } from '../../reading/named-env-files';
import type { ProjectFolder } from '../../tool';
import { LOADS_DOTENV } from './alembic';
import { fromObjects } from './flask-settings';
import { inNamedWorlds, nearest, withEnvFiles } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { PythonProject } from './python';
import { requiredMajor, requires } from './requirements';
import { agreed, INSTANCE_PATH, type PythonFile, textIn, type Value } from './values';
import { reachOfUrl } from './url';
import { said } from '../../../said';

const URI = 'SQLALCHEMY_DATABASE_URI';
const APPLICATION = /\bFlask\s*\(|\bdef\s+(?:create_app|make_app)\b/;
const NOT_FOUND = 'Flask does not find the application: there is no FLASK_APP, app.py or wsgi.py';

/** Where `flask db` runs: `folder` is that of the migrations. */
export interface FlaskStart {
  readonly folder: string;
  readonly project: ProjectFolder;
}

/** What `--app` must name where Flask would not find the application by itself; null: nothing that is known. */
export function applicationName({ folder, project }: FlaskStart): string | null {
  const written = withEnvFiles({ ...NOWHERE, folder }, envFilesOf(folder, project)).variable('FLASK_APP');
  if (written !== undefined && written !== '') {
    return written;
  }
  const candidates = filesOf(project).filter(
    (file) => isBelow(file, folder) && /\bMigrate\s*\(/.test(textOf(file) ?? '') && APPLICATION.test(textOf(file) ?? ''),
  );
  const [only] = candidates;
  return only === undefined || candidates.length > 1 ? null : moduleName(only, folder);
}

const NOWHERE: Place = { folder: '', variable: () => undefined, there: (file) => file, here: (path) => path };

/** `name`: what `--app` says; null: it is not given. `loads`: the launcher reads `.env`. */
export function reachOfFlask(start: FlaskStart, name: string | null, place: Place, loads: boolean): Reach {
  const { folder, project } = start;
  const files = envFilesOf(place.here(place.folder) ?? folder, project);
  // Flask itself reads them where python-dotenv is installed (https://flask.palletsprojects.com/cli/).
  const isLoaded = loads || requires('python-dotenv', folder, project);
  return inNamedWorlds(
    place,
    { named: filesOfCode(project, folder), usual: files },
    isLoaded || loadsItself(project) ? true : null,
    (world) => {
      const named = name ?? world.variable('FLASK_APP') ?? '';
      const file = named === '' ? standardFile(folder) : fileOf(named, start, world);
      return file === null ? unknownReach(NOT_FOUND) : databaseOf(file, start, world);
    },
  );
}

function envFilesOf(folder: string, { root }: ProjectFolder): string[] {
  return ['.env', '.flaskenv'].flatMap((name) => nearest(name, folder, root) ?? []);
}

function loadsItself(project: ProjectFolder): boolean {
  return pythonFiles(project).some((file) => (textOf(file) ?? '').includes(URI) && LOADS_DOTENV.test(textOf(file) ?? ''));
}

function standardFile(folder: string): string | null {
  const found = ['wsgi.py', 'app.py', join('wsgi', '__init__.py'), join('app', '__init__.py')]
    .map((name) => join(folder, name))
    .find((file) => existsSync(file));
  const text = found === undefined ? '' : (textOf(found) ?? '');
  return found !== undefined && (APPLICATION.test(text) || /\bapp\b/.test(text)) ? found : null;
}

/** `shop`, `shop:create_app()`, `web/start.py`. */
function fileOf(named: string, { folder, project }: FlaskStart, place: Place): string | null {
  const path = named.split(':', 1)[0]?.replace(/\.py$/, '') ?? '';
  return new PythonProject(place, [folder, project.root]).moduleFile(path.replaceAll('/', '.'), join(folder, 'x'));
}

function isBelow(file: string, folder: string): boolean {
  return file.endsWith('.py') && !relative(folder, file).startsWith('..') && !/(^|\/)tests?\//.test(relative(folder, file));
}

function moduleName(file: string, folder: string): string {
  const path = basename(file) === '__init__.py' ? dirname(file) : file.replace(/\.py$/, '');
  return relative(folder, path).split(/[\\/]/).join('.');
}

function pythonFiles(project: ProjectFolder): string[] {
  return filesOf(project).filter((file) => file.endsWith('.py'));
}

/** `sqlite:///name` counts from the instance folder since Flask-SQLAlchemy 3, and from the application's own before. */
function databaseOf(application: string, { folder, project }: FlaskStart, place: Place): Reach {
  const here = place.here(place.folder) ?? project.root;
  const python = new PythonProject(place, [here, project.root, dirname(application)]);
  const home = homeOf(application, folder, project);
  const instance = home === null ? null : place.there(join(topOf(home), 'instance'));
  python.options.set(INSTANCE_PATH, instance);
  const files = pythonFiles(project)
    .filter((file) => (textOf(file) ?? '').includes(URI) || isBelow(file, folder))
    .flatMap((file) => (/\bfrom_object\b/.test(textOf(file) ?? '') || (textOf(file) ?? '').includes(URI) ? (python.file(file) ?? []) : []));
  const values = urisOf(files, python.file(application), python);
  const text = values.length === 0 ? null : textIn(agreed(values));
  if (text === null) {
    return unknownReach(
      values.length === 0
        ? said`nothing here says what ${URI} is`
        : said`${URI} is computed in a way that only running the application could tell`,
    );
  }
  const isOld = (requiredMajor('flask-sqlalchemy', folder, project) ?? 3) < 3;
  const base = isOld && home !== null ? place.there(home) : instance;
  return base === null ? unknownReach('the instance folder is not known') : reachOfUrl(text, base);
}

/** The folder of the file that makes the application; null: several could, or it says where its folders are. */
function homeOf(application: string, folder: string, project: ProjectFolder): string | null {
  const makes = (file: string): boolean => /\bFlask\s*\(/.test(textOf(file) ?? '');
  const makers = makes(application) ? [application] : pythonFiles(project).filter((file) => isBelow(file, folder) && makes(file));
  const [home = null, ...others] = [...new Set(makers.map((file) => dirname(file)))];
  const isMoved = makers.some((file) => /\b(?:instance|root)_path\s*=/.test(textOf(file) ?? ''));
  return others.length > 0 || isMoved ? null : home;
}

/** The folder in which its outermost package lies. */
function topOf(folder: string): string {
  return existsSync(join(folder, '__init__.py')) && dirname(folder) !== folder ? topOf(dirname(folder)) : folder;
}

/** Of settings classes, the one that is taken; where that cannot be told, all of them. */
function urisOf(files: readonly PythonFile[], application: PythonFile | null, python: PythonProject): Value[] {
  const all = (isDeclared: boolean): Value[] => files.flatMap((file) => urisIn(file, python, isDeclared));
  const isOther = files.some(({ file }) => /\bfrom_(?:pyfile|envvar|prefixed_env|file)\b/.test(textOf(file) ?? ''));
  const chosen = application === null || isOther ? null : fromObjects(URI, files, application, python);
  return chosen === null ? all(true) : [chosen, ...all(false)];
}

/** `isDeclared`: with what modules and classes declare for whoever takes them. */
function urisIn(file: PythonFile, python: PythonProject, isDeclared: boolean): Value[] {
  return file.statements.flatMap(({ tokens, scope }): Value[] => {
    if (tokens[0]?.text === URI && !isDeclared) {
      return [];
    }
    if (tokens[0]?.text === URI) {
      const equals = tokens.findIndex((token) => token.text === '=' && token.depth === 0);
      return equals < 0 ? [] : [python.evaluate(tokens.slice(equals + 1), file, scope)];
    }
    return tokens.flatMap((token, index) => {
      if (token.value === URI && tokens[index + 1]?.text === ']' && tokens[index + 2]?.text === '=') {
        return [python.evaluate(tokens.slice(index + 3), file, scope)];
      }
      const isNamed = token.text === URI && tokens[index + 1]?.text === '=' && index > 0;
      if (isNamed || (token.value === URI && tokens[index + 1]?.text === ':')) {
        const rest = tokens.slice(index + 2);
        const end = rest.findIndex(
          (each) =>
            (each.text === ',' && each.depth === token.depth) ||
            each.depth < token.depth ||
            (/^[)}]$/.test(each.text) && each.depth === token.depth),
        );
        return [python.evaluate(rest.slice(0, end < 0 ? undefined : end), file, scope)];
      }
      return [];
    });
  });
}
