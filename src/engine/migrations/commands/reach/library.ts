// What libraries make of values: paths, variables of the environment, settings, URLs.
import { posix } from 'node:path';
import { parseEnvFile } from '../../../compose/env-file';
import { textOf } from '../../reading/folder-search';
import { joinedPath, type Modules, NONE, textIn, textValue, UNKNOWN, type Value } from './values';

/** A call of something of a library; `named`: the arguments by name. */
export function libraryValue(name: string, list: readonly Value[], named: ReadonlyMap<string, Value>, project: Modules): Value {
  const variableOf = (key: string | null): string | undefined => (key === null ? undefined : project.place.variable(key));
  const [first = NONE] = list;
  const texts = list.map(textIn);
  const whole = texts.every((text) => text !== null) ? texts : null;
  const [only = ''] = whole ?? [];
  const asked = textIn(named.get('env') ?? first);
  if (asked !== null && project.changed.has(asked)) {
    return UNKNOWN;
  }
  const cwd = project.place.folder;
  if (/(?:^|\.)(?:getenv|environ\.get)$|^decouple\.config$|^(?:environ|environs)\.Env\.(?:str|bool|__call__)$|\.Config\(\)$/.test(name)) {
    const variable = variableOf(textIn(first));
    const cast = named.get('cast');
    return variable === undefined
      ? (list[1] ?? named.get('default') ?? NONE)
      : /\.bool$/.test(name) || (cast?.kind === 'library' && cast.name === 'bool')
        ? { kind: 'other', value: /^(?:1|true|yes|y|on|t)$/i.test(variable) }
        : textValue(variable);
  }
  // An object that is called like decouple's `config`.
  if (/^starlette\.config\.Config$|^decouple\.(?:Config|AutoConfig)$/.test(name)) {
    return { kind: 'library', name: `${name}()` };
  }
  if (/^sqlalchemy\.(?:engine\.(?:url\.)?)?URL\.create$/.test(name)) {
    const [driver, path] = [named.get('drivername') ?? first, named.get('database') ?? NONE].map(textIn);
    return typeof driver === 'string' && typeof path === 'string' && list.length <= 1 ? textValue(`${driver}:///${path}`) : UNKNOWN;
  }
  if (/\.get_main_option$|\.get_section_option$/.test(name)) {
    const text = project.options.get(texts.at(-1) ?? '') ?? null;
    return text === null ? (list[1] ?? NONE) : textValue(text);
  }
  // `alembic -x`: nobody gives any.
  if (/\.get_x_argument$/.test(name)) {
    return { kind: 'dictionary', entries: [] };
  }
  if (/\.get_section$/.test(name)) {
    return {
      kind: 'dictionary',
      entries: [...project.options].flatMap(([key, text]) => (text === null ? [] : [[key, textValue(text)] as const])),
    };
  }
  if (/(?:^|\.)create_(?:async_)?engine$/.test(name)) {
    return named.get('url') ?? first;
  }
  if (/^(?:environ|environs)\.Env(?:\.(?:str|db|path|db_url|dj_db_url))?$/.test(name)) {
    const key = textIn(first) ?? (/\.db$/.test(name) ? 'DATABASE_URL' : null);
    const variable = variableOf(key);
    return key === null
      ? named.has('prefix')
        ? UNKNOWN
        : { kind: 'library', name }
      : variable === undefined
        ? (list[1] ?? named.get('default') ?? UNKNOWN)
        : textValue(variable);
  }
  switch (name) {
    case 'flask.Flask':
      return { kind: 'library', name };
    case 'str':
    case 'os.fspath':
      return textIn(first) === null ? UNKNOWN : textValue(textIn(first) ?? '');
    case 'dict':
      return { kind: 'dictionary', entries: [...named] };
    case 'int':
      return /^\d{1,9}$/.test(textIn(first) ?? '')
        ? { kind: 'other', value: Number(textIn(first)) }
        : first.kind === 'other'
          ? first
          : UNKNOWN;
    case 'bool': {
      const truth = truthOf(first);
      return truth === null ? UNKNOWN : { kind: 'other', value: truth };
    }
    case 'dotenv.dotenv_values': {
      const path = project.place.here(posix.resolve(cwd, only));
      return whole?.length !== 1 || path === null
        ? UNKNOWN
        : { kind: 'dictionary', entries: [...variablesIn(path)].map(([key, text]) => [key, textValue(text)] as const) };
    }
    case 'pathlib.Path':
    case 'pathlib.PurePath':
      return whole === null ? UNKNOWN : { kind: 'path', text: whole.length === 0 ? '.' : joinedPath(whole) };
    case 'pathlib.Path.cwd':
      return { kind: 'path', text: cwd };
    case 'os.getcwd':
      return textValue(cwd);
    case 'os.path.join':
      return whole === null ? UNKNOWN : textValue(joinedPath(whole));
    case 'os.path.dirname':
      return whole === null ? UNKNOWN : textValue(posix.dirname(only));
    case 'os.path.abspath':
    case 'os.path.realpath':
      return whole === null ? UNKNOWN : textValue(posix.resolve(cwd, only));
    case 'os.path.normpath':
      return whole === null ? UNKNOWN : textValue(posix.normalize(only));
    case 'dj_database_url.config': {
      const variable = variableOf(textIn(named.get('env') ?? first) ?? 'DATABASE_URL');
      return variable === undefined ? (named.get('default') ?? NONE) : textValue(variable);
    }
    case 'dj_database_url.parse':
    case 'sqlalchemy.engine.make_url':
    case 'sqlalchemy.engine.url.make_url':
    case 'sqlalchemy.make_url':
      return first;
    case 'pydantic.Field':
    case 'pydantic_settings.Field':
      return named.get('default') ?? (list.length > 0 ? first : UNKNOWN);
    default:
      return UNKNOWN;
  }
}

