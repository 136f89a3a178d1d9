// Where a database stands against the project's migration files, from the four answers of whatever tool is there.
import { existsSync } from 'node:fs';
import { reportOf } from '../../errors';
import { placeText } from '../../compose/place';
import type { Connection } from '../../sqlite/connection';
import { visitDatabase } from '../../sqlite/visit';
import { judge } from './judge';
import { migrationsById, positionOf, withAncestors } from './position';
import { recogniseIn, recogniseTools, type Recognised } from './recognise';
import type { SchemaProblem, SchemaState, SchemaStateName } from '../schema';
import type { Migration, MigrationHistory, ProjectFolder } from '../tool';
import { said } from '../../said';

/** The schema state of the project's database. Never throws: what cannot be known is 'cannot-analyse' with a problem. */
export function readSchemaState(project: ProjectFolder): SchemaState {
  const { database, databasePlace } = project;
  const [first = null] = recogniseTools(project);
  if (database === null && databasePlace !== undefined) {
    const message = said`The database is ${placeText(databasePlace)}: it cannot be read from this machine.`;
    return judge(project, first, { fixed: 'cannot-analyse', problems: [{ message }] });
  }
  if (database === null || !existsSync(database)) {
    return judge(project, first, { fixed: 'no-database' });
  }
  try {
    return visitDatabase(database, (db) => {
      const { tool, answer } = recogniseIn(db, project);
      const state = judge(project, tool, { answer, hasTables: hasTables(db, answer?.tables ?? []) });
      return state.state === 'behind' ? { ...state, problems: [...state.problems, ...foreseen(db, tool, state)] } : state;
    });
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return judge(project, first, { fixed: 'cannot-analyse', problems: [{ message: said`${message} ${remedy}`, file: database }] });
  }
}

/** Absolute files and folders whose change can change the schema state, beside the database. */
export function watchedBy(project: ProjectFolder): readonly string[] {
  return [...new Set(recogniseTools(project).flatMap(({ history }) => history.watch))];
}

export interface SnapshotRevisions {
  readonly tool: string | null;
  readonly revisions: readonly string[];
  readonly heads: readonly string[];
  /** Tables that are the tool's own. */
  readonly tables: readonly string[];
}

/** What a database file says about its migrations, and the heads that the project's files have at this moment. Never throws. */
export function describeSnapshot(databaseFile: string, project: ProjectFolder): SnapshotRevisions {
  try {
    return visitDatabase(databaseFile, (db) => {
      const { tool, answer } = recogniseIn(db, project);
      const heads = (answer?.history ?? tool?.history)?.heads ?? [];
      return { tool: tool?.name ?? null, revisions: answer?.revisions ?? [], heads, tables: answer?.tables ?? [] };
    });
  } catch {
    const [first] = recogniseTools(project);
    return { tool: first?.name ?? null, revisions: [], heads: first?.history.heads ?? [], tables: [] };
  }
}

export interface Relation {
  readonly relation: 'equal' | 'behind' | 'unknown' | 'none';
  /** Migrations in the files that a database at these revisions does not have. */
  readonly behind: number;
}

/** How the revisions recorded in a backup relate to the project's files. */
export function relationOf(revisions: readonly string[], project: ProjectFolder): Relation {
  if (revisions.length === 0) {
    return { relation: 'none', behind: 0 };
  }
  const histories = recogniseTools(project).map(({ history }) => history);
  const isKnown = (history: MigrationHistory, name: string): boolean =>
    migrationsById(history).has(name) || squashesByName(history).has(name);
  const history = histories.find((each) => revisions.some((name) => isKnown(each, name))) ?? histories[0];
  if (history === undefined) {
    return { relation: 'none', behind: 0 };
  }
  const { unknown, pending } = positionOf(history, history.rowsImplyAncestors ? revisions : upTo(history, revisions));
  return unknown.length > 0
    ? { relation: 'unknown', behind: 0 }
    : { relation: pending.length === 0 ? 'equal' : 'behind', behind: pending.length };
}

/** The same for many backups, with one look at the files. */
export function relationsOf(revisions: readonly (readonly string[])[], project: ProjectFolder): Relation[] {
  const known = new Map<string, Relation>();
  return revisions.map((each) => {
    const key = JSON.stringify(each);
    const relation = known.get(key) ?? relationOf(each, project);
    known.set(key, relation);
    return relation;
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

function foreseen(db: Connection, tool: Recognised | null, { pending }: SchemaState): readonly SchemaProblem[] {
  const waiting = new Set(pending.map(({ revision }) => revision));
  return tool?.tool.foresee?.(db, tool.history?.migrations.filter(({ revision }) => waiting.has(revision)) ?? []) ?? [];
}

function hasTables(db: Connection, own: readonly string[]): boolean {
  const names = db
    .prepare<[], string>("SELECT CAST(name AS TEXT) FROM sqlite_schema WHERE type = 'table' AND name IS NOT NULL LIMIT 20000")
    .pluck()
    .all();
  return names.some((name) => !name.startsWith('sqlite_') && !own.includes(name));
}

/** A backup records only the newest migrations: all that these stand on are applied as well. */
function upTo(history: MigrationHistory, revisions: readonly string[]): readonly string[] {
  const byId = migrationsById(history);
  const meant = revisions.flatMap((name) => {
    const squash = byId.has(name) ? undefined : squashesByName(history).get(name);
    const isComplete = squash?.replaces?.at(-1) === name;
    return squash === undefined ? [name] : isComplete ? [squash.revision] : squash.parents;
  });
  return [...withAncestors(meant, byId)];
}

const squashes = new WeakMap<MigrationHistory, ReadonlyMap<string, Migration>>();

/** The first migration that stands for another one, by the other's name. */
function squashesByName(history: MigrationHistory): ReadonlyMap<string, Migration> {
  const known = squashes.get(history) ?? namesReplaced(history);
  squashes.set(history, known);
  return known;
}

function namesReplaced({ migrations }: MigrationHistory): Map<string, Migration> {
  const byName = new Map<string, Migration>();
  for (const migration of migrations) {
    for (const name of migration.replaces ?? []) {
      if (!byName.has(name)) {
        byName.set(name, migration);
      }
    }
  }
  return byName;
}
