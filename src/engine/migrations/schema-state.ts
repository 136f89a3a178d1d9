// Where a database stands against the project's migration files, computed once for every tool from its four answers.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { reportOf } from '../errors';
import type { Connection } from '../sqlite/connection';
import { visitDatabase } from '../sqlite/visit';
import { inService, serviceFor } from './compose-service';
import { positionOf, type Position } from './position';
import type { MigrationCommands, SchemaProblem, SchemaState, SchemaStateName } from './schema';
import { TOOLS } from './tools';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder, Situation } from './tool';
import { userVersion } from './user-version';

/** The schema state of the project's database. Never throws: what cannot be known is 'cannot-analyse' with a problem. */
export function readSchemaState(project: ProjectFolder): SchemaState {
  // A copy, because what was found in a folder is remembered for one ProjectFolder object.
  const folder = { ...project };
  const known = historiesIn(folder);
  const { database } = folder;
  if (database === null || !existsSync(database)) {
    return stateOf(folder, known[0] ?? null, null, 'no-database');
  }
  try {
    return visitDatabase(database, (db) => {
      const { found, answer } = match(db, folder, known);
      return stateOf(folder, found, answer, null, hasTables(db, answer?.tables ?? []));
    });
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return stateOf(folder, known[0] ?? null, null, 'cannot-analyse', false, [{ message: `${message} ${remedy}`, file: database }]);
  }
}

/** What a database file says about its migrations, and the heads that the project's files have at this moment. Never throws. */
export function describeSnapshot(
  databaseFile: string,
  project: ProjectFolder,
): { tool: string | null; revisions: readonly string[]; heads: readonly string[] } {
  const folder = { ...project };
  const known = historiesIn(folder);
  try {
    return visitDatabase(databaseFile, (db) => {
      const { found, answer } = match(db, folder, known);
      return { tool: found?.name ?? null, revisions: answer?.revisions ?? [], heads: found?.history?.heads ?? [] };
    });
  } catch {
    return { tool: known[0]?.name ?? null, revisions: [], heads: known[0]?.history?.heads ?? [] };
  }
}

export interface Relation {
  readonly relation: 'equal' | 'behind' | 'unknown' | 'none';
  /** Migrations in the files that a database at these revisions does not have. */
  readonly behind: number;
}

/** How the revisions recorded in a backup relate to the project's files. */
export function relationOf(revisions: readonly string[], project: ProjectFolder): Relation {
  return relationsOf([revisions], project)[0] ?? { relation: 'none', behind: 0 };
}

/** The same for many backups, with one look at the files. */
export function relationsOf(revisions: readonly (readonly string[])[], project: ProjectFolder): Relation[] {
  const histories = historiesIn({ ...project }).map(({ history }) => history);
  return revisions.map((each) => {
    const history = histories.find((candidate) => candidate?.migrations.some(({ revision }) => each.includes(revision))) ?? histories[0];
    if (each.length === 0 || !history) {
      return { relation: 'none', behind: 0 };
    }
    const { unknown, pending } = positionOf(history, history.rowsImplyAncestors ? each : upTo(history, each));
    return unknown.length > 0
      ? { relation: 'unknown', behind: 0 }
      : { relation: pending.length === 0 ? 'equal' : 'behind', behind: pending.length };
  });
}

/** What to run, in this order, so that database and files fit again; empty when they do or when no command can do it. */
export function syncCommands(state: SchemaState): readonly string[] {
  const { apply, mark } = state.commands;
  const wanted: Partial<Record<SchemaStateName, readonly (string | undefined)[]>> = {
    current: [mark],
    behind: [mark, apply],
    'never-migrated': [mark, apply],
    'several-heads': state.pending.length > 0 ? [apply] : [],
  };
  return (wanted[state.state] ?? []).filter((command) => command !== undefined);
}

interface Known {
  readonly name: string;
  readonly tool: MigrationTool | null;
  readonly history: MigrationHistory | null;
}

function historiesIn(project: ProjectFolder): Known[] {
  const known = TOOLS.flatMap((tool) => {
    const history = tool.history(project);
    return history === null ? [] : [{ name: tool.name, tool, history }];
  });
  return [
    ...known.filter(({ history }) => history.migrations.length > 0),
    ...known.filter(({ history }) => history.migrations.length === 0),
  ];
}

