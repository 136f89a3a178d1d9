// Compares two states of a project and says what differs: schema, rows by table, uploads, revisions. Changes nothing.
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { openAtRest, type OpenedAtRest } from '../sqlite/at-rest';
import type { Connection } from '../sqlite/connection';
import { isVirtual, readSchema, type SchemaEntry } from '../sqlite/dump/tables';
import { countRows, diffTable, pairingOf } from '../sqlite/table-diff';
import type { Environment } from '../store/environment';
import { withState, type ProjectState } from './state';
import { compareUploads, type UploadChanges } from './uploads';

export interface CompareParams {
  /** A backup or a dump; null: the live data. */
  readonly from: string | null;
  readonly to: string | null;
  /** Only these tables; without them all. */
  readonly tables?: readonly string[];
  /** Tables without a difference are told too. */
  readonly all?: boolean;
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

export interface TableDifference {
  readonly name: string;
  /** Rows. */
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Columns that only one of both has; rows are compared by the others. */
  readonly onlyBefore?: readonly string[];
  readonly onlyAfter?: readonly string[];
}

export interface Comparison {
  /** "live", or the name of a backup or dump. */
  readonly from: string;
  readonly to: string;
  readonly schema: SchemaDifference;
  readonly tables: readonly TableDifference[];
  readonly uploads: UploadChanges;
  readonly revisions: { readonly from: readonly string[]; readonly to: readonly string[] };
}

/** Fails with BACKUP_NOT_FOUND, and with CANCELLED when it is told to stop. Memory is bounded at any size. */
export async function compareStates(
  env: Environment,
  project: Project,
  params: CompareParams,
  options: OperationOptions,
): Promise<Comparison> {
  return withState(env, project, params.from, options, async (from) =>
    withState(env, project, params.to, options, async (to) => ({
      from: from.name,
      to: to.name,
      ...(await compareDatabases(from, to, params, options)),
      uploads: await compareUploads(env, from, to, options),
      revisions: { from: from.revisions, to: to.revisions },
    })),
  );
}

async function compareDatabases(
  from: ProjectState,
  to: ProjectState,
  params: CompareParams,
  options: OperationOptions,
): Promise<Pick<Comparison, 'schema' | 'tables'>> {
  const first = from.database === null ? null : openAtRest(from.database);
  const second = to.database === null ? null : openAtRest(to.database);
  try {
    const [before, after] = [first, second].map((opened) => (opened === null ? [] : objectsOf(opened.db))) as [
      SchemaEntry[],
      SchemaEntry[],
    ];
    const tables = await compareTables({ first, second, before, after }, params, options);
    return { schema: schemaDifference(before, after), tables };
  } finally {
    first?.close();
    second?.close();
  }
}

interface Sides {
  readonly first: OpenedAtRest | null;
  readonly second: OpenedAtRest | null;
  readonly before: readonly SchemaEntry[];
  readonly after: readonly SchemaEntry[];
}

function objectsOf(db: Connection): SchemaEntry[] {
  const { tables, later } = readSchema(db);
  return [...tables, ...later];
}

function schemaDifference(before: readonly SchemaEntry[], after: readonly SchemaEntry[]): SchemaDifference {
  const [earlier, later] = [before, after].map((entries) => new Map(entries.map((entry) => [`${entry.type} ${entry.name}`, entry]))) as [
    Map<string, SchemaEntry>,
    Map<string, SchemaEntry>,
  ];
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

/** Tables of which one side has none count all their rows as added or removed. */
async function compareTables(sides: Sides, params: CompareParams, options: OperationOptions): Promise<TableDifference[]> {
  const { first, second } = sides;
  const [before, after] = [sides.before, sides.after].map(tablesIn) as [Map<string, SchemaEntry>, Map<string, SchemaEntry>];
  const wanted = (name: string): boolean => params.tables?.some((each) => each.toLowerCase() === name.toLowerCase()) ?? true;
  const found: TableDifference[] = [];
  let doneRows = 0;
  const turn = async (rows: number): Promise<void> => {
    doneRows += rows;
    options.onProgress?.({ phase: 'check', doneBytes: doneRows, totalBytes: 0 });
    await setImmediate();
    throwIfCancelled(options.signal);
  };
  for (const name of [...new Set([...before.keys(), ...after.keys()])].filter(wanted).sort()) {
    await turn(0);
    const [old, now] = [before.get(name), after.get(name)];
    if (first === null || old === undefined) {
      const rows = second === null ? 0 : countRows(second.db, name);
      found.push({ name, before: 0, after: rows, added: rows, removed: 0, changed: 0 });
    } else if (second === null || now === undefined) {
      const rows = countRows(first.db, name);
      found.push({ name, before: rows, after: 0, added: 0, removed: rows, changed: 0 });
    } else {
      const pairing = pairingOf(first.db, second.db, name, isVirtual(old) || isVirtual(now));
      const counts = await diffTable(first.db, second.db, name, pairing, turn);
      const { onlyBefore, onlyAfter } = pairing;
      found.push({ name, ...counts, ...(onlyBefore.length > 0 && { onlyBefore }), ...(onlyAfter.length > 0 && { onlyAfter }) });
    }
  }
  return params.all === true ? found : found.filter(isDifferent);
}

/** By name; shadow tables of virtual ones are compared through these. */
function tablesIn(entries: readonly SchemaEntry[]): Map<string, SchemaEntry> {
  const virtual = entries.filter((entry) => entry.type === 'table' && isVirtual(entry)).map(({ name }) => `${name.toLowerCase()}_`);
  const isShadow = (name: string): boolean => virtual.some((prefix) => name.toLowerCase().startsWith(prefix));
  return new Map(entries.filter(({ type, name }) => type === 'table' && !isShadow(name)).map((entry) => [entry.name, entry]));
}

function isDifferent({ added, removed, changed, onlyBefore, onlyAfter }: TableDifference): boolean {
  return added + removed + changed > 0 || onlyBefore !== undefined || onlyAfter !== undefined;
}
