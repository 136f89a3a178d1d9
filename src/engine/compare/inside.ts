// A look inside one backup: which tables it holds, and the first rows of one of them. Changes nothing.
import { join } from 'node:path';
import { BackupError } from '../errors';
import type { Project } from '../project/project';
import { readAtRest } from '../sqlite/at-rest';
import type { Connection } from '../sqlite/connection';
import { quoteName, type SqlValue } from '../sqlite/dump/literal';
import { isVirtual, readColumns, readSchema } from '../sqlite/dump/tables';
import { codeOf, explainSqlite } from '../sqlite/explain';
import { folded } from '../sqlite/same-name';
import { shownValue } from '../sqlite/shown-value';
import { shadowTables } from '../sqlite/shadow-tables';
import { slowTables } from '../sqlite/slow-expressions';
import { bytesOf, countRows } from '../sqlite/table-diff';
import type { Environment } from '../store/environment';
import { findGoodBackup } from '../store/list';
import { said } from '../said';

export interface InsideParams {
  readonly name: string;
  /** Without it only the tables are told. */
  readonly table?: string;
  /** So many rows of the table, after so many others; at most 10,000 at once. */
  readonly limit?: number;
  readonly skip?: number;
}

export interface Inside {
  readonly tables: readonly InsideTable[];
  /** The rows that were asked for, as SQL literals in the order of the columns, long ones cut. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface InsideTable {
  readonly name: string;
  /** null: a virtual table, whose rows would have to be read to be counted, or one that only its application can ask for. */
  readonly rows: number | null;
}

const MOST_ROWS = 10_000;

/** Fails with BACKUP_NOT_FOUND, and with NOTHING_TO_RESTORE when the backup has no such table. */
export async function lookInside(env: Environment, project: Project, params: InsideParams): Promise<Inside> {
  const { manifest, path } = await findGoodBackup(env.disk, project.backups, params.name);
  const { database_file: file, database } = manifest;
  if (file === null || database?.size === 0 || database?.damaged === true) {
    return { tables: [], columns: [], rows: [] };
  }
  const recorded = new Map((database?.tables ?? []).map(({ name, rows }) => [name, rows]));
  try {
    return readAtRest(join(path, file), (db) => {
      db.pragma('query_only = ON');
      db.pragma('trusted_schema = OFF');
      const shadows = shadowTables(db);
      const entries = readSchema(db).tables.filter(({ name }) => !shadows.has(folded(name)));
      const tables = entries.map((entry) => ({
        name: entry.name,
        rows: recorded.get(entry.name) ?? (isVirtual(entry) ? null : countOf(db, entry.name)),
      }));
      if (params.table === undefined) {
        return { tables, columns: [], rows: [] };
      }
      const wanted = entries.find(({ name }) => name === params.table);
      if (wanted === undefined) {
        throw new BackupError('NOTHING_TO_RESTORE', said`The backup has no table ${params.table}.`, 'Nothing was changed.');
      }
      return { tables, ...rowsOf(db, wanted.name, params) };
    });
  } catch (error) {
    throw explainSqlite(error, join(path, file));
  }
}

/** One table that SQLite cannot be asked for, e.g. because its name is no UTF-8, hides no other. */
function countOf(db: Connection, table: string): number | null {
  try {
    return countRows(db, table);
  } catch (error) {
    if (codeOf(error) === 'SQLITE_ERROR') {
      return null;
    }
    throw error;
  }
}

function rowsOf(db: Connection, table: string, { limit = 1000, skip = 0 }: InsideParams): Pick<Inside, 'columns' | 'rows'> {
  const { names, generated } = readColumns(db, table);
  // Expressions that may be made to take any time and memory are not worked out to be shown.
  const columns = slowTables(db).has(table) ? names : [...names, ...generated];
  const quoted = columns.map(quoteName);
  const types = quoted.map((name) => `substr(typeof(${name}), 1, 1)`).join(' || ');
  const rows = db
    .prepare<[number, number], SqlValue[]>(
      `SELECT ${[...quoted.map(bytesOf), types === '' ? "''" : types].join(', ')} FROM main.${quoteName(table)} LIMIT ? OFFSET ?`,
    )
    .raw()
    .safeIntegers()
    .all(Math.min(limit, MOST_ROWS), skip);
  const encoding = String(db.pragma('encoding', { simple: true }));
  return {
    columns,
    rows: rows.map((row) => row.slice(0, -1).map((value, index) => shownValue(value, String(row.at(-1)).charAt(index) === 't', encoding))),
  };
}