/** What a field of pydantic's settings is called in the environment, and where it is found there; null: only running the code could tell. */
export function settingsVariable(project: Modules, option: (name: string) => string | null, field: string): string | null | undefined {
  const name = `${option('env_prefix') ?? ''}${field}`;
  const names = [name, name.toUpperCase(), name.toLowerCase()];
  if (names.some((each) => project.changed.has(each))) {
    return null;
  }
  const envFile = option('env_file');
  const path = envFile === null ? null : project.place.here(posix.resolve(project.place.folder, envFile));
  const written = path === null ? new Map<string, string>() : variablesIn(path);
  return names.map((each) => project.place.variable(each) ?? written.get(each)).find((value) => value !== undefined);
}

function variablesIn(path: string): ReadonlyMap<string, string> {
  try {
    return parseEnvFile(textOf(path) ?? '', () => undefined);
  } catch {
    return new Map();
  }
}

export function truthOf(value: Value): boolean | null {
  switch (value.kind) {
    case 'text':
      return value.text !== '';
    case 'none':
      return false;
    case 'other':
      return Boolean(value.value);
    case 'list':
    case 'path':
      return true;
    case 'dictionary':
    case 'module':
    case 'scope':
    case 'library':
    case 'unknown':
      return null;
  }
}

/** `a == b`, `a in b`, `a is not None`: as far as both are plain. */
export function compared(one: Value, operator: string, other: Value): Value {
  const isPlain = (value: Value): boolean => value.kind === 'text' || value.kind === 'none' || value.kind === 'other';
  const isNot = /^!|not/.test(operator);
  if (/in$/.test(operator)) {
    return other.kind === 'list' && isPlain(one) && other.items.every(isPlain)
      ? { kind: 'other', value: other.items.some((item) => isSame(item, one)) !== isNot }
      : UNKNOWN;
  }
  return isPlain(one) && isPlain(other) ? { kind: 'other', value: isSame(one, other) !== isNot } : UNKNOWN;
}

export function isSame(one: Value, other: Value): boolean {
  return one.kind !== 'unknown' && JSON.stringify(one) === JSON.stringify(other);
}

export function parentOf(path: string): Value {
  return { kind: 'path', text: posix.dirname(path) };
}

/** `"sqlite:///%s" % path`. */
export function formatted(template: string | null, value: Value): Value {
  const given = (value.kind === 'list' ? value.items : [value]).map(textIn);
  let at = 0;
  const text = template?.replace(/%s/g, () => given[at++] ?? '\0') ?? '\0';
  return text.includes('\0') || at !== given.length || /%[^%]/.test(text) ? UNKNOWN : textValue(text);
}

export function pathMethod(path: string, name: string, list: readonly (string | null)[], folder: string): Value {
  const parts = list.every((part) => part !== null) ? (list as string[]) : null;
  switch (name) {
    case 'resolve':
    case 'absolute':
      return { kind: 'path', text: posix.resolve(folder, path) };
    case 'joinpath':
      return parts === null ? UNKNOWN : { kind: 'path', text: joinedPath([path, ...parts]) };
    case 'as_posix':
    case '__str__':
      return textValue(path);
    default:
      return UNKNOWN;
  }
}

export function textMethod(text: string, name: string, list: readonly (string | null)[]): Value {
  const [first, second] = list;
  switch (name) {
    case 'replace':
      return typeof first === 'string' && typeof second === 'string' ? textValue(text.split(first).join(second)) : UNKNOWN;
    case 'strip':
      return textValue(text.trim());
    case 'render_as_string':
      return textValue(text);
    case 'lower':
      return textValue(text.toLowerCase());
    case 'upper':
      return textValue(text.toUpperCase());
    case 'format': {
      let at = 0;
      const filled = text.replace(/\{\}/g, () => list[at++] ?? '\0');
      return /[\0{}]/.test(filled) ? UNKNOWN : textValue(filled);
    }
    default:
      return UNKNOWN;
  }
}
