// Where Alembic's configuration says that the database is: sqlalchemy.url of the ini file, and what env.py makes of it.
import { basename, dirname, join, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFile, lookOf } from '../../reading/look';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { evaluateAt, surroundings } from '../../reading/python/evaluate';
import { lookUp } from '../../reading/python/names';
import { moduleOf, type Module } from '../../reading/python/scope';
import { Unknown, type Value } from '../../reading/python/values';
import { parseSqliteUrl, placesOf, tailOf } from '../../reading/sqlite-url';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { environmentOf, isAlembicEnvPy } from './environment';
import { optionOf, parseIni } from './ini';
import { iniOption, iniSections } from './options';
import { namedInPython } from './settings-modules';
import { said } from '../../../said';

/** The ini file's URL counts unless env.py says another; what only running env.py could tell makes it unproven. */
export function databases(project: ProjectFolder): SourceAnswer {
  const envs = envsOf(project);
  const inis = lookOf(project).files.filter((file) => file.endsWith('.ini') && !isLibrary(file, project.root));
  const answers = [...inis.map((file) => namedByIni(file, envs, project)), ...envs.map(({ answer }) => answer), namedInPython(project)];
  return {
    named: answers.flatMap(({ named }) => named),
    remarks: answers.flatMap(({ remarks }) => remarks),
    notUnderstood: answers.flatMap(({ notUnderstood }) => notUnderstood ?? []),
    otherEngines: answers.flatMap(({ otherEngines }) => otherEngines ?? []),
  };
}

interface EnvPy {
  readonly file: string;
  readonly answer: SourceAnswer;
  /** It gives a URL of its own. */
  readonly overrules: boolean;
}

