// Which application `flask` would load in a folder, and where its database is.
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { filesOf, textOf } from '../../reading/folder-search';
import type { ProjectFolder } from '../../tool';
import { nearest, withEnvFiles } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { PythonProject } from './python';
import { agreed, type PythonFile, textIn, type Value } from './values';
import { reachOfUrl } from './url';

export interface FlaskApplication {
  /** For `flask --app`; null: Flask finds it. */
  readonly name: string | null;
  /** Absolute. */
  readonly file: string;
}

const URI = 'SQLALCHEMY_DATABASE_URI';
const APPLICATION = /\bFlask\s*\(|\bdef\s+(?:create_app|make_app)\b/;

/** Flask loads `.env` and `.flaskenv` of the folder and those above it (https://flask.palletsprojects.com/cli/). */
export function withFlaskFiles(place: Place, root: string): Place {
  const here = place.here(place.folder);
  const files = here === null ? [] : ['.env', '.flaskenv'].flatMap((name) => nearest(name, here, root) ?? []);
  return withEnvFiles(place, files);
}

/** null: there is none, or several could be meant. */
export function applicationIn(folder: string, project: ProjectFolder, place: Place): FlaskApplication | null {
  const named = place.variable('FLASK_APP');
  if (named !== undefined && named !== '') {
    const path = named.split(':', 1)[0]?.replace(/\.py$/, '') ?? '';
    const file = new PythonProject(place, [folder, project.root]).moduleFile(path.replaceAll('/', '.'), join(folder, 'x'));
    return file === null ? null : { name: null, file };
  }
  const found = ['wsgi.py', 'app.py', join('wsgi', '__init__.py'), join('app', '__init__.py')]
    .map((name) => join(folder, name))
    .find((file) => existsSync(file));
  if (found !== undefined && (APPLICATION.test(textOf(found) ?? '') || /\bapp\b/.test(textOf(found) ?? ''))) {
    return { name: null, file: found };
  }
  const candidates = filesOf(project).filter(
    (file) => isBelow(file, folder) && /\bMigrate\s*\(/.test(textOf(file) ?? '') && APPLICATION.test(textOf(file) ?? ''),
  );
  const [only] = candidates;
  return only === undefined || candidates.length > 1 ? null : { name: moduleName(only, folder), file: only };
}

function isBelow(file: string, folder: string): boolean {
  return file.endsWith('.py') && !relative(folder, file).startsWith('..') && !/(^|\/)tests?\//.test(relative(folder, file));
}

function moduleName(file: string, folder: string): string {
  const path = basename(file) === '__init__.py' ? dirname(file) : file.replace(/\.py$/, '');
  return relative(folder, path).split(/[\\/]/).join('.');
}

/** `sqlite:///name` counts from the instance folder beside the application, as since Flask-SQLAlchemy 3. */
export function reachOfFlask(application: FlaskApplication, project: ProjectFolder, place: Place): Reach {
  const here = place.here(place.folder) ?? project.root;
  const python = new PythonProject(place, [here, project.root, dirname(application.file)]);
  const values = filesOf(project)
    .filter((file) => file.endsWith('.py') && (textOf(file) ?? '').includes(URI))
    .flatMap((file) => python.file(file) ?? [])
    .flatMap((file) => urisIn(file, python));
  const text = values.length === 0 ? null : textIn(agreed(values));
  if (text === null) {
    return unknownReach(
      values.length === 0 ? `nothing here says what ${URI} is` : `${URI} is computed in a way that only running the application could tell`,
    );
  }
  const package_ = basename(application.file) === '__init__.py' ? dirname(dirname(application.file)) : dirname(application.file);
  const instance = place.there(join(package_, 'instance'));
  return instance === null ? unknownReach('the instance folder is not known') : reachOfUrl(text, instance);
}

function urisIn(file: PythonFile, python: PythonProject): Value[] {
  return file.statements.flatMap(({ tokens, scope }): Value[] => {
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
