// Where Alembic would find its database: env.py, what it imports, and the ini's URL.
import { dirname, join, relative, resolve } from 'node:path';
import { textOf } from '../../reading/folder-search';
import { filesOfCode } from '../../reading/named-env-files';
import type { ProjectFolder } from '../../tool';
import type { Environment } from '../../tools/alembic/environment';
import { iniOption, iniSections, type Option } from '../../tools/alembic/options';
import { firstArgument } from './argument';
import { envFilesAt, inNamedWorlds, nearest } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { importsIn } from './imports';
import { PythonProject } from './python';
import { agreed, type PythonFile, textIn, type Value } from './values';
import { reachOfUrl } from './url';
import { said } from '../../../said';

const CALLS = /^(?:create_engine|create_async_engine)$/;
const FROM_CONFIG = /^(?:async_)?engine_from_config$/;
const URL = 'sqlalchemy.url';
/** What shows that a project's code reads `.env`. */
export const LOADS_DOTENV = /\bload_dotenv\b|\bread_env\b|\bdecouple\b|\benvirons\b|\bdotenv_values\b|\bstarlette\.config\b/;

/** `loads`: the launcher reads `.env` for the command. */
export function reachOfAlembic(environment: Environment, place: Place, folder: ProjectFolder, loads = false): Reach {
  const { root } = folder;
  const option = optionOf(environment);
  const location = option?.('script_location') ?? null;
  if (option === null || (environment.source.endsWith('.ini') && location === null)) {
    return unknownReach('the application fills in the configuration of Alembic when it starts it');
  }
  const here = place.here(place.folder);
  if (here !== null && location !== null && !location.includes(':') && resolve(here, location) !== environment.scripts) {
    return unknownReach(said`script_location leads to no migrations from ${relative(root, here) || 'the project folder'}`);
  }
  const usual = [...new Set([...envFilesAt(environment.scripts, root), ...(here === null ? [] : envFilesAt(here, root))])];
  const named = filesOfCode(folder, environment.folder);
  return inNamedWorlds(place, { named, usual }, loads || loadsDotenv(environment, place, root) ? true : null, (world) =>
    ask(environment, option, world, root),
  );
}

function ask(environment: Environment, option: Option, place: Place, root: string): Reach {
  const project = projectFor(environment, place, root, option);
  const file = project.file(join(environment.scripts, 'env.py'));
  if (file === null) {
    return unknownReach('env.py cannot be read');
  }
  const url = urlIn(file, project);
  const text = url === null ? project.options.get(URL) : textIn(url);
  return typeof text === 'string' && !/[{}]|%\(|^driver:/.test(text)
    ? reachOfUrl(text, place.folder)
    : unknownReach('env.py computes the database in a way that only running it could tell');
}

/** null: env.py connects to nothing by itself, so that the ini's URL counts. */
function urlIn(file: PythonFile, project: PythonProject): Value | null {
  const overrides = overridesIn(file, project);
  const over = overrides.length === 0 ? null : agreed(overrides);
  if (over !== null && over.kind !== 'none') {
    const text = textIn(over);
    project.options.set(URL, text);
    if (text === null) {
      return over;
    }
  }
  const engines: Value[] = [];
  const isFromConfig = file.statements.some(({ tokens }) =>
    tokens.some((token, index) => FROM_CONFIG.test(token.text) && tokens[index + 1]?.text === '('),
  );
  for (const { tokens, scope } of file.statements) {
    tokens.forEach((token, index) => {
      const next = tokens[index + 1]?.text;
      if (CALLS.test(token.text) && next === '(') {
        engines.push(project.evaluate(firstArgument(tokens.slice(index + 2), token.depth + 1), file, scope));
      } else if (
        next === '.' &&
        /^(?:connect|begin)$/.test(tokens[index + 2]?.text ?? '') &&
        token.kind === 'name' &&
        tokens[index - 1]?.text !== '.'
      ) {
        const value = project.valueOf(token.text, file, scope, 0);
        engines.push(...(textIn(value) === null && isFromConfig ? [] : [value]));
      }
    });
  }
  if (engines.length > 0 && !(isFromConfig && engines.every(({ kind }) => kind === 'unknown'))) {
    return agreed(engines);
  }
  return null;
}

/** `set_main_option("sqlalchemy.url", x)`, `section["sqlalchemy.url"] = x`. */
function overridesIn(file: PythonFile, project: PythonProject): Value[] {
  return file.statements.flatMap(({ tokens, scope }) =>
    tokens.flatMap((token, index) => {
      if (token.value !== URL) {
        return [];
      }
      const before = tokens[index - 2]?.text ?? '';
      if (/^set_(?:main|section)_option$/.test(before) && tokens[index + 1]?.text === ',') {
        return [project.evaluate(firstArgument(tokens.slice(index + 2), token.depth), file, scope)];
      }
      return tokens[index + 1]?.text === ']' && tokens[index + 2]?.text === '='
        ? [project.evaluate(tokens.slice(index + 3), file, scope)]
        : [];
    }),
  );
}

function optionOf({ source, flags }: Environment): Option | null {
  if (source.endsWith('.toml')) {
    return () => null;
  }
  if (!/\.ini$/.test(source)) {
    return null;
  }
  const name = /-n "?([^"\s]+)/.exec(flags)?.[1] ?? 'alembic';
  const section = iniSections(textOf(source) ?? '').find(([each]) => each === name)?.[1];
  return section === undefined ? null : iniOption(source, section);
}

