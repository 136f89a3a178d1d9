// The functions of Python and of its frameworks that say where something lies: paths, the environment, settings with a default.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { homedir } from 'node:os';
import { Dotted, format, isKnown, joinPaths, LONGEST_STRING, Unknown, type Arguments, type Surroundings, type Value } from './values';

/** Functions that give a path back as it is. */
const SAME =
  /(?:^|\.)(?:str|Path|PosixPath|PurePath|PurePosixPath|abspath|realpath|normpath|fspath|expandvars|normcase|make_url|URL|SecretStr|root|to_absolute|unquote|cast)$/;
/** Functions that read the environment: a name, and what counts where it is not set. */
const ENVIRONMENT =
  /(?:^|\.)(?:getenv|get_env|environ\.get|env|environ|env_?str|config|env\.(?:str|url|path)|env_config|getenv_str|get_env_value|Config)$/;
/** The same for a database's URL, answered as Django wants it. */
const DATABASE = /(?:^|\.)(?:env\.(?:db|db_url|dj_db_url)|dj_database_url\.(?:config|parse)|db_url|dj_db_url)$/;
const DEFAULTS = ['default', 'default_factory', 'fallback', 'default_value'];

/** What a function that is not the project's own answers. */
export function call(name: string, args: Arguments, around: Surroundings): Value {
  const [first] = args.list;
  if (/(?:^|\.)(?:path\.join|joinpath|safe_join)$/.test(name)) {
    return joinPaths(args.list);
  }
  if (/(?:^|\.)dirname$/.test(name)) {
    return typeof first === 'string' ? dirname(first) : new Unknown();
  }
  if (/(?:^|\.)(?:getcwd|Path\.cwd|cwd)$/.test(name)) {
    return '.';
  }
  if (/(?:^|\.)(?:Path\.home|expanduser)$/.test(name)) {
    return first === undefined ? homedir() : typeof first === 'string' ? first.replace(/^~(?=\/|$)/, homedir()) : new Unknown();
  }
  if (DATABASE.test(name)) {
    return databaseOf(name.endsWith('parse') ? (first ?? new Unknown()) : fromEnvironment(args, around, 'DATABASE_URL'));
  }
  if (/^(?:starlette|decouple)\..*Config$/.test(name)) {
    return new Dotted('env');
  }
  if (ENVIRONMENT.test(name)) {
    return fromEnvironment(args, around);
  }
  if (/(?:^|\.)dotenv_values$/.test(name)) {
    return around.variables;
  }
  if (/(?:^|\.)(?:Field|field|mapped_column|Setting)$/.test(name)) {
    return args.named.get('default') ?? args.named.get('default_factory') ?? first ?? new Unknown();
  }
  if (/(?:^|\.)URL\.create$/.test(name)) {
    const driver = args.named.get('drivername') ?? first;
    const database = args.named.get('database');
    return typeof driver === 'string' && typeof database === 'string' ? `${driver}:///${database}` : new Unknown();
  }
  if (/(?:^|\.)(?:dict|OrderedDict|SettingsConfigDict|ConfigDict)$/.test(name)) {
    return args.named;
  }
  if (/(?:^|\.)(?:list|tuple|set|sorted)$/.test(name)) {
    return Array.isArray(first) ? first : [];
  }
  if (/(?:^|\.)(?:Env|FileAwareEnv|AutoConfig)$/.test(name)) {
    const prefix = args.named.get('prefix');
    return new Dotted('env', typeof prefix === 'string' ? prefix : '');
  }
  // `alembic -x key=value`: nobody gives any.
  if (/(?:^|\.)get_x_argument$/.test(name)) {
    return new Map<string, Value>();
  }
  if (/(?:^|\.)find_dotenv$/.test(name)) {
    return first ?? '.env';
  }
  if (SAME.test(name)) {
    return args.list.length > 1 && /Path$/.test(name) ? joinPaths(args.list) : (first ?? (/Path$/.test(name) ? '.' : new Unknown()));
  }
  return new Unknown();
}

