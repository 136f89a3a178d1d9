// An Alembic environment: one configuration, the folders of its migrations and the table it keeps in the database.
import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { here } from '../../../platform/platform';
import { quotedWord, typedPath } from '../../../platform/shell';
import { entriesOf, isFolder, textOf } from '../../reading/look';
import type { SchemaProblem } from '../../schema';
import { readEnvPy } from './env-py';
import type { Option } from './options';
import { said } from '../../../said';

export interface Environment {
  readonly kind: 'alembic' | 'flask';
  /** What the environment was recognised by: an ini file, a pyproject.toml or an env.py. */
  readonly source: string;
  /** Options of the `alembic` command, e.g. "-c backend/alembic.ini". */
  readonly flags: string;
  /** Where the command has to run. */
  readonly folder: string;
  /** The folder with env.py. */
  readonly scripts: string;
  readonly versions: readonly string[];
  readonly recursive: boolean;
  readonly sourceless: boolean;
  /** Its folders were found by the rows of the database; no configuration names them. */
  readonly byRows: boolean;
  readonly url: string | null;
  /** null: env.py does not say it in a way that can be read; usually "alembic_version". */
  readonly versionTable: string | null;
  readonly problems: readonly SchemaProblem[];
}

/** What a configuration file says, before anything was looked up. */
export interface Configuration {
  readonly source: string;
  readonly flags: string;
  readonly option: Option;
}

/** null: its script_location leads to no folder here. */
export function environmentOf(configuration: Configuration, root: string): Environment | null {
  const beside = dirname(configuration.source);
  const { option } = configuration;
  const bases = [beside, ...ancestors(beside, root)];
  const packages = splitList(option('prepend_sys_path') ?? '.', null).flatMap((path) => bases.map((base) => resolve(base, path)));
  const location = option('script_location');
  if (location === null || location === '') {
    return isScriptFolder(beside)
      ? build(configuration, { kind: 'flask', folder: dirname(beside), scripts: beside }, root, packages)
      : null;
  }
  for (const base of bases) {
    const scripts = placeOf(location, base, packages);
    if (scripts !== null) {
      return build(configuration, { kind: 'alembic', folder: base, scripts }, root, packages);
    }
  }
  return null;
}

/** The last resort: an env.py without a configuration that can be read. */
export function environmentAround(envPy: string, root: string): Environment {
  const scripts = dirname(envPy);
  const configuration = { source: envPy, flags: '', option: () => null };
  return build(configuration, { kind: 'alembic', folder: dirname(scripts), scripts }, root, []);
}

interface Found {
  readonly kind: Environment['kind'];
  readonly folder: string;
  readonly scripts: string;
}

function build(
  { source, flags, option }: Configuration,
  { kind, folder, scripts }: Found,
  root: string,
  packages: readonly string[],
): Environment {
  const env = readEnvPy(join(scripts, 'env.py'));
  const problems: SchemaProblem[] = [...env.problems];
  const written = option('version_locations') ?? env.versionLocations;
  // Alembic's own template has written an inline comment after this value, which ConfigParser takes for a part of it.
  const separator = (option('path_separator') ?? option('version_path_separator'))?.split(/\s#/, 1)[0]?.trim() ?? null;
  const versions: string[] = [];
  for (const location of written === null || written === '' ? [] : splitList(written, separator)) {
    const place = [folder, root].map((base) => placeOf(location, base, packages)).find((found) => found !== null);
    if (place) {
      versions.push(place);
    } else {
      // Alembic passes over folders that are not there too.
      problems.push({ message: said`The folder ${location} of version_locations does not exist.`, file: source });
    }
  }
  const isNamed = source.endsWith('.ini') && basename(source) !== 'alembic.ini';
  const config = folder === dirname(source) && !isNamed ? '' : `-c ${typedPath(relative(folder, source) || basename(source), here)}`;
  return {
    kind,
    source,
    flags: [source.endsWith('.ini') && kind === 'alembic' ? config : '', flags].filter((flag) => flag !== '').join(' '),
    folder,
    scripts,
    versions: versions.length > 0 || written ? versions : [defaultVersions(scripts)],
    recursive: option('recursive_version_locations') === 'true',
    sourceless: option('sourceless') === 'true',
    byRows: false,
    url: option('sqlalchemy.url'),
    versionTable: env.versionTable ?? option('version_table'),
    problems,
  };
}

/** Some projects keep a folder of versions for each engine. */
function defaultVersions(scripts: string): string {
  const versions = join(scripts, 'versions');
  const hasFiles = entriesOf(versions).some((entry) => entry.name.endsWith('.py') && entry.name !== '__init__.py');
  const forSqlite = join(versions, 'sqlite');
  return !hasFiles && isFolder(forSqlite) ? forSqlite : versions;
}

/** A path, or `package:sub:folder` below one of the folders that Python looks in. */
function placeOf(location: string, base: string, packages: readonly string[]): string | null {
  if (!location.includes(':') || isAbsolute(location) || /^[a-z]:[\\/]/i.test(location)) {
    const place = resolve(base, location);
    return isFolder(place) ? place : null;
  }
  const [name = '', ...rest] = location.split(':');
  const places = [...packages, base, join(base, 'src')].map((folder) => join(folder, ...name.split('.'), ...rest));
  return places.find(isFolder) ?? null;
}

/** https://alembic.sqlalchemy.org/en/latest/tutorial.html#editing-the-ini-file, path_separator. */
function splitList(written: string, separator: string | null): string[] {
  const split: Readonly<Record<string, string | RegExp>> = { space: ' ', newline: '\n', os: delimiter, ':': ':', ';': ';' };
  return written
    .split(split[separator ?? ''] ?? /[,\s]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function ancestors(folder: string, root: string): string[] {
  const above: string[] = [];
  for (let place = folder; place !== root && place.startsWith(root);) {
    place = dirname(place);
    above.push(place);
  }
  // The working directory is most often the root.
  return above.reverse();
}

export function isScriptFolder(folder: string): boolean {
  return existsSync(join(folder, 'env.py')) || isFolder(join(folder, 'versions'));
}

/** As one word of a shell. */
export const quoted = quotedWord;

/** Whether an env.py is Alembic's. */
export function isAlembicEnvPy(file: string): boolean {
  return /^[ \t]*(?:from|import)[ \t]+alembic\b/m.test(textOf(file) ?? '');
}