function namedByIni(file: string, envs: readonly EnvPy[], project: ProjectFolder): SourceAnswer {
  const { root } = project;
  const text = lookOf(project).text(file) ?? '';
  if (!/sqlalchemy\.url/i.test(text)) {
    return { named: [], remarks: [] };
  }
  const from = `sqlalchemy.url in ${shown(file, root)}`;
  const named: NamedDatabase[] = [];
  const remarks: string[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const otherEngines: string[] = [];
  const isOverruled = scriptFoldersOf(file, text, root).some((folder) => envs.some((env) => env.overrules && dirname(env.file) === folder));
  const sections = parseIni(text);
  // Without `-n`, alembic works on this one.
  const isUsual = sections.get('alembic')?.has('sqlalchemy.url') === true;
  for (const [name, section] of sections) {
    const rank = isAside(relative(root, file)) ? 2 : isOverruled || (isUsual && name !== 'alembic') ? 1 : 0;
    const written = section.get('sqlalchemy.url') ?? '';
    const url = optionOf(section, 'sqlalchemy.url', dirname(file)) ?? written;
    const plain = url.split(/\s[;#]/, 1)[0]?.trim() ?? '';
    const value = parseSqliteUrl(plain);
    if (value.kind === 'file') {
      const places = placesOf(value.path, dirname(file), root);
      if (value.isTemplate && !places.some(isFile)) {
        notUnderstood.push(...(rank === 0 ? [{ from, written: plain, tail: tailOf(value.path) }] : []));
        continue;
      }
      named.push({ from, written: value.path, places, rank });
      remarks.push(...(value.encrypted ? [said`${from} names an encrypted database (SQLCipher), which is not supported.`] : []));
    } else if (value.kind === 'other' && plain !== '') {
      remarks.push(said`${from} names no SQLite file.`);
      otherEngines.push(...(rank === 0 && isEngine(plain) ? [from] : []));
    }
  }
  return { named, remarks, notUnderstood, otherEngines };
}

/** The folders with the env.py that this ini file may mean. */
function scriptFoldersOf(file: string, text: string, root: string): string[] {
  return [
    dirname(file),
    ...iniSections(text).flatMap(
      ([, section]) => environmentOf({ source: file, flags: '', option: iniOption(file, section) }, root)?.scripts ?? [],
    ),
  ];
}

/** Alembic's own template is no answer. */
function isEngine(url: string): boolean {
  return /^(?:postgres|mysql|mariadb|mssql|oracle|cockroach)/i.test(url);
}

function envsOf(project: ProjectFolder): EnvPy[] {
  return lookOf(project)
    .files.filter((file) => basename(file) === 'env.py' && !isLibrary(file, project.root) && isAlembicEnvPy(file))
    .map((file) => ({ file, ...readEnv(file, project) }));
}

const FUNCTIONS = ['create_engine', 'create_async_engine'];
const FROM_INI = ['get_main_option', 'get_section', 'get_section_option', 'config_ini_section'];

function readEnv(file: string, project: ProjectFolder): Omit<EnvPy, 'file'> {
  const module = moduleOf(project, file);
  const path = shown(file, project.root);
  const named: NamedDatabase[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const otherEngines: string[] = [];
  let overrules = false;
  const rank = isAside(relative(project.root, file)) ? 2 : 0;
  for (const { value, line, isFromIni } of module === null ? [] : urlsIn(module, project)) {
    const location = typeof value === 'string' ? parseSqliteUrl(value) : null;
    if (location?.kind === 'file') {
      overrules = true;
      // What is relative counts from where the command runs, most often the folder with the ini file.
      named.push({ from: path, written: location.path, places: placesOf(location.path, dirname(dirname(file)), project.root), rank });
    } else if (location?.kind === 'other' && typeof value === 'string' && isEngine(value)) {
      overrules = true;
      otherEngines.push(path);
    } else if (value instanceof Unknown && !isFromIni) {
      overrules = true;
      notUnderstood.push({
        from: said`${path}, line ${line}`,
        written: value.tail === '' ? 'a URL that the code computes' : `...${value.tail}`,
        tail: value.tail,
      });
    }
  }
  const text = lookOf(project).text(file) ?? '';
  // An engine that the application made: whatever the ini file says is not asked.
  overrules ||= /\brun_migrations\b/.test(text) && !/engine_from_config|get_main_option|get_section|config_ini_section/.test(text);
  // Flask-Migrate asks the application, whose settings are read by themselves.
  const isFlask = /\bcurrent_app\b/.test(text);
  const isAnswered = named.length > 0 || isFlask;
  return { overrules, answer: { named, remarks: [], notUnderstood: isAnswered ? [] : notUnderstood.slice(0, 1), otherEngines } };
}

interface Url {
  readonly value: Value;
  readonly line: number;
  /** As the ini file says, unless the environment says otherwise. */
  readonly isFromIni: boolean;
}

/** What env.py gives to Alembic: the main option, a section's entry, an engine, or a variable called url. */
function urlsIn(module: Module, project: ProjectFolder): Url[] {
  const around = surroundings(project, join(dirname(module.file), '..'));
  const urls: Url[] = [];
  for (const { tokens, scope } of module.statements) {
    const isFromIni = tokens.some(({ text }) => FROM_INI.includes(text));
    if (urls.length >= MOST_NAMED) {
      break;
    }
    for (const [index, token] of tokens.entries()) {
      const next = (by: number): string | undefined => tokens[index + by]?.text;
      const start =
        token.text === 'set_main_option' && tokens[index + 2]?.value === 'sqlalchemy.url'
          ? 4
          : token.value === 'sqlalchemy.url' && (next(1) === ':' || (next(1) === ']' && next(2) === '='))
            ? next(1) === ':'
              ? 2
              : 3
            : FUNCTIONS.includes(token.text) && next(1) === '('
              ? 2
              : /^url$/i.test(token.text) && next(1) === '=' && (index > 0 || tokens.length > 2)
                ? 2
                : 0;
      if (start === 0) {
        continue;
      }
      // Of a name that is given in branches, what counts is what it is in the end.
      const isBinding = index === 0 && token.kind === 'name' && start === 2 && next(1) === '=';
      const value = isBinding ? (lookUp(token.text, scope, around) ?? null) : evaluateAt(tokens, index + start, scope, around).value;
      const [name] = tokens.slice(index + start, index + start + 2);
      const isPlain = name?.kind === 'name' && typeof value !== 'string' && comesFromIni(name.text, module);
      urls.push({
        value: value === null ? '' : value instanceof Unknown || typeof value === 'string' ? value : new Unknown(),
        line: token.line,
        isFromIni: isFromIni || isPlain,
      });
    }
  }
  return urls;
}

/** Whether a name of env.py was given what the ini file says. */
function comesFromIni(name: string, module: Module): boolean {
  return module.statements.some(
    ({ tokens }) => tokens[0]?.text === name && tokens[1]?.text === '=' && tokens.some(({ text }) => FROM_INI.includes(text)),
  );
}

function shown(file: string, root: string): string {
  return relative(root, file).replaceAll('\\', '/');
}
