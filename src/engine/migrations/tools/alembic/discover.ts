// Finds the project's Alembic environments, and among several those that are about this database.
import { basename, dirname, join } from 'node:path';
import { filesOf } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import { isLibrary } from '../../reading/vendored';
import type { SchemaProblem } from '../../schema';
import type { ProjectFolder } from '../../tool';
import { byRows, namesDatabase } from './by-rows';
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
  const { environments, problems } = lookOf(project).once('alembic environments', '', () => environmentsOf(project));
  return { environments: byRows(withoutTwins(environments, project.database), project), problems };
}

function environmentsOf(project: ProjectFolder): Discovered {
  const problems: SchemaProblem[] = [];
  const configurations = configurationsIn(project, problems);
  const found = configurations.flatMap((configuration) => environmentOf(configuration, project.root) ?? []);
  const all = found.length > 0 ? found : environmentsWithoutConfiguration(project);
  if (all.length === 0) {
    problems.push(...configurations.map(({ source }) => ({ message: 'Its script_location leads to no folder here.', file: source })));
  }
  const own = all.filter(({ scripts }) => !isLibrary(join(scripts, 'env.py'), project.root));
  return { environments: own.length > 0 ? own : all, problems };
}

function configurationsIn(project: ProjectFolder, problems: SchemaProblem[]): Configuration[] {
  const files = filesOf(project);
  // A `.mako` is the template of another tool, with which it makes projects.
  const inis = files.filter((file) => /\.ini(\.(template|tmpl|j2|dist|example|sample))?$/.test(file));
  const tomls = new Map<string, Option>();
  for (const file of files.filter((candidate) => basename(candidate) === 'pyproject.toml')) {
    const option = readToml(file, project, problems);
    if (option) {
      tomls.set(file, option);
    }
  }
  const configurations: Configuration[] = [];
  for (const file of inis) {
    const toml = basename(file) === 'alembic.ini' ? join(dirname(file), 'pyproject.toml') : '';
    for (const [name, section] of iniSections(lookOf(project).text(file) ?? '')) {
      const ini = iniOption(file, section);
      const other = tomls.get(toml);
      configurations.push({ source: file, flags: name === 'alembic' ? '' : `-n ${quoted(name)}`, option: other ? both(ini, other) : ini });
      tomls.delete(toml);
    }
  }
  return [...configurations, ...[...tomls].map(([source, option]) => ({ source, flags: '', option }))];
}

function readToml(file: string, project: ProjectFolder, problems: SchemaProblem[]): Option | null {
  const text = lookOf(project).text(file) ?? '';
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

/** Two configurations of the same migrations, e.g. one for production: the one that names the database, else that a plain `alembic` uses. */
function withoutTwins(environments: readonly Environment[], database: string | null): Environment[] {
  const kept = new Map<string, Environment>();
  for (const environment of environments) {
    const key = [...environment.versions].sort().join('\n');
    const other = kept.get(key);
    if (other === undefined || rankOf(environment) < rankOf(other)) {
      kept.set(key, environment);
    }
  }
  return [...kept.values()];

  function rankOf(environment: Environment): number {
    return plainness(environment) + (namesDatabase(environment, database) ? 0 : 8);
  }
}

function plainness({ source, flags, url }: Environment): number {
  return (basename(source) === 'alembic.ini' ? 0 : 4) + (flags === '' ? 0 : 2) + (url === null ? 1 : 0);
}
