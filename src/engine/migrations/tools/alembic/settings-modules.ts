// Databases that a Python application names in code: SQLAlchemy URLs, Flask's settings, pydantic's settings classes, plain paths.
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { evaluateAt, surroundings } from '../../reading/python/evaluate';
import { attribute, lookUp } from '../../reading/python/names';
import { moduleOf, type Module, type Scope } from '../../reading/python/scope';
import { Unknown, type Value } from '../../reading/python/values';
import { parseSqlitePath, parseSqliteUrl, placesOf } from '../../reading/sqlite-url';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { objectsOf } from './settings-objects';
import { said } from '../../../said';

const FILES =
  /^(?:\w*(?:config|settings)\w*|database|databases|db|session|models?|main|app|application|extensions|constants|base|engine|storage|store|__init__|run|server|api|manage|wsgi)\.py$/;
const FOLDERS = /^(?:config|configs|settings|db|database|core)$/;
const URL = /^_*(?:[a-z_]*_)?(?:ur[il]|dsn)$/i;
const DATABASE_URL =
  /^(?:sqlalchemy_(?:database_)?ur[il]|sqlalchemy_database_uri|(?:\w*_)?(?:database|db|sqlite|sql|sqla|engine)_?(?:ur[il]|dsn)|sqlalchemy\.url)$/i;
const FLASK = 'SQLALCHEMY_DATABASE_URI';
const PATH = /^_*(?:[a-z_]*_)?(?:db|database|sqlite)(?:_?(?:path|file|filename|file_name|filepath|name|location))?$/i;
const ENGINES = /^(?:create_engine|create_async_engine)$/;
/** Peewee's, which take a path. */
const FILES_OPENED = /^(?:Pooled|C)?(?:Sqlite|APSW|SqliteQueue|SqlCipher)(?:Ext)?Database$/;
const LITERAL = 'A URL';
const CONNECT = /^(?:connect)$/;
/** More modules than anybody keeps settings in. */
const MOST = 300;

/** Reads what can be evaluated; a database that only running the code could tell is "not understood". */
export function namedInPython(project: ProjectFolder): SourceAnswer {
  const files = settingsModules(project, /sqlite|database|create_(?:async_)?engine/i);
  const answers: Found[] = [];
  for (const file of files) {
    answers.push(namedIn(moduleOf(project, file), file, project));
    if (answers.reduce((sum, { named }) => sum + named.length, 0) >= MOST_NAMED) {
      break;
    }
  }
  return {
    named: answers.flatMap(({ named }) => named),
    remarks: [],
    notUnderstood: answers.flatMap(({ notUnderstood }) => notUnderstood),
  };
}

/** The project's own modules in which settings usually stand, or with `others` in their path, of those that say this word. */
export function settingsModules(project: ProjectFolder, word: RegExp, others?: RegExp): readonly string[] {
  const look = lookOf(project);
  const isFit = (file: string): boolean =>
    FILES.test(basename(file)) || FOLDERS.test(basename(dirname(file))) || others?.test(file.slice(project.root.length)) === true;
  return look.files
    .filter((file) => file.endsWith('.py') && isFit(file))
    .filter((file) => !isLibrary(file, project.root) && word.test(look.text(file) ?? ''))
    .slice(0, MOST);
}

