// The tables in which virtual tables keep what they hold: by the names that SQLite's own modules give them.
import type { Connection } from './connection';

/** https://www.sqlite.org/fts3.html#shadow_tables, https://www.sqlite.org/fts5.html#fts5_data_structures, https://www.sqlite.org/rtree.html */
const FTS3 = ['content', 'docsize', 'segdir', 'segments', 'stat'];
const RTREE = ['node', 'parent', 'rowid'];
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  fts3: FTS3,
  fts4: FTS3,
  fts5: ['config', 'content', 'data', 'docsize', 'idx'],
  rtree: RTREE,
  rtree_i32: RTREE,
  geopoly: RTREE,
};

/** The name as it was written, and the module. */
const VIRTUAL =
  /^\s*CREATE\s+VIRTUAL\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|[^\s"'`[]+)\s*USING\s+["'`[]?(\w+)/i;

/**
 * Their names, in small letters. SQLite's own answer, pragma_table_list, looks at every view again for each one that it
 * has looked at.
 */
export function shadowTables(db: Connection): Set<string> {
  const virtual = db
    .prepare<[], { readonly name: string; readonly sql: string }>(
      "SELECT lower(name) AS name, CAST(sql AS TEXT) AS sql FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE '%VIRTUAL%' AND name IS NOT NULL",
    )
    .all();
  const possible = virtual.flatMap(({ name, sql }) =>
    (SUFFIXES[VIRTUAL.exec(sql)?.[1]?.toLowerCase() ?? ''] ?? []).map((suffix) => `${name}_${suffix}`),
  );
  if (possible.length === 0) {
    return new Set();
  }
  const tables = db
    .prepare<[], string>("SELECT lower(name) FROM main.sqlite_schema WHERE type = 'table' AND name LIKE '%\\_%' ESCAPE '\\'")
    .pluck();
  const there = new Set(tables.all());
  return new Set(possible.filter((name) => there.has(name)));
}
