// Finds the project's Alembic environments, and among several those that are about this database.
import { basename, dirname, join, resolve } from 'node:path';
import { filesOf, textOf } from '../../reading/folder-search';
import type { SchemaProblem } from '../../schema';
import type { ProjectFolder } from '../../tool';
import {
  environmentAround,
  environmentOf,
  isAlembicEnvPy,
  isScriptFolder,
  quoted,
  type Configuration,
  type Environment,
} from './environment';
import { both, iniOption, iniSections, tomlOption, type Option } from './options';

export interface Discovered {
  readonly environments: readonly Environment[];
  /** Configurations that lead nowhere, too. */
  readonly problems: readonly SchemaProblem[];
}

const known = new WeakMap<ProjectFolder, Discovered>();

/** The environments whose migrations are applied to the project's database; empty: Alembic is not used. */
export function discoverAlembic(project: ProjectFolder): Discovered {
  const discovered = known.get(project) ?? discover(project);
  known.set(project, discovered);
  return discovered;
}

function discover(project: ProjectFolder): Discovered {
  const problems: SchemaProblem[] = [];
  const configurations = configurationsIn(project, problems);
  const found = configurations.flatMap((configuration) => environmentOf(configuration, project.root) ?? []);
  const all = found.length > 0 ? found : environmentsWithoutConfiguration(project);
  if (all.length === 0) {
    problems.push(...configurations.map(({ source }) => ({ message: 'Its script_location leads to no folder here.', file: source })));
  }
  return { environments: aboutDatabase(withoutTwins(all), project.database), problems };
}

function configurationsIn(project: ProjectFolder, problems: SchemaProblem[]): Configuration[] {
  const files = filesOf(project);
  const inis = files.filter((file) => /\.ini(\.(mako|template|tmpl|j2|dist|example|sample))?$/.test(file));
  const tomls = new Map<string, Option>();
  for (const file of files.filter((candidate) => basename(candidate) === 'pyproject.toml')) {
    const option = readToml(file, problems);
    if (option) {
      tomls.set(file, option);
    }
  }
  const configurations: Configuration[] = [];
  for (const file of inis) {
    const toml = basename(file) === 'alembic.ini' ? join(dirname(file), 'pyproject.toml') : '';
    for (const [name, section] of iniSections(textOf(file) ?? '')) {
      const ini = iniOption(file, section);
      const other = tomls.get(toml);
      configurations.push({ source: file, flags: name === 'alembic' ? '' : `-n ${quoted(name)}`, option: other ? both(ini, other) : ini });
      tomls.delete(toml);
    }
  }
  return [...configurations, ...[...tomls].map(([source, option]) => ({ source, flags: '', option }))];
}

function readToml(file: string, problems: SchemaProblem[]): Option | null {
  const text = textOf(file) ?? '';
  if (!text.includes('alembic')) {
    return null;
  }
  try {
    return tomlOption(file, text);
  } catch (error) {
    const line = error instanceof Error && 'line' in error && typeof error.line === 'number' ? { line: error.line } : {};
    problems.push({ message: 'It is not valid TOML.', file, ...line });
    return null;
  }
}

function environmentsWithoutConfiguration(project: ProjectFolder): Environment[] {
  return filesOf(project)
    .filter((file) => basename(file) === 'env.py' && isAlembicEnvPy(file))
    .filter((file) => isScriptFolder(dirname(file)) && filesOf(project).some((other) => isBeside(other, dirname(file))))
    .map((file) => environmentAround(file, project.root));
}

function isBeside(file: string, scripts: string): boolean {
  return file === join(scripts, 'script.py.mako') || dirname(file) === join(scripts, 'versions');
}

/** Two configurations of the same migrations, e.g. one for production: the one a plain `alembic` uses. */
function withoutTwins(environments: readonly Environment[]): Environment[] {
  const kept = new Map<string, Environment>();
  for (const environment of environments) {
    const key = [...environment.versions].sort().join('\n');
    const other = kept.get(key);
    if (other === undefined || plainness(environment) < plainness(other)) {
      kept.set(key, environment);
    }
  }
  return [...kept.values()];
}

function plainness({ source, flags, url }: Environment): number {
  return (basename(source) === 'alembic.ini' ? 0 : 4) + (flags === '' ? 0 : 2) + (url === null ? 1 : 0);
}

/** Several may share one database only if each keeps its own version table. */
function aboutDatabase(environments: readonly Environment[], database: string | null): readonly Environment[] {
  if (environments.length < 2) {
    return environments;
  }
  const rank = (environment: Environment): number => rankOf(environment, database);
  const best = Math.min(...environments.map(rank));
  const fitting = environments.filter((environment) => rank(environment) === best);
  const tables = new Set(fitting.map(({ versionTable }) => versionTable ?? 'alembic_version'));
  if (tables.size === fitting.length) {
    return fitting;
  }
  const distance = ({ folder }: Environment): number => -commonLength(folder, database ?? folder);
  return [...fitting].sort((a, b) => distance(a) - distance(b) || a.folder.length - b.folder.length).slice(0, 1);
}

/** 0: it names this database; 1: it does not say; 2: it names another. */
function rankOf({ url, folder }: Environment, database: string | null): number {
  const path = /^sqlite(?:\+\w+)?:\/\/\/([^?]*)/.exec(url ?? '')?.[1];
  if (url === null || database === null || /^driver:|^$/.test(url)) {
    return 1;
  }
  if (path === undefined) {
    return 2;
  }
  if (resolve(folder, path) === database) {
    return 0;
  }
  return path.startsWith('/') ? 1 : 2;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length++;
  }
  return length;
}
