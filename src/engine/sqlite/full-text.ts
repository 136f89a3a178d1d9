// Full-text tables that keep no text of their own, but only an index on the text of another table.
import type { Connection } from './connection';
import { quoteName } from './dump/literal';
import { isVirtual, readSchema, type SchemaEntry } from './dump/tables';
import { folded } from './same-name';

const CONTENT = /[(,]\s*content\s*=\s*(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([^\s,)]*))/i;

/**
 * The table whose text the full-text table finds; empty: it keeps no text at all; null: it is none of these
 * (https://www.sqlite.org/fts5.html#external_content_and_contentless_tables).
 */
export function indexedTable(entry: SchemaEntry): string | null {
  if (!isVirtual(entry) || !/\bUSING\s+["'`[]?fts[345]\b/i.test(entry.sql)) {
    return null;
  }
  const found = CONTENT.exec(entry.sql);
  return found === null ? null : found.slice(1).join('');
}

/** Makes the indexes on these tables anew. Returns those that only the application can make. */
export function renewIndexes(db: Connection, tables: readonly string[]): string[] {
  const changed = new Set(tables.map((name) => folded(name)));
  const indexes = readSchema(db).tables.filter((entry) => changed.has(folded(indexedTable(entry) ?? '')));
  return indexes.map(({ name }) => name).filter((name) => !renewed(db, name));
}

/** https://www.sqlite.org/fts5.html#the_rebuild_command. */
function renewed(db: Connection, index: string): boolean {
  try {
    db.prepare(`INSERT INTO main.${quoteName(index)} (${quoteName(index)}) VALUES ('rebuild')`).run();
    return true;
  } catch {
    return false;
  }
}
