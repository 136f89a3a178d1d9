// Which environment variables name a database, by the names that frameworks and tools use.
import { parseSqlitePath, parseSqliteUrl, type SqliteLocation } from './sqlite-url';

const URL_NAME = /^(?:SQLALCHEMY_DATABASE_UR[IL]|SQLALCHEMY_UR[IL]|(?:.*_)?(?:DATABASE|DB)_UR[IL])$/;
const PATH_NAME = /^(?:.*_)?(?:DB|DATABASE|SQLITE)(?:_DB)?_(?:PATH|FILE|FILENAME)$/;

/** The database of one variable; null when the variable is about something else. */
export function databaseOfVariable(name: string, value: string): SqliteLocation | null {
  if (URL_NAME.test(name)) {
    return parseSqliteUrl(value);
  }
  return PATH_NAME.test(name) && value !== '' ? parseSqlitePath(value) : null;
}
