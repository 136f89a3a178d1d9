// The variables of `.env` files, filled in as dotenv-expand, Compose and the shells do: `$A`, `${A}`, `${A:-default}`, `${A:+other}`.
import { basename, dirname, resolve, sep } from 'node:path';
import { readEnv } from '../../limits/env';
import { MOST_NAMED } from '../../limits/sizes';
import type { ProjectFolder } from '../tool';
import { isFile, lookOf, type Look } from './look';
import { isUsual, namedEnvFiles } from './named-env-files';

export interface EnvFile {
  readonly file: string;
  /** 0: what the app uses; 1: an example of it; 2: for tests. */
  readonly rank: 0 | 1 | 2;
  readonly variables: ReadonlyMap<string, EnvValue>;
}

export interface EnvValue {
  readonly value: string;
  /** Names of variables in it that nobody has set; they stand in the value as `${NAME}`. */
  readonly missing: readonly string[];
}

/** Every `.env` file of the project, each parsed once for a look. */
export function envFilesOf(project: ProjectFolder): readonly EnvFile[] {
  const look = lookOf(project);
  return look.once('env files', '', () => {
    const usual = look.files.filter((file) => /^\.(?:env(?:\..+)?|envrc|flaskenv)$/.test(basename(file)) || isDecoupled(look, file));
    const named = namedEnvFiles(project).flatMap(({ file }) => file ?? []);
    return [...new Set([...usual, ...named])].slice(0, MOST_NAMED).map((file) => readEnvFile(project, file));
  });
}

function readEnvFile(project: ProjectFolder, file: string): EnvFile {
  const look = lookOf(project);
  return look.once('env file', file, () => {
    const text = look.text(file) ?? '';
    const rank = namedEnvFiles(project).some((named) => named.file === file) && rankOf(basename(file)) < 2 ? 0 : rankOf(basename(file));
    return { file, rank, variables: expand(file.endsWith('.ini') ? sectionOfSettings(text) : text, dirname(file)) };
  });
}

const SETTINGS = /^\[settings\][ \t]*$/m;

/** python-decouple's own file, which it takes in the place of `.env` (https://github.com/HBNetwork/python-decouple#ini-file). */
function isDecoupled(look: Look, file: string): boolean {
  return basename(file) === 'settings.ini' && SETTINGS.test(look.text(file) ?? '');
}

