// Compares two states of a project and says what differs: schema, rows by table, uploads, revisions. Changes nothing.
import { type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { openAtRest } from '../sqlite/at-rest';
import type { Connection } from '../sqlite/connection';
import { readSchema, type SchemaEntry } from '../sqlite/dump/tables';
import { explainSqlite } from '../sqlite/explain';
import { folded } from '../sqlite/same-name';
import type { Environment } from '../store/environment';
import type { Warned, Warning } from '../warnings';
import { equalTables } from './equal-tables';
import { withState, type ProjectState } from './state';
import { compareTables, type TableDifference } from './tables';
import { compareUploads, type UploadChanges } from './uploads';

export type ComparedPart = 'schema' | 'tables' | 'uploads';

export interface CompareParams {
  /** A backup or a dump; null: the live data. */
  readonly from: string | null;
  readonly to: string | null;
  /** What is compared; without it everything. */
  readonly parts?: readonly ComparedPart[];
  /** Only these tables; without them all. */
  readonly tables?: readonly string[];
  /** Tables without a difference are told too. */
  readonly all?: boolean;
  /** So many differing rows of each table are told with their values; none without it. */
  readonly limit?: number;
}

/** An object of the schema with the statement that makes it. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

export interface SchemaDifference {
  readonly added: readonly SchemaObject[];
  readonly removed: readonly SchemaObject[];
  /** `sql` is the statement of the second state, `before` that of the first. */
  readonly changed: readonly (SchemaObject & { readonly before: string })[];
}

export interface Comparison extends Warned {
  /** "live", or the name of a backup or dump. */
  readonly from: string;
  readonly to: string;
  readonly schema: SchemaDifference;
  readonly tables: readonly TableDifference[];
  readonly uploads: UploadChanges;
  readonly revisions: { readonly from: readonly string[]; readonly to: readonly string[] };
  /** Tables of the live data in which the migration tool keeps its own records. */
  readonly migrationTables?: readonly string[];
}

const NOTHING = { added: [], removed: [], changed: [] };

/** Fails with BACKUP_NOT_FOUND, and with CANCELLED when it is told to stop. Memory is bounded at any size. */
export async function compareStates(
  env: Environment,
  project: Project,
  params: CompareParams,
  options: OperationOptions,
): Promise<Comparison> {
  const parts = params.parts ?? ['schema', 'tables', 'uploads'];
  const needs = { database: parts.some((part) => part !== 'uploads'), uploads: parts.includes('uploads') };
  return withState(env, project, params.from, needs, options, async (from) =>
    withState(env, project, params.to, needs, options, async (to) => ({
      from: from.name,
      to: to.name,
      ...(needs.database ? await compareDatabases(from, to, parts, params, options) : { schema: NOTHING, tables: [], warnings: [] }),
      uploads: needs.uploads ? await compareUploads(env, from, to, options) : NOTHING,
      revisions: { from: from.revisions, to: to.revisions },
      ...(from.migrationTables.length > 0 && { migrationTables: from.migrationTables }),
    })),
  );
}

async function compareDatabases(
  from: ProjectState,
  to: ProjectState,
  parts: readonly ComparedPart[],
  params: CompareParams,
  options: OperationOptions,
): Promise<Pick<Comparison, 'schema' | 'tables' | 'warnings'>> {
  if (from.sha256 !== null && from.sha256 === to.sha256 && params.all !== true) {
    return { schema: NOTHING, tables: [], warnings: [] };
  }
  const first = from.database === null ? null : openAtRest(from.database);
  try {
    const second = to.database === null ? null : openAtRest(to.database);
    try {
      const before = first === null ? [] : objectsOf(first.db);
      const after = second === null ? [] : objectsOf(second.db);
      const warnings: Warning[] = [];
      const equal = equalTables(from, to);
      const sides = { first: first?.db ?? null, second: second?.db ?? null, before, after, equal };
      const tables = parts.includes('tables') ? await compareTables(sides, params, warnings, options) : [];
      return { schema: parts.includes('schema') ? schemaDifference(before, after) : NOTHING, tables, warnings };
    } finally {
      second?.close();
    }
  } catch (error) {
    throw explainSqlite(error, from.database ?? to.database ?? '');
  } finally {
    first?.close();
  }
}

function objectsOf(db: Connection): SchemaEntry[] {
  const { tables, later } = readSchema(db);
  return [...tables, ...later];
}

function schemaDifference(before: readonly SchemaEntry[], after: readonly SchemaEntry[]): SchemaDifference {
  const byKey = (entries: readonly SchemaEntry[]): Map<string, SchemaEntry> =>
    new Map(entries.map((entry) => [`${entry.type} ${folded(entry.name)}`, entry]));
  const [earlier, later] = [byKey(before), byKey(after)];
  const changed = [...later].flatMap(([key, entry]) => {
    const old = earlier.get(key);
    return old === undefined || old.sql === entry.sql ? [] : [{ ...entry, before: old.sql }];
  });
  return {
    added: [...later].filter(([key]) => !earlier.has(key)).map(([, entry]) => entry),
    removed: [...earlier].filter(([key]) => !later.has(key)).map(([, entry]) => entry),
    changed,
  };
}
