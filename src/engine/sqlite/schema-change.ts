// What was added to, removed from or changed in the schema of a database, between two states of it.
import type { Connection } from './connection';

export interface SchemaChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** As in sqlite_schema: "table", "index", "view" or "trigger". */
  readonly type: string;
  readonly name: string;
  /** Of a changed table: the columns that came and went; absent: other changes, or unknown. */
  readonly columns?: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
  /** Of a table, in their order; empty where SQLite cannot say. */
  readonly columns: readonly string[];
}

/** By type and name, the statement that makes it. */
export type SchemaObjects = ReadonlyMap<string, SchemaObject>;

/** Everything that a statement made; SQLite's own objects are left out (https://www.sqlite.org/fileformat2.html#intschema). */
export function readSchemaObjects(db: Connection): SchemaObjects {
  const rows = db
    .prepare(
      "SELECT CAST(type AS TEXT) AS type, CAST(name AS TEXT) AS name, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all();
  const objects = rows as readonly Omit<SchemaObject, 'columns'>[];
  return new Map(objects.map((object) => [`${object.type} ${object.name}`, { ...object, columns: columnsOf(db, object) }]));
}

/** A table of a module that is not here has none that SQLite could name. */
function columnsOf(db: Connection, { type, name }: Pick<SchemaObject, 'type' | 'name'>): readonly string[] {
  try {
    return type === 'table' ? (db.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck().all(name) as string[]) : [];
  } catch {
    return [];
  }
}

/** The differences, by name. */
export function schemaChanges(before: SchemaObjects, after: SchemaObjects): readonly SchemaChange[] {
  const changes: SchemaChange[] = [];
  for (const [key, { type, name, sql, columns }] of after) {
    const old = before.get(key);
    if (old === undefined) {
      changes.push({ kind: 'added', type, name });
    } else if (old.sql !== sql) {
      changes.push({ kind: 'changed', type, name, ...changedColumns(old.columns, columns) });
    }
  }
  for (const [key, { type, name }] of before) {
    if (!after.has(key)) {
      changes.push({ kind: 'removed', type, name });
    }
  }
  return changes.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function changedColumns(before: readonly string[], after: readonly string[]): Pick<SchemaChange, 'columns'> {
  const added = after.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !after.includes(name));
  return added.length + removed.length === 0 ? {} : { columns: { added, removed } };
}
