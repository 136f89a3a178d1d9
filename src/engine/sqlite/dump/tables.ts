// What a dump must know of a database before it reads rows: its tables, their columns, and what else its schema holds.
import type { Connection } from '../connection';
import { folded } from '../same-name';
import { quoteName } from './literal';

export interface SchemaEntry {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

export interface DumpSchema {
  /** In the order of their creation, virtual tables among them. */
  readonly tables: readonly SchemaEntry[];
  /** Indexes, views, triggers: in the order in which they can be created. */
  readonly later: readonly SchemaEntry[];
  readonly hasSequence: boolean;
  readonly hasStatistics: boolean;
}

export interface TableColumns {
  /** Every column that can be inserted: generated columns are left out. */
  readonly names: readonly string[];
  /** Generated columns, which can be read only. */
  readonly generated: readonly string[];
  /** Those of them that are kept in the file, and not worked out whenever they are read. */
  readonly kept: readonly string[];
  /** A name of the rowid that no column hides; undefined: there is none, or a declared column is the rowid. */
  readonly rowid: string | undefined;
  /** A name by which a row can be fetched again by its rowid. */
  readonly key: string | undefined;
}

/** https://www.sqlite.org/pragma.html#pragma_table_xinfo */
const STORED = 3;
const LATER = ['index', 'view', 'trigger'];

export function isVirtual(entry: SchemaEntry): boolean {
  return /^\s*CREATE\s+VIRTUAL\s+TABLE\b/i.test(entry.sql);
}

/** Reads the schema without SQLite's own tables and automatic indexes. */
export function readSchema(db: Connection): DumpSchema {
  const rows = db
    .prepare<[], { type: string; name: string; sql: string | null }>(
      'SELECT CAST(type AS TEXT) AS type, CAST(name AS TEXT) AS name, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE name IS NOT NULL ORDER BY rowid',
    )
    .all();
  const entries: SchemaEntry[] = [];
  for (const { type, name, sql } of rows) {
    if (sql !== null && !/^sqlite_/i.test(name)) {
      entries.push({ type, name, sql });
    }
  }
  const tables = entries.filter((entry) => entry.type === 'table');
  return {
    tables,
    later: LATER.flatMap((type) => entries.filter((entry) => entry.type === type)),
    hasSequence: rows.some((row) => row.name === 'sqlite_sequence') && tables.some((entry) => /AUTOINCREMENT/i.test(entry.sql)),
    hasStatistics: rows.some((row) => /^sqlite_stat\d$/.test(row.name)),
  };
}

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly pk: bigint | number;
  readonly hidden: bigint | number;
}

export function readColumns(db: Connection, table: string): TableColumns {
  const columns = db.prepare<[string], ColumnInfo>('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)').all(table);
  const names = columns.filter((column) => Number(column.hidden) === 0).map((column) => column.name);
  const generated = columns.filter((column) => Number(column.hidden) > 1).map((column) => column.name);
  const kept = columns.filter((column) => Number(column.hidden) === STORED).map((column) => column.name);
  const taken = new Set(columns.map((column) => folded(column.name)));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  if (isWithoutRowid(db, table, rowid)) {
    return { names, generated, kept, rowid: undefined, key: undefined };
  }
  const keys = columns.filter((column) => Number(column.pk) > 0);
  const [key] = keys;
  // "INTEGER PRIMARY KEY DESC" is no alias of the rowid: it has an index of its own (https://www.sqlite.org/lang_createtable.html#rowid).
  if (key !== undefined && keys.length === 1 && key.type.toUpperCase() === 'INTEGER' && !hasKeyIndex(db, table)) {
    return { names, generated, kept, rowid: undefined, key: key.name };
  }
  return { names, generated, kept, rowid, key: rowid };
}

/** `rowid`: the name that it would have; undefined: columns hide all of them, and only a look at the whole schema tells. */
function isWithoutRowid(db: Connection, table: string, rowid: string | undefined): boolean {
  if (rowid === undefined) {
    return Number(db.prepare("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?").pluck().get(table)) === 1;
  }
  try {
    db.prepare(`SELECT ${rowid} FROM main.${quoteName(table)}`);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('no such column');
  }
}

function hasKeyIndex(db: Connection, table: string): boolean {
  return db.prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'").get(table) !== undefined;
}

/** Two expressions that hold a value exactly: its type, and the bytes of a text instead of a text. */
export function exactly(column: string): string[] {
  const name = quoteName(column);
  return [`typeof(${name})`, `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`];
}
