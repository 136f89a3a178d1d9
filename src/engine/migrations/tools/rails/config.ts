// What Rails' YAML configuration says: its small ERB expressions are read where they give a default or a path.
import { dirname, basename, join } from 'node:path';
import { parseYaml } from '../../../limits/yaml';
import { variablesAt } from '../../reading/env-files';
import { textOf } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import { parseSqlitePath, parseSqliteUrl, type SqliteLocation } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

/** What cannot be known without running it stands in the text so. */
export const COMPUTED = '{computed}';

/** The application's config/database.yml; null: no Rails. Engines and dummies for tests are none. */
export function databaseYml(project: ProjectFolder): string | null {
  const all = lookOf(project).files.filter((file) => /^database\.ya?ml$/.test(basename(file)) && basename(dirname(file)) === 'config');
  return all.find((file) => !isAside(file.slice(project.root.length))) ?? all[0] ?? null;
}

export function railsFolder(config: string): string {
  return dirname(dirname(config));
}

/** Where and with what the ERB is filled in. */
export interface Surroundings {
  /** What Rails.root is. */
  readonly root: string;
  variable(name: string): string | undefined;
}

/** The environment that commands run in. */
export function environmentOf({ variable }: Pick<Surroundings, 'variable'>): string {
  return variable('RAILS_ENV') || variable('RACK_ENV') || 'development';
}

/** As the application itself is started, with the variables of its `.env`. */
export function surroundingsOf(config: string, project: ProjectFolder): Surroundings {
  const variables = variablesAt(project, railsFolder(config));
  return { root: railsFolder(config), variable: (name) => variables.get(name) };
}

/** The file's content with its ERB filled in; null: it is no YAML. */
export function readYaml(file: string, project: ProjectFolder): unknown {
  return filledYaml(lookOf(project).text(file) ?? '', surroundingsOf(file, project));
}

/** The content of YAML with ERB; null: it is none. */
export function filledYaml(written: string, around: Surroundings): unknown {
  const text = written.replace(/<%#.{0,2000}?%>|<%-?\s{0,100}(?:if|unless|else|end|require|[\w.]{1,100}\s{0,100}=[^=]).{0,2000}?%>/gs, '');
  try {
    return parseYaml(
      text.replace(/<%=(.{0,2000}?)-?%>/gs, (_all, code: string) => valueOf(withEnvironment(code.trim(), environmentOf(around)), around)),
    );
  } catch {
    return null;
  }
}

/**
 * The content of a configuration that may be spread over files: an adapter chooses between `database.sqlite.yml` and
 * `database.mysql.yml`, and the file itself holds no more than the choice.
 */
export function readChosenYaml(file: string, project: ProjectFolder): unknown {
  const content = readYaml(file, project);
  // What is computed as a whole reads as `{computed}`.
  if (typeof content === 'object' && content !== null && !('computed' in content)) {
    return content;
  }
  const stem = basename(file).replace(/\.ya?ml$/, '');
  const others = lookOf(project)
    .filesIn(dirname(file))
    .filter((other) => basename(other).startsWith(`${stem}.`) && /\.ya?ml$/.test(other) && other !== file);
  const [chosen] = [...others.filter((other) => /sqlite/i.test(basename(other))), ...(others.length === 1 ? others : [])];
  return chosen === undefined ? content : readYaml(chosen, project);
}

/** `"storage/#{Rails.env}.sqlite3"`, and `Rails.env` alone. */
function withEnvironment(code: string, environment: string): string {
  return code.replace(/#\{\s*Rails\.env\s*\}/g, environment).replace(/^Rails\.env(?:\.to_s)?$/, `"${environment}"`);
}

const STRING = String.raw`["']([^"'#]*)["']`;
/** `ENV.fetch("X") { default }`, `ENV.fetch("X", default)`, `ENV["X"] || default`. */
const VARIABLE = new RegExp(
  String.raw`^ENV(?:\.fetch\(\s*${STRING}\s*(?:,\s*(.+?)\s*)?\)(?:\s*\{\s*(.+?)\s*\})?|\[\s*${STRING}\s*\](?:\s*\|\|\s*(.+))?)$`,
  's',
);

/** A variable, a string, a number, `Rails.root.join("a", "b")`. */
function valueOf(code: string, around: Surroundings): string {
  const [isVariable, fetched, second, block, indexed, other] = VARIABLE.exec(code) ?? [];
  if (isVariable !== undefined) {
    const fallback = second ?? block ?? other;
    // What cannot be read to its end may do something to the variable's value, too.
    const instead = fallback === undefined ? undefined : valueOf(fallback, around);
    return instead === COMPUTED ? COMPUTED : (around.variable(fetched ?? indexed ?? '') ?? instead ?? COMPUTED);
  }
  const plain = new RegExp(`^${STRING}$`).exec(code)?.[1];
  if (plain !== undefined || /^\d+$/.test(code)) {
    return plain ?? code;
  }
  if (/^Rails\.env(?:\.to_s)?$/.test(code)) {
    return environmentOf(around);
  }
  if (/^(?:Rails\.root|Rails\.root\.to_s)$/.test(code)) {
    return around.root;
  }
  const joined = /^(?:Rails\.root\.join|File\.join)\((.*?)\)(?:\.to_s)?$/s.exec(code)?.[1];
  const parts = joined?.split(',').map((part) => valueOf(part.trim(), around)) ?? [COMPUTED];
  const below = code.startsWith('Rails') ? [around.root, ...parts] : parts;
  return parts.includes(COMPUTED) ? COMPUTED : below.join('/');
}

export type Entry = Readonly<Record<string, unknown>>;

/** The databases of one environment by their names: one alone is the primary. */
export function rolesOf(environment: unknown): [role: string, entry: Entry][] {
  const settings = objectOf(environment);
  const all = Object.entries(settings);
  return all.length > 0 && all.every(([, value]) => typeof value === 'object' && value !== null)
    ? all.map(([role, entry]) => [role, objectOf(entry)])
    : [['primary', settings]];
}

/** The URL that Rails takes in the place of what stands in the file, unless that is a URL, too; undefined: none is set. */
export function urlInstead(role: string, entry: Entry, { variable }: Pick<Surroundings, 'variable'>): string | undefined {
  const url = variable(`${role.toUpperCase()}_DATABASE_URL`) ?? (role === 'primary' ? variable('DATABASE_URL') : undefined);
  return 'url' in entry || url === '' ? undefined : url;
}

/** Where a URL says that the file is: unlike elsewhere, what follows `sqlite3://` is absolute. */
export function railsLocation(url: string): SqliteLocation {
  const path = /^sqlite3?:\/\/[^/]*(\/.*)$/is.exec(url.trim())?.[1];
  return path === undefined ? parseSqliteUrl(url) : parseSqlitePath(path);
}

/** Whether the application's gems load `.env` into it; null: nothing says which gems it has. */
export function loadsDotenv(folder: string): boolean | null {
  const gems = textOf(join(folder, 'Gemfile'));
  return gems === null ? null : /^\s*gem\s*\(?\s*["']dotenv/m.test(gems);
}

/** What dotenv then loads, the strongest first. */
export function dotenvFiles(folder: string, environment: string): string[] {
  return [`.env.${environment}.local`, '.env.local', `.env.${environment}`, '.env'].map((name) => join(folder, name));
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