function projectFor(environment: Environment, place: Place, root: string, option: Option): PythonProject {
  const here = place.here(place.folder) ?? environment.folder;
  const project = new PythonProject(place, rootsOf(environment, here, root, option));
  project.options.set(URL, option(URL));
  return project;
}

function rootsOf({ folder, scripts }: Environment, here: string, root: string, option: Option): string[] {
  const listed = (option('prepend_sys_path') ?? '').split(/[\s,:;]+/).filter((path) => path !== '');
  const places = [...listed.map((path) => resolve(here, path)), here, folder, root, dirname(scripts)];
  return [...new Set([...places, ...places.map((each) => join(each, 'src'))])];
}

function loadsDotenv(environment: Environment, place: Place, root: string): boolean {
  const option = optionOf(environment) ?? ((): null => null);
  const project = projectFor(environment, place, root, option);
  const envPy = join(environment.scripts, 'env.py');
  const imported = (project.file(envPy)?.statements ?? [])
    .flatMap(({ tokens }) => importsIn(tokens))
    .flatMap(({ module, member }) => [
      member === null ? null : project.moduleFile(`${module}.${member}`, envPy),
      project.moduleFile(module, envPy),
    ])
    .filter((file) => file !== null);
  return [envPy, ...imported].some((file) => LOADS_DOTENV.test(textOf(file) ?? ''));
}

/** Whether Alembic finds all modules of the project that env.py imports; `asModule`: started by `python -m`, which adds the folder. */
export function isImportable(environment: Environment, folder: string, root: string, asModule = false): boolean {
  const option = optionOf(environment);
  const envPy = join(environment.scripts, 'env.py');
  if (option === null) {
    return false;
  }
  const everywhere = new PythonProject(
    { folder, variable: () => undefined, there: (file) => file, here: (path) => path },
    rootsOf(environment, folder, root, option),
  );
  const listed = (option('prepend_sys_path') ?? '').split(/[\s,:;]+/).filter((path) => path !== '');
  const text = textOf(envPy) ?? '';
  const found = new PythonProject(everywhere.place, [...(asModule ? [folder] : []), ...listed.map((path) => resolve(folder, path))]);
  const isInstalled = ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => nearest(name, environment.folder, root) !== null);
  const imports = (everywhere.file(envPy)?.statements ?? []).flatMap(({ tokens }) => importsIn(tokens));
  const own = imports.filter(({ module }) => !module.startsWith('.') && everywhere.moduleFile(module, envPy) !== null);
  return own.every(({ module }) => found.moduleFile(module, envPy) !== null) || isInstalled || /\bsys\.path\b/.test(text);
}
