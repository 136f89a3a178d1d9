// What an Alembic environment's files hold.
import { join } from 'node:path';
import { entriesOf, lookOf } from '../../reading/look';
import type { SchemaProblem } from '../../schema';
import type { ProjectFolder } from '../../tool';
import type { Environment } from './environment';
import { buildGraph, type Graph } from './graph';
import { readScript, type Script } from './script';
import { said } from '../../../said';

export interface EnvironmentHistory {
  readonly environment: Environment;
  readonly graph: Graph;
  readonly problems: readonly SchemaProblem[];
  /** There may be migrations that are not in the graph. */
  readonly incomplete: boolean;
}

/** Alembic's own test of a file's name. */
const SOURCE = /^(?!\.#|__init__)(.*\.py)$/;
const COMPILED = /^(?!\.#|__init__)(.*\.py[co])$/;

/** Read once for a look. */
export function readHistory(environment: Environment, project: ProjectFolder): EnvironmentHistory {
  return lookOf(project).once('alembic history', JSON.stringify(environment), () => read(environment, project));
}

function read(environment: Environment, project: ProjectFolder): EnvironmentHistory {
  const problems: SchemaProblem[] = [...environment.problems];
  const scripts: Script[] = [];
  let incomplete = false;
  const folders = environment.versions.flatMap((folder) => [folder, ...(environment.recursive ? foldersBelow(folder) : [])]);
  for (const folder of new Set(folders)) {
    const names = entriesOf(folder)
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name);
    for (const name of names.filter((candidate) => SOURCE.test(candidate))) {
      const answer = readScript(join(folder, name), project);
      scripts.push(...(answer.script === null ? [] : [answer.script]));
      problems.push(...answer.problems);
      incomplete ||= answer.incomplete;
    }
    const compiled = environment.sourceless ? compiledOnly(folder, names) : [];
    if (compiled.length > 0) {
      incomplete = true;
      problems.push({ message: said`Migrations without source cannot be read: ${compiled.join(', ')}.`, file: folder });
    }
  }
  const graph = buildGraph(scripts);
  return { environment, graph, problems: [...problems, ...graph.problems], incomplete: incomplete || graph.hasCycle };
}

function compiledOnly(folder: string, names: readonly string[]): string[] {
  const sources = new Set(names.filter((name) => SOURCE.test(name)).map((name) => name.split('.', 1)[0]));
  const cached = entriesOf(join(folder, '__pycache__')).map((entry) => entry.name);
  return [...names, ...cached]
    .filter((name) => COMPILED.test(name) || /\.pyc$/.test(name))
    .filter((name) => !name.startsWith('__init__') && !sources.has(name.split('.', 1)[0]));
}

const MAX_DEPTH = 8;

function foldersBelow(folder: string, depth = 0): string[] {
  if (depth > MAX_DEPTH) {
    return [];
  }
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
    .flatMap((entry) => [join(folder, entry.name), ...foldersBelow(join(folder, entry.name), depth + 1)]);
}
