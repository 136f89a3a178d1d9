// One table over all backups: how many rows each holds, and the newest backup that still has certain rows. Changes nothing.
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { readAtRest } from '../sqlite/at-rest';
import type { Connection } from '../sqlite/connection';
import { quoteName, type SqlValue } from '../sqlite/dump/literal';
import { readColumns, readSchema } from '../sqlite/dump/tables';
import { explainSqlite } from '../sqlite/explain';
import { condition, requireExpression, withExpression } from '../sqlite/expression';
import { isSameName } from '../sqlite/same-name';
import { shownValue } from '../sqlite/shown-value';
import { bytesOf } from '../sqlite/table-diff';
import type { Environment } from '../store/environment';
import { isGood, listBackups, type GoodBackup } from '../store/list';
import { warning, type Warned, type Warning } from '../warnings';
import { said } from '../said';

export interface RowsParams {
  readonly table: string;
  /** An SQL expression on the columns of the table; without it every row counts. */
  readonly where?: string;
}

/** What one backup holds of a table. */
export interface TableInBackup extends Warned {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** null: the backup has no such table, or it could not be read, which is a warning. */
  readonly rows: number | null;
}

export interface FoundRows extends Warned {
  readonly table: string;
  /** The newest backup with such rows; null: none has any. */
  readonly backup: string | null;
  readonly createdAt: string | null;
  readonly rows: number;
  readonly columns: readonly string[];
  /** The first of them, as SQL literals in the order of the columns, long ones cut. */
  readonly first: readonly (readonly string[])[];
}

const SHOWN = 20;

/** How many rows of a table each backup holds, newest first. Fails with USAGE when the condition is no expression on it. */
export async function logTable(
  env: Environment,
  project: Project,
  params: RowsParams,
  options: OperationOptions,
): Promise<TableInBackup[]> {
  const found: TableInBackup[] = [];
  let fault: unknown = null;
  for (const backup of await backupsOf(env, project)) {
    await turn(options);
    const { name, manifest } = backup;
    try {
      const rows = recordedRows(backup, params) ?? withTable(backup, params, countIn);
      found.push({ name, createdAt: manifest.created_at, rows, warnings: [] });
    } catch (error) {
      fault ??= error;
      found.push({ name, createdAt: manifest.created_at, rows: null, warnings: [unread(backup, params, error)] });
    }
  }
  failWhereNobodyHas(
    params,
    found.map(({ rows }) => rows),
    fault,
  );
  return found;
}

/** The newest backup that has rows for which the condition is true. Fails with USAGE when it is no expression on the table. */
export async function findRows(env: Environment, project: Project, params: RowsParams, options: OperationOptions): Promise<FoundRows> {
  const warnings: Warning[] = [];
  const counts: (number | null)[] = [];
  let fault: unknown = null;
  for (const backup of await backupsOf(env, project)) {
    await turn(options);
    try {
      const rows = withTable(backup, params, countIn);
      counts.push(rows);
      if (rows !== null && rows > 0) {
        const shown = withTable(backup, params, firstOf) ?? { columns: [], first: [] };
        return { table: params.table, backup: backup.name, createdAt: backup.manifest.created_at, rows, ...shown, warnings };
      }
    } catch (error) {
      fault ??= error;
      warnings.push(unread(backup, params, error));
    }
  }
  failWhereNobodyHas(params, counts, fault);
  return { table: params.table, backup: null, createdAt: null, rows: 0, columns: [], first: [], warnings };
}

async function backupsOf({ disk }: Environment, { backups }: Project): Promise<GoodBackup[]> {
  return (await listBackups(disk, backups)).backups.filter(isGood);
}

async function turn({ signal, onProgress }: OperationOptions): Promise<void> {
  onProgress?.({ phase: 'compare', doneBytes: 0, totalBytes: 0 });
  await setImmediate();
  throwIfCancelled(signal);
}

/** What the manifest says: then the database need not be opened. */
function recordedRows({ manifest }: GoodBackup, { table, where }: RowsParams): number | undefined {
  const recorded = where === undefined ? manifest.database?.tables : undefined;
  return recorded?.find(({ name }) => isSameName(name, table))?.rows;
}

/** What `use` says of the table in a backup; null: there is none. */
function withTable<T>(
  { path, manifest }: GoodBackup,
  { table, where }: RowsParams,
  use: (db: Connection, table: string, where: string | undefined) => T,
): T | null {
  const { database_file: file } = manifest;
  if (file === null || manifest.database?.size === 0) {
    return null;
  }
  return readAtRest(join(path, file), (db) => {
    db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    const entry = readSchema(db).tables.find(({ name }) => isSameName(name, table));
    if (entry === undefined) {
      return null;
    }
    if (where === undefined) {
      return use(db, entry.name, where);
    }
    requireExpression(db, entry.name, where);
    return withExpression(where, () => use(db, entry.name, where));
  });
}

function selection(table: string, where: string | undefined): string {
  return `FROM main.${quoteName(table)}${where === undefined ? '' : ` WHERE ${condition(where)}`}`;
}

function countIn(db: Connection, table: string, where: string | undefined): number {
  return Number(
    db
      .prepare(`SELECT count(*) ${selection(table, where)}`)
      .pluck()
      .get(),
  );
}

function firstOf(db: Connection, table: string, where: string | undefined): Pick<FoundRows, 'columns' | 'first'> {
  const { names, generated } = readColumns(db, table);
  const columns = [...names, ...generated];
  const quoted = columns.map(quoteName);
  const selected = [...quoted.map(bytesOf), ...quoted.map((name) => `typeof(${name})`)];
  const rows = db
    .prepare<[], SqlValue[]>(`SELECT ${selected.join(', ')} ${selection(table, where)} LIMIT ${SHOWN}`)
    .raw()
    .safeIntegers()
    .all();
  const encoding = String(db.pragma('encoding', { simple: true }));
  const shown = (row: SqlValue[]): string[] =>
    row.slice(0, columns.length).map((value, index) => shownValue(value, row[columns.length + index] === 'text', encoding));
  return { columns, first: rows.map(shown) };
}

function unread({ name }: GoodBackup, { table }: RowsParams, error: unknown): Warning {
  return warning(
    'NOT_CHECKED',
    said`The table ${table} of the backup "${name}" was not looked at: ${reportOf(explainSqlite(error, name)).message}`,
  );
}

/** A condition that fits no backup, and a table that none has, are mistakes of whoever asked. */
function failWhereNobodyHas({ table }: RowsParams, counts: readonly (number | null)[], fault: unknown): void {
  if (counts.some((rows) => rows !== null)) {
    return;
  }
  if (fault !== null) {
    throw explainSqlite(fault, table);
  }
  throw new BackupError(
    'USAGE',
    said`No backup has a table ${table}.`,
    'Check the name; "pats-backup diff <name> --stat --all" lists the tables.',
  );
}