/** The lines of `[settings]`, in which `%%` is a percent sign. */
export function sectionOfSettings(text: string): string {
  const after = text.slice(SETTINGS.exec(text)?.index ?? text.length).replace(/^.*\n?/, '');
  return after.slice(0, /^\[/m.exec(after)?.index ?? after.length).replaceAll('%%', '%');
}

/** The variables that a program started in `folder` gets from the files there, or else from those above, up to the project. */
export function variablesAt(project: ProjectFolder, folder: string): ReadonlyMap<string, string> {
  const { variables } = project;
  return variables === undefined
    ? ofFilesAt(project, folder)
    : onceFor(project, 'variables', folder, () => new Map([...ofFilesAt(project, folder), ...variables]));
}

/** As `once` of a look, for what depends on how the program is started. */
export function onceFor<T>(project: ProjectFolder, purpose: string, subject: string, make: () => T): T {
  const { variables } = project;
  return lookOf(project).once(
    purpose,
    variables === undefined ? subject : `${subject}\0${String(project.onlyNamed)}\0${JSON.stringify([...variables])}`,
    make,
  );
}

function ofFilesAt(project: ProjectFolder, folder: string): ReadonlyMap<string, string> {
  const look = lookOf(project);
  return look.once(project.onlyNamed === true ? 'variables of named files' : 'variables of files', folder, () => {
    const found = new Map<string, string>();
    const files = envFilesOf(project).filter((env) => env.rank === 0);
    for (let place = folder; ; place = dirname(place)) {
      const usual = (project.onlyNamed === true ? [] : files.filter(({ file }) => dirname(file) === place)).sort(
        (a, b) => priority(a.file) - priority(b.file),
      );
      const here = [...namedAt(project, place).map((file) => readEnvFile(project, file)), ...usual];
      for (const [name, { value, missing }] of here.flatMap(({ variables }) => [...variables])) {
        if (!found.has(name) && missing.length === 0) {
          found.set(name, value);
        }
      }
      if (place === project.root || dirname(place) === place || !place.startsWith(project.root)) {
        return found;
      }
    }
  });
}

/** The files that code and scripts name there, the strongest first; among several for stages, their names tell which counts. */
function namedAt(project: ProjectFolder, place: string): readonly string[] {
  return lookOf(project).once('env files named', place, () => {
    const here = namedEnvFiles(project).filter(({ file, home }) => home === place && file !== null && rankOf(basename(file)) < 2);
    const strong = here.filter(({ overrides }) => overrides).reverse();
    const all = [...new Set([...strong, ...here].flatMap(({ file }) => file ?? []))];
    const stages = all.filter((file) => isUsual(file));
    return stages.length > 1 ? all.filter((file) => !isUsual(file)) : all;
  });
}

/**
 * The variables of the file of the project that code in `from` names; null: it is none that is there and can be filled in, or, as
 * nobody knows where the application is started, one of several.
 */
export function variablesOf(project: ProjectFolder, written: string, from: string): ReadonlyMap<string, string> | null {
  return lookOf(project).once(`variables of ${written}`, dirname(from), () => {
    const isInside = (place: string): boolean => `${place}${sep}`.startsWith(`${project.root}${sep}`);
    const places = new Set<string>();
    for (let folder = dirname(from); isInside(folder); folder = dirname(folder)) {
      places.add(resolve(folder, written));
    }
    const [file, other] = [...places].filter((place) => isInside(place) && isFile(place));
    const variables = file === undefined || other !== undefined ? null : [...readEnvFile(project, file).variables];
    return variables === null || lookOf(project).text(file ?? '') === null || variables.some(([, { missing }]) => missing.length > 0)
      ? null
      : new Map(variables.map(([name, { value }]) => [name, value]));
  });
}

/** `.env.local` overrules `.env.development`, and that `.env`; what is for production comes last. */
function priority(file: string): number {
  const name = basename(file);
  return /\.(?:local|ini)$/.test(name) ? 0 : /dev/.test(name) ? 1 : name === '.env' ? 2 : /prod/.test(name) ? 4 : 3;
}

function rankOf(name: string): 0 | 1 | 2 {
  return /test/i.test(name) ? 2 : /example|sample|template|dist|default/i.test(name) ? 1 : 0;
}

/** What is single-quoted is left alone; the shell's own variables are not the app's, except those about the machine. */
function expand(text: string, folder: string): Map<string, EnvValue> {
  const written = readEnv(text);
  const done = new Map<string, EnvValue>();
  const open = new Set<string>();
  const valueOf = (name: string): EnvValue | null => {
    const known = done.get(name);
    const raw = written.get(name);
    if (known !== undefined || raw === undefined || open.has(name) || open.size > LONGEST_CHAIN) {
      return known ?? (name === 'PWD' && raw === undefined ? { value: folder, missing: [] } : outside(name, raw?.value));
    }
    open.add(name);
    const value = raw.isLiteral ? { value: raw.value, missing: [] } : interpolate(raw.value, valueOf);
    open.delete(name);
    done.set(name, value);
    return value;
  };
  return new Map([...written].map(([name, { value }]) => [name, valueOf(name) ?? { value, missing: [] }]));
}

/** Variables that stand for one another any longer are no settings. */
const LONGEST_CHAIN = 50;
const LONGEST_VALUE = 10_000;
const MOST_NESTED = 10;
/** Of a `${` that nothing closes, the end is looked for up to the end of the value. */
const MOST_OPEN = 20;

const MACHINE = ['HOME', 'USER', 'TMPDIR'];

function outside(name: string, raw: string | undefined): EnvValue | null {
  const value = raw === undefined && MACHINE.includes(name) ? process.env[name] : undefined;
  return value === undefined ? null : { value, missing: [] };
}

function interpolate(text: string, valueOf: (name: string) => EnvValue | null, depth = 0): EnvValue {
  let value = '';
  let open = 0;
  const missing: string[] = [];
  if (text.length > LONGEST_VALUE || depth > MOST_NESTED) {
    return { value: text, missing };
  }
  for (let at = 0; at < text.length;) {
    if (value.length > LONGEST_VALUE) {
      return { value: text, missing: ['...'] };
    }
    const rest = text.slice(at);
    const escaped = /^\\\$/.exec(rest);
    const plain = /^\$([A-Za-z_]\w*)/.exec(rest);
    const braced = open > MOST_OPEN ? null : /^\$\{([A-Za-z_]\w*)(?:(:?[-+?])|(?=\}))/.exec(rest);
    const end = braced === null ? -1 : closing(rest, braced[0].length);
    open += braced !== null && end < 0 ? 1 : 0;
    if (escaped !== null) {
      value += '$';
      at += 2;
    } else if (plain !== null || (braced !== null && end >= 0)) {
      const name = plain?.[1] ?? braced?.[1] ?? '';
      const operator = braced?.[2] ?? '';
      const found = valueOf(name);
      const isSet = found !== null && (!operator.startsWith(':') || found.value !== '');
      const inner = rest.slice(braced?.[0].length ?? 0, end);
      const other = operator.endsWith('-') || operator.endsWith('+') ? interpolate(inner, valueOf, depth + 1) : null;
      const part = operator.endsWith('+') ? (isSet ? other : { value: '', missing: [] }) : isSet ? found : other;
      value += part?.value ?? `\${${name}}`;
      missing.push(...(part?.missing ?? [name]));
      at += plain === null ? end + 1 : plain[0].length;
    } else {
      value += rest.charAt(0);
      at++;
    }
  }
  return { value, missing };
}

/** Where the `}` of a `${` is, nested ones passed over. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    depth += text.startsWith('${', at) ? 1 : text[at] === '}' ? -1 : 0;
    if (depth === 0) {
      return at;
    }
  }
  return -1;
}
