// Schemas of older days that wrote texts in double quotes: they stay as they are, though SQLite no longer creates such.
import type { Connection } from '../connection';
import type { Statement } from './statement';

const SUGGESTION = /^no such column: "(.*)" - should this be a string literal in single-quotes\?$/s;

/**
 * Creates a table or an index whose text holds a string in double quotes, and then gives it its own text back in the
 * schema, where SQLite still reads it (https://www.sqlite.org/quirks.html#dblquote). False: the error was another one.
 */
export function acceptDoubleQuotes(db: Connection, statement: Statement, error: unknown): boolean {
  let sql = statement.sql;
  let failure: unknown = error;
  const tried = new Set<string>();
  for (;;) {
    const text = failure instanceof Error ? SUGGESTION.exec(failure.message)?.[1] : undefined;
    if (text === undefined || tried.has(text) || statement.head[0]?.value !== 'CREATE') {
      return false;
    }
    tried.add(text);
    // An expression, because an index takes a bare text for the name of a column.
    sql = sql.replaceAll(`"${text}"`, `(''||'${text.replaceAll("'", "''")}')`);
    try {
      db.prepare(sql).run();
      break;
    } catch (next) {
      failure = next;
    }
  }
  if (!statement.words.has('IF')) {
    restoreText(db, statement.sql);
  }
  return true;
}

function restoreText(db: Connection, original: string): void {
  const newest = "SELECT max(rowid) FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  try {
    db.pragma('writable_schema = ON');
    db.prepare(`UPDATE sqlite_schema SET sql = ? WHERE rowid = (${newest})`).run(original.replace(/\s*;$/, ''));
  } finally {
    db.pragma('writable_schema = OFF');
  }
}
