// Tables whose own expressions may keep a check busy for hours: made so, or by mistake. SQLite cannot be interrupted from here.
import type { Connection } from './connection';

/** What may follow the name of a function: its end quote, and a parenthesis or the comment before it. */
const CALL = String.raw`["\`\]]?\s*(?:\(|/\*|--)`;
/** They make much out of little. */
const GROWS = new RegExp(String.raw`\b(?:zeroblob|randomblob|printf|format)${CALL}`, 'i');
/** Each may double what it gets; one or two are ordinary. */
const DOUBLES = new RegExp(
  String.raw`\b(?:replace|hex|quote|concat|concat_ws|json_array|json_object|json_set|json_insert|json_group_array)${CALL}|\|\|`,
  'gi',
);
const MOST_DOUBLINGS = 12;
/** Patterns with many wildcards take as many steps as there are ways to match. */
const MATCHES = /\b(?:like|glob)\b/i;
const MOST_WILDCARDS = 4;
/** Ordinary ones are a line long. */
const LONGEST = 4096;

/**
 * Names of the tables with generated columns or indexes on expressions that a check would work out for
 * each row, and that may take far longer than the size of the table explains.
 */
export function slowTables(db: Connection): ReadonlySet<string> {
  const rows = db
    .prepare<[], { readonly name: string; readonly sql: string }>(
      "SELECT CAST(tbl_name AS TEXT) AS name, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql LIKE '%(%(%'",
    )
    .all();
  return new Set(rows.filter(({ sql }) => isSlow(sql)).map(({ name }) => name));
}

function isSlow(sql: string): boolean {
  // A table without generated columns has its expressions in CHECK and DEFAULT, which no check works out.
  const isIndex = !/^\s*CREATE\s+(?:VIRTUAL\s+)?TABLE\b/i.test(sql);
  if (!isIndex && !/\bAS\s*(?:\(|\/\*|--)/i.test(sql)) {
    return false;
  }
  return GROWS.test(sql) || hasWildcards(sql) || (isIndex && sql.length > LONGEST) || (sql.match(DOUBLES)?.length ?? 0) > MOST_DOUBLINGS;
}

/** In the first text after LIKE or GLOB. */
function hasWildcards(sql: string): boolean {
  const parts = sql.split("'");
  return parts.some((part, index) => (parts[index + 1]?.match(/[%*]/g)?.length ?? 0) > MOST_WILDCARDS && MATCHES.test(part));
}