/** Beside the outermost package of the file. */
function instanceOf(file: string): string {
  let folder = dirname(file);
  while (existsSync(join(folder, '__init__.py')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return join(folder, 'instance');
}

interface Found {
  readonly named: NamedDatabase[];
  readonly notUnderstood: NotUnderstood[];
}

function namedIn(module: Module | null, file: string, project: ProjectFolder): Found {
  const found: Found = { named: [], notUnderstood: [] };
  if (module === null) {
    return found;
  }
  const around = surroundings(project, dirname(file));
  const path = relative(project.root, file).replaceAll('\\', '/');
  const fieldOf = (scope: Scope, name: string): Value[] =>
    objectsOf(scope, project, around).map((object) => attribute(object, name, around, 0));
  const add = (name: string, value: Value, scope: Scope, isUrl: boolean, line: number): void => {
    if (found.named.length + found.notUnderstood.length >= MOST_NAMED) {
      return;
    }
    const isTest = isAside(path) || /test/i.test(scope.name) || /test/i.test(name);
    const isProven = DATABASE_URL.test(name) || ENGINES.test(name) || FILES_OPENED.test(name);
    const isKnown = name === LITERAL && found.named.some(({ written }) => typeof value === 'string' && value.endsWith(written));
    if (isKnown) {
      return;
    }
    const rank = isTest ? 2 : isProven && !/prod/i.test(scope.name) ? 0 : 1;
    const from = `${name} in ${path}`;
    if (value instanceof Unknown) {
      if (rank < 2 && value.source !== '') {
        found.notUnderstood.push({ from: said`${from}, line ${line}`, written: value.source, tail: '', isFirm: true });
      } else if (rank === 0 && value.tail !== '' && /\.\w+$/.test(value.tail)) {
        found.notUnderstood.push({ from: said`${from}, line ${line}`, written: `...${value.tail}`, tail: value.tail });
      }
      return;
    }
    const location =
      typeof value !== 'string'
        ? null
        : isUrl || /^(?:sqlite|file:)/i.test(value)
          ? parseSqliteUrl(value)
          : isFileName(value)
            ? parseSqlitePath(value)
            : null;
    if (location?.kind === 'file') {
      const places = placesOf(location.path, dirname(file), project.root);
      // Flask-SQLAlchemy counts from the instance folder.
      const first = name === FLASK ? places.filter((place) => place === join(instanceOf(file), location.path)) : [];
      found.named.push({ from, written: location.path, places: [...new Set([...first, ...places])], rank });
    }
  };
  for (const { tokens, scope } of module.statements) {
    const [first, second] = tokens;
    if (first?.kind === 'name' && (second?.text === '=' || second?.text === ':') && isName(first.text)) {
      const values = scope.kind === 'class' ? fieldOf(scope, first.text) : [lookUp(first.text, scope, around) ?? null];
      for (const value of values) {
        add(first.text, value, scope, URL.test(first.text), first.line);
      }
      if (values.every((value) => typeof value === 'string')) {
        continue;
      }
    }
    for (const [index, token] of tokens.entries()) {
      const name = token.value ?? (token.kind === 'name' ? token.text : '');
      const next = tokens[index + 1]?.text;
      const isCall = token.kind === 'name' && next === '(' && (ENGINES.test(name) || FILES_OPENED.test(name) || CONNECT.test(name));
      const afterKey =
        token.kind === 'string' && next === ']' && tokens[index + 2]?.text === '='
          ? 3
          : index > 0 && (next === '=' || next === ':')
            ? 2
            : 0;
      if (isCall || (afterKey > 0 && isName(name))) {
        const { value } = evaluateAt(tokens, index + (isCall ? 2 : afterKey), scope, around);
        add(name, value, scope, isCall ? ENGINES.test(name) : URL.test(name), token.line);
      } else if (/^sqlite3?:\/\//.test(token.value ?? '') && token.value !== null && index > 0) {
        // Whatever the code calls it: Tortoise's connections, databases.Database("sqlite://...").
        // A field's default is what counts where nothing else is known to.
        const isField = first?.kind === 'name' && second?.text === ':' && scope.kind === 'class';
        const values = isField ? fieldOf(scope, first.text) : [];
        for (const value of values) {
          add(LITERAL, value, scope, true, token.line);
        }
        if (values.length === 0 || values.some((value) => typeof value !== 'string')) {
          add(LITERAL, token.value, scope, true, token.line);
        }
      }
    }
  }
  return found;
}

function isName(name: string): boolean {
  return DATABASE_URL.test(name) || PATH.test(name) || (URL.test(name) && /ur[il]/i.test(name));
}

function isFileName(value: string): boolean {
  return /^[^:]*\.(?:db|db3|sqlite|sqlite3|s3db)$/i.test(value);
}
