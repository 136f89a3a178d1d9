// What was added to, removed from or changed in the schema of a database, between two states of it.
import type { Connection } from './connection';

export interface SchemaChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** As in sqlite_schema: "table", "index", "view" or "trigger". */
  readonly type: string;
  readonly name: string;
}

/** By type and name, the statement that makes it. */
export type SchemaObjects = ReadonlyMap<string, { readonly type: string; readonly name: string; readonly sql: string }>;

/** Everything that a statement made; SQLite's own objects are left out (https://www.sqlite.org/fileformat2.html#intschema). */
export function readSchemaObjects(db: Connection): SchemaObjects {
  const rows = db
    .prepare(
      "SELECT CAST(type AS TEXT) AS type, CAST(name AS TEXT) AS name, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all();
  const objects = rows as readonly { type: string; name: string; sql: string }[];
  return new Map(objects.map((object) => [`${object.type} ${object.name}`, object]));
}

/** The differences, by name. */
export function schemaChanges(before: SchemaObjects, after: SchemaObjects): readonly SchemaChange[] {
  const changes: SchemaChange[] = [];
  for (const [key, { type, name, sql }] of after) {
    const old = before.get(key);
    if (old?.sql !== sql) {
      changes.push({ kind: old === undefined ? 'added' : 'changed', type, name });
    }
  }
  for (const [key, { type, name }] of before) {
    if (!after.has(key)) {
      changes.push({ kind: 'removed', type, name });
    }
  }
  return changes.sort((one, other) => (one.name < other.name ? -1 : 1));
}