/** What an object's own function answers; undefined: it is not known here. */
export function method(object: Value, name: string, args: Arguments, around: Surroundings): Value | undefined {
  if (object instanceof Dotted) {
    return undefined;
  }
  if (object instanceof Map && name === 'get') {
    const value = object.get(typeof args.list[0] === 'string' ? args.list[0] : '') as Value | undefined;
    return value ?? args.list[1] ?? null;
  }
  if (typeof object !== 'string') {
    return object instanceof Unknown
      ? new Unknown(name === 'joinpath' ? (joinPaths([object, ...args.list]) as Unknown).tail : object.tail, object.source)
      : undefined;
  }
  switch (name) {
    case 'joinpath':
    case '__truediv__':
    case 'path':
      return joinPaths([object, ...args.list]);
    case 'format':
      return format(object, args);
    case 'expanduser':
      return call('expanduser', { list: [object], named: new Map() }, around);
    case 'with_name':
      return joinPaths([dirname(object), ...args.list]);
    case 'with_suffix':
      return typeof args.list[0] === 'string' ? object.replace(/(?<=[^/])\.[^./]*$/, '') + args.list[0] : new Unknown();
    case 'resolve':
    case 'absolute':
    case 'as_posix':
    case 'strip':
    case 'rstrip':
    case 'get_secret_value':
    case '__str__':
    case 'title':
    case 'unicode_string':
    case 'render_as_string':
    case 'encode':
      return object;
    case 'lower':
      return object.toLowerCase();
    case 'upper':
      return object.toUpperCase();
    case 'startswith':
      return typeof args.list[0] === 'string' ? object.startsWith(args.list[0]) : new Unknown();
    case 'replace': {
      const [from, to] = args.list;
      // A function, so that nothing in the text is taken for a pattern.
      return typeof from === 'string' && typeof to === 'string' ? replaced(object, from, to) : new Unknown();
    }
    default:
      return undefined;
  }
}

function replaced(text: string, from: string, to: string): Value {
  const parts = text.split(from);
  const length = text.length + (parts.length + 1) * to.length;
  return length > LONGEST_STRING * 2 ? new Unknown() : text.replaceAll(from, () => to);
}

/** `get("NAME", "default")`, `config("NAME", default="default")`. Without either: None, as `os.environ.get` answers. */
function fromEnvironment({ list, named }: Arguments, { variables }: Surroundings, usual?: string): Value {
  const [name = named.get('env') ?? usual] =
    usual === undefined ? list : list.filter((each) => typeof each === 'string' && !each.includes(':'));
  const given = typeof name === 'string' ? variables.get(name) : undefined;
  const fallback = DEFAULTS.map((key) => named.get(key)).find((value) => value !== undefined);
  return given ?? fallback ?? list[1] ?? (typeof name === 'string' ? null : new Unknown());
}

/**
 * What a Flask application answers about its folders: `app.root_path` is its package, `app.instance_path` lies beside that.
 * https://flask.palletsprojects.com/en/stable/config/#instance-folders
 */
export function folderOfFlask(attribute: string, file: string): string | undefined {
  if (attribute !== 'instance_path' && attribute !== 'root_path') {
    return undefined;
  }
  let root = dirname(file);
  const isPackage = existsSync(join(root, '__init__.py'));
  while (existsSync(join(dirname(root), '__init__.py'))) {
    root = dirname(root);
  }
  return attribute === 'root_path' ? root : join(isPackage ? dirname(root) : root, 'instance');
}

/** A Django database from its URL. */
function databaseOf(url: Value): Value {
  if (typeof url !== 'string') {
    return url instanceof Unknown ? new Map<string, Value>([['NAME', url]]) : new Unknown();
  }
  const [, scheme = '', path = ''] = /^(\w+):(?:\/\/\/?)?(.*)$/s.exec(url) ?? [];
  return new Map<string, Value>([
    ['ENGINE', scheme],
    ['NAME', isKnown(path) ? path : new Unknown()],
  ]);
}
