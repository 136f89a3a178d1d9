// The files of variables that code, scripts and services name: load_dotenv("deploy/x.env"), dotenv.config({ path }), --env-file.
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ProjectFolder } from '../tool';
import { isFile, lookOf } from './look';
import { firstArgument } from './object-literals';
import { isAside, isLibrary } from './vendored';

export interface NamedEnvFile {
  /** For people: the file that names it. */
  readonly from: string;
  readonly written: string;
  /** Absolute; null: it is not in the project, one of several, or only running the project could tell. */
  readonly file: string | null;
  /** The folder below which programs have its variables. */
  readonly home: string;
  /** It counts before what others have set. */
  readonly overrides: boolean;
  /** Code reads it: without it, what the code takes instead is not proven. */
  readonly isByCode: boolean;
}

const CODE =
  /(?:^|[\w.-]*(?:config|settings?|env|database|db|server|app|main|index|source|knexfile|start|boot|core|common|base|run)[\w.-]*|__init__|manage|[aw]sgi|ormconfig)\.(?:py|[cm]?[jt]sx?|rb|php|go)$/i;
const SCRIPTS = /^(?:package\.json|(?:GNU)?[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|Procfile(?:\.\w+)?|.*\.service|.*\.sh)$/;
/** Where editors say how a program is started; folders with a dot are not walked. */
const STARTS = ['.vscode/launch.json', '.vscode/tasks.json'];
const SPEAKS =
  /dotenv|read_env|RepositoryEnv|RepositoryIni|loadEnvFile|starlette|env-?file|EnvironmentFile|env-cmd|DOTENV_CONFIG_PATH|\benv\b/i;
/** What only builds or tries out the program. */
const BUILDERS = /^(?:vite|vitest|webpack|rollup|rspack|jest|playwright|cypress|babel|eslint|svelte|tailwind|postcss|storybook)\b/;
/** More than anybody names in code. */
const MOST_FILES = 400;
const MOST_CALLS = 20;
/** Characters of a call, or of what a name in it is given. */
const LONGEST = 500;

const CALL =
  /\b(?:load_dotenv|dotenv_values|find_dotenv|read_env|RepositoryEnv|RepositoryIni|loadEnvFile)\(\s*|\b(?:go)?[dD]otenv(?:["'`]\)|::|\.|\)\s*->|\(\)\.)\s*(?:config|[lL]oad|[oO]verload|[rR]ead|createImmutable|createMutable)\(\s*|\bconfig(?:Dotenv)?\(\s*(?=\{)|\bConfig\(\s*(?=["'])/g;
const LINE =
  /--env-file(?:-if-exists)?[= "',]+([^\s"'`\\]+)|\bdotenv\s+-[ef]\s+(\S+)|\benv-cmd\s+-f\s+(\S+)|\bDOTENV_CONFIG_PATH=["']?([^\s"'\\]+)|^EnvironmentFile=-?"?([^\s"]+)|"envFile"\s*:\s*"([^"]+)"|(?:^|[;&\s"])(?:source|\.)\s+([^\s;&"']*env[^\s;&"']*)/gim;
/** The scripts of package.json that only try something out. */
const TESTS = /"[^"\n]{0,60}(?:test|e2e|lint)[^"\n]{0,60}"\s*:\s*"(?:\\.|[^"\\\n])*"/gi;
const STRING = /(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g;
/** What asks the environment: its first string is the name of a variable. */
const ASKED = /(?:environ\.get|getenv|environ\[|process\.env\[|\benv)\s*\(?\s*["']\w+["']\s*\]?,?/g;
const COMPUTED = /\benviron\b|\bgetenv\b|process\.env|\$\{|\{/;

/** Each is looked for beside what names it, and above that; read once for a look. */
export function namedEnvFiles(project: ProjectFolder): readonly NamedEnvFile[] {
  return lookOf(project).once('named env files', '', () => {
    const look = lookOf(project);
    const isOwn = (file: string): boolean => !isLibrary(file, project.root) && !isAside(relative(project.root, file));
    const code = look.files.filter((file) => CODE.test(basename(file)) && isOwn(file)).slice(0, MOST_FILES);
    const scripts = look.files.filter((file) => SCRIPTS.test(basename(file)) && isOwn(file)).slice(0, MOST_FILES);
    const starts = STARTS.map((path) => join(project.root, path)).filter(isFile);
    return [
      ...code.flatMap((file) => namedByCode(file, project)),
      ...[...scripts, ...starts].flatMap((file) => namedByLines(file, project)),
    ];
  });
}

function namedByCode(file: string, project: ProjectFolder): NamedEnvFile[] {
  const text = lookOf(project).text(file) ?? '';
  if (!SPEAKS.test(text)) {
    return [];
  }
  const found: NamedEnvFile[] = [];
  let end = 0;
  let calls = 0;
  for (const { index, 0: call } of text.matchAll(CALL)) {
    const isDotenv = !/^[cC]onfig/.test(call) || (call.startsWith('C') ? /\bstarlette\b/ : /\bdotenv\b/).test(text);
    if (calls > MOST_CALLS) {
      break;
    }
    if (index < end || !isDotenv) {
      continue;
    }
    calls++;
    const start = index + call.length;
    const whole = argumentsAt(text, start);
    end = start + whole.length;
    const overrides = /\boverride["']?\s*[=:]\s*(?:true|True|TRUE)\b|overload/i.test(call + whole);
    for (const written of writtenIn(whole, text)) {
      found.push(located(written, file, project, { overrides, isByCode: !BUILDERS.test(basename(file)) }));
    }
  }
  return found;
}

/** All that stands in the brackets. */
function argumentsAt(text: string, from: number): string {
  let depth = 1;
  for (let at = from; at < text.length && at < from + LONGEST; at++) {
    depth += /[([{]/.test(text.charAt(at)) ? 1 : /[)\]}]/.test(text.charAt(at)) ? -1 : 0;
    if (depth === 0) {
      return text.slice(from, at);
    }
  }
  return '';
}

/** The paths, as far as they are written; null: only running the project could tell. Nothing is named: none. */
function writtenIn(whole: string, text: string): (string | null)[] {
  const key = /(?:^|[\s{,(])(?:path|dotenv_path|env_file|filename)\s*[:=]\s*/.exec(whole);
  const options = whole.startsWith('{') && key === null;
  const argument = key === null ? whole : firstArgument(`${whole})`, key.index + key[0].length);
  if (options || argument === '') {
    return [];
  }
  const list = /^\[([^[\]]*)\]?/.exec(key === null ? argument : whole.slice(key.index + key[0].length))?.[1];
  const constant = /^[A-Za-z_$][\w$]*$/.exec(argument.split(/\s*,/, 1)[0] ?? '')?.[0];
  const given =
    constant === undefined
      ? null
      : (new RegExp(`\\b${constant.replaceAll('$', '\\$')}\\s*(?::[^=\\n]{0,60})?=\\s*([^\\n]+)`).exec(text)?.[1]?.slice(0, LONGEST) ?? '');
  if (list !== undefined) {
    return list.split(',').flatMap((part) => pathIn(part) ?? []);
  }
  const path = pathIn(given ?? (key === null ? positional(argument) : argument));
  return path === undefined ? [] : [path];
}

/** Without what is given by name. */
function positional(argument: string): string {
  return argument.split(/,\s*\w+\s*=(?!=)/, 1)[0] ?? '';
}

/** Its strings joined; null: a part of it is computed; undefined: it has none. */
function pathIn(expression: string): string | null | undefined {
  const plain = expression.replace(ASKED, '');
  const strings = [...plain.matchAll(STRING)].map(([, , inner = '']) => inner);
  const path = strings
    .join('/')
    .replace(/\/{2,}/g, '/')
    .replace(/^\$\{__dirname\}\/|^\{[\w.]*(?:dir|root|base)[\w.]*\}\//i, './');
  if (strings.length === 0) {
    return COMPUTED.test(expression) ? null : undefined;
  }
  return COMPUTED.test(path) ? (isUsual(path) ? undefined : null) : path;
}

function namedByLines(file: string, project: ProjectFolder): NamedEnvFile[] {
  const text = lookOf(project).text(file) ?? '';
  if (!SPEAKS.test(text)) {
    return [];
  }
  // What Compose and Docker are told is for their own use.
  const lines = text
    .replace(TESTS, '')
    .split('\n')
    .filter((line) => !/\b(?:docker|podman)\b/.test(line));
  return [...lines.join('\n').matchAll(LINE)].slice(0, MOST_CALLS).map((match) => {
    const written = match.slice(1).join('');
    const path = written.replace(/^(?:\$\{workspaceFolder\}|\$\{?PWD\}?|\$\(CURDIR\)|\$\(pwd\))[\\/]/, '');
    return located(/[$%]/.test(path) ? null : path, file, project, { overrides: false, isByCode: false });
  });
}

function located(
  written: string | null,
  from: string,
  project: ProjectFolder,
  how: Pick<NamedEnvFile, 'overrides' | 'isByCode'>,
): NamedEnvFile {
  const { root } = project;
  const isInside = (place: string): boolean => `${place}${sep}`.startsWith(`${root}${sep}`);
  const base = /[\\/]\.vscode[\\/]/.test(from) ? root : dirname(from);
  const named = { from: relative(root, from).replaceAll('\\', '/'), written: written ?? 'a file that the code computes', ...how };
  if (written === null) {
    return { ...named, file: null, home: base };
  }
  const places = new Set<string>();
  const below = written.replace(/^(?:\.{1,2}[\\/])+/, '');
  for (let folder = base; isInside(folder); folder = dirname(folder)) {
    places.add(isAbsolute(written) && !/^\/\.\./.test(written) ? written : resolve(folder, below.replace(/^\/+(?:\.\.\/)*/, '')));
  }
  const [file, other] = [...places].filter((place) => isInside(place) && isFile(place));
  // A service and a script may lie in a folder of their own.
  const home = file === undefined ? base : /\.(?:service|sh)$/.test(from) ? root : above(base, file);
  return { ...named, file: other === undefined ? (file ?? null) : null, home };
}

/** The files that code reads for what runs in a folder; `from`: those alone that this file reads. */
export function filesOfCode(project: ProjectFolder, folder: string, from?: string): readonly string[] {
  const isMeant = (each: NamedEnvFile): boolean =>
    from === undefined ? `${folder}${sep}`.startsWith(`${each.home}${sep}`) : join(project.root, each.from) === from;
  return [...new Set(namedEnvFiles(project).flatMap((each) => (each.isByCode && isMeant(each) && each.file !== null ? [each.file] : [])))];
}

/** The folder that both lie below. */
function above(folder: string, file: string): string {
  let place = folder;
  while (!file.startsWith(place + sep) && dirname(place) !== place) {
    place = dirname(place);
  }
  return place;
}

/** What most people keep their variables in: that it is absent says nothing. */
export function isUsual(path: string): boolean {
  return /^\.?env\b/.test(path.split(/[\\/]/).at(-1) ?? '');
}
