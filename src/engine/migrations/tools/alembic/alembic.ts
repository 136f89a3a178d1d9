// Alembic, the migration tool of SQLAlchemy: `alembic upgrade head` (https://alembic.sqlalchemy.org).
import { dirname, relative } from 'node:path';
import type { Connection } from '../../../sqlite/connection';
import { here } from '../../../platform/platform';
import { typedPath } from '../../../platform/shell';
import { leftovers } from '../../reading/leftovers';
import type { MigrationCommands, SchemaProblem } from '../../schema';
import type { AppliedMigrations, FileText, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';
import { databases } from './databases';
import { discoverAlembic } from './discover';
import { quoted, type Environment } from './environment';
import { foresee } from './foresee';
import { buildGraph, type Graph } from './graph';
import { readHistory, type EnvironmentHistory } from './history';
import { parseScript } from './script';
import { uploads } from './uploads';
import { versionTables } from './version-table';
import { said } from '../../../said';

export interface AlembicHistory extends MigrationHistory {
  readonly environments: readonly EnvironmentHistory[];
}

export const alembic = { name: 'alembic', history, applied, commands, databases, uploads, foresee, migrationsIn } satisfies MigrationTool;

function history(project: ProjectFolder): AlembicHistory | null {
  const { environments, problems } = discoverAlembic(project);
  const [first] = environments;
  if (first === undefined) {
    return problems.length === 0 ? null : nothingUsable(problems);
  }
  const histories = environments.map((each) => readHistory(each, project));
  return {
    folder: first.folder,
    migrations: histories.flatMap(({ graph }) => migrationsOf(graph)),
    heads: histories.flatMap(({ graph }) => graph.realHeads),
    rowsImplyAncestors: true,
    conflict: conflictOf(histories),
    problems: [...problems, ...histories.flatMap((each) => each.problems)],
    incomplete: histories.some((each) => each.incomplete),
    watch: [...new Set(environments.flatMap((each) => [each.source, each.scripts, ...each.versions]))],
    environments: histories,
  };
}

function migrationsIn(files: readonly FileText[]): readonly Migration[] {
  return migrationsOf(buildGraph(files.flatMap(({ path, text }) => parseScript(text, path).script ?? [])));
}

function migrationsOf(graph: Graph): Migration[] {
  return [...graph.nodes.values()].map(({ script, parents }) => ({
    revision: script.revision,
    title: script.title,
    file: script.file,
    parents,
  }));
}

/** There is a configuration, but no migration can be found through it. */
function nothingUsable(problems: readonly SchemaProblem[]): AlembicHistory {
  const [source = ''] = problems.flatMap(({ file }) => file ?? []);
  return {
    folder: dirname(source),
    migrations: [],
    heads: [],
    rowsImplyAncestors: true,
    conflict: null,
    problems,
    incomplete: true,
    watch: [source],
    environments: [],
  };
}

function conflictOf(histories: readonly EnvironmentHistory[]): string | null {
  const several = histories.find(({ graph }) => graph.realHeads.length > 1);
  return several === undefined
    ? null
    : said`The migrations have ${several.graph.realHeads.length} heads (${several.graph.realHeads.join(', ')}): "alembic upgrade head" fails until they are merged.`;
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const tables = versionTables(db);
  const halfApplied = leftovers(db, '_alembic_tmp_', 50);
  if (tables.size === 0 && halfApplied.length === 0) {
    return null;
  }
  const rows = ownTables(tables, discoverAlembic(project).environments, project).flatMap((name) => tables.get(name) ?? []);
  return { rows, revisions: rows, halfApplied, tables: [...tables.keys()] };
}

/** Other programs may keep version tables in the same database. */
function ownTables(
  tables: ReadonlyMap<string, readonly string[]>,
  environments: readonly Environment[],
  project: ProjectFolder,
): readonly string[] {
  const named = environments.flatMap(({ versionTable }) => versionTable ?? []).filter((name) => tables.has(name));
  const unnamed = environments.filter(({ versionTable }) => versionTable === null);
  const rest = [...tables.keys()].filter((name) => !named.includes(name));
  if (rest.length < 2 || unnamed.length === 0) {
    return named.length > 0 && unnamed.length === 0 ? named : [...named, ...rest];
  }
  const ids = new Set(unnamed.flatMap((environment) => [...readHistory(environment, project).graph.nodes.keys()]));
  const known = rest.filter((name) => tables.get(name)?.some((row) => ids.has(row)));
  const candidates = known.length > 0 ? known : rest;
  return [...named, ...(candidates.includes('alembic_version') ? ['alembic_version'] : candidates)];
}

function commands(situation: Situation): MigrationCommands {
  const { environments } = situation.history as AlembicHistory;
  if (environments.some(({ environment }) => environment.byRows)) {
    // Only the application's own code tells Alembic where these files are.
    return {};
  }
  const show = environments.map(({ environment }) => command(environment, 'current', situation.history.folder));
  return environments.length === 0 ? {} : { show: joined(show), ...advice(situation, environments) };
}

/** What fits the state (docs: Alembic's "Working with Branches" and "stamp"). */
function advice(situation: Situation, environments: readonly EnvironmentHistory[]): MigrationCommands {
  const { state, history: files } = situation;
  const run = (words: string, each = environments): string =>
    joined(each.map(({ environment }) => command(environment, words, files.folder)));
  const upgrade = joined(
    environments.map(({ environment, graph }) =>
      command(environment, graph.heads.length > 1 ? 'upgrade heads' : 'upgrade head', files.folder),
    ),
  );
  const merge = {
    mark: run(
      'merge -m "merge" heads',
      environments.filter(({ graph }) => graph.realHeads.length > 1),
    ),
  };
  const purged =
    situation.stampAs === undefined || situation.stampAs.length === 0
      ? null
      : { mark: run(`stamp --purge ${situation.stampAs.map(quoted).join(' ')}`) };
  switch (state.state) {
    case 'behind':
    case 'no-database':
      return { apply: upgrade, ...purged };
    case 'never-migrated':
      return situation.hasTables === true ? { mark: run('stamp REVISION'), apply: upgrade } : { apply: upgrade };
    case 'several-heads':
      return { apply: upgrade, ...(purged ?? merge) };
    case 'current':
      return purged ?? {};
    case 'ahead':
    case 'diverged':
    case 'unknown-revision':
    case 'half-applied':
    case 'no-migrations':
    case 'cannot-analyse':
      return {};
  }
}

function command(environment: Environment, words: string, from: string): string {
  const isFlask = environment.kind === 'flask';
  const folder = relative(environment.folder, environment.scripts);
  const flags = isFlask && folder !== 'migrations' ? `-d ${typedPath(folder, here)}` : environment.flags;
  const program = isFlask ? `flask db ${words}${flags === '' ? '' : ` ${flags}`}` : `alembic${flags === '' ? '' : ` ${flags}`} ${words}`;
  return environment.folder === from ? program : `(cd ${typedPath(relative(from, environment.folder), here)} && ${program})`;
}

function joined(commandLines: readonly string[]): string {
  return commandLines.join(' && ');
}