/** The tool that has files here and a table there; otherwise one that has either. */
function match(db: Connection, project: ProjectFolder, known: readonly Known[]): { found: Known | null; answer: AppliedMigrations | null } {
  for (const each of known) {
    const answer = each.tool?.applied(db, project) ?? null;
    if (answer !== null) {
      return { found: each, answer };
    }
  }
  const [first] = known;
  if (first !== undefined) {
    return { found: first, answer: null };
  }
  for (const tool of [...TOOLS, userVersion]) {
    const answer = tool.applied(db, project);
    if (answer !== null) {
      return { found: { name: tool.name, tool: null, history: null }, answer };
    }
  }
  return { found: null, answer: null };
}

function hasTables(db: Connection, own: readonly string[]): boolean {
  const names = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  return names.some((name) => !name.startsWith('sqlite_') && !own.includes(name));
}

function stateOf(
  project: ProjectFolder,
  found: Known | null,
  answer: AppliedMigrations | null,
  fixed: SchemaStateName | null,
  tables = false,
  problems: readonly SchemaProblem[] = [],
): SchemaState {
  const history = found?.history ?? null;
  const position = history === null ? null : positionOf(history, answer?.rows ?? []);
  const state = {
    tool: found?.name ?? null,
    state: fixed ?? nameOf(history, position, answer),
    revisions: answer?.revisions ?? [],
    heads: history?.heads ?? [],
    pending: (position?.pending ?? []).map(({ revision, title, file }) => ({ revision, title, file })),
    halfApplied: answer?.halfApplied ?? [],
    problems: [...problems, ...(history?.problems ?? []), ...(position === null ? [] : problemsOf(history, position))],
  };
  const isUnversioned = tables && (answer?.rows.length ?? 0) === 0;
  const situation = history && { state, history, hasTables: isUnversioned, stampAs: position?.stampAs ?? [] };
  return { ...state, commands: situation === null ? {} : inProject(found?.tool?.commands(situation) ?? {}, project, situation) };
}

function nameOf(history: MigrationHistory | null, position: Position | null, answer: AppliedMigrations | null): SchemaStateName {
  const rows = answer?.rows ?? [];
  if ((answer?.halfApplied ?? []).length > 0) {
    return 'half-applied';
  }
  if (history === null || position === null) {
    return 'no-migrations';
  }
  const incomplete = history.incomplete === true;
  if (history.migrations.length === 0 && rows.length === 0) {
    return incomplete ? 'cannot-analyse' : 'no-migrations';
  }
  if (position.unknown.length > 0) {
    if (incomplete) {
      return 'cannot-analyse';
    }
    return history.rowsImplyAncestors ? 'unknown-revision' : position.pending.length > 0 ? 'diverged' : 'ahead';
  }
  if (rows.length === 0) {
    return 'never-migrated';
  }
  if (history.conflict !== null) {
    return 'several-heads';
  }
  return position.pending.length > 0 ? 'behind' : incomplete ? 'cannot-analyse' : 'current';
}

function problemsOf(history: MigrationHistory | null, { unknown, abbreviated, overlapping }: Position): SchemaProblem[] {
  return [
    ...unknown.map((revision) => ({
      message: history?.rowsImplyAncestors
        ? `Revision ${revision} of the database is in no migration file here. Check out the code that has it, or restore a backup whose revision these files know.`
        : `The database has ${revision}, which is in no migration file here.`,
    })),
    ...abbreviated.map(({ row, revision }) => ({
      message: `The database says "${row}", an abbreviation of ${revision}: it has to be written in full before anything can be applied.`,
    })),
    ...overlapping.map(({ row, by }) => ({ message: `The database says both ${row} and ${by}, although ${by} includes it.` })),
    ...(history?.conflict ? [{ message: history.conflict }] : []),
  ];
}

/** The tool's commands as they are typed in the project's root. */
function inProject(commands: MigrationCommands, project: ProjectFolder, { history }: Situation): MigrationCommands {
  const lines = Object.entries(commands) as [keyof MigrationCommands, string][];
  const program = lines[0]?.[1].split(' ', 1)[0] ?? '';
  const service = program === '' ? null : serviceFor(project, history.folder, program);
  const way = relative(project.root, history.folder);
  const change = way === '' ? '' : `cd ${/^[\w./-]+$/.test(way) ? way : `"${way}"`} && `;
  return Object.fromEntries(
    lines.map(([key, line]) => [key, service === null ? `${change}${line}` : inService(service, line, history.folder, project.root)]),
  );
}

/** Of a list, a backup records only the newest migration: all before it are applied as well. */
function upTo(history: MigrationHistory, revisions: readonly string[]): readonly string[] {
  const last = Math.max(...history.migrations.map(({ revision }, index) => (revisions.includes(revision) ? index : -1)));
  const unknown = revisions.filter((revision) => !history.migrations.some((migration) => migration.revision === revision));
  return [...history.migrations.slice(0, last + 1).map(({ revision }) => revision), ...unknown];
}
