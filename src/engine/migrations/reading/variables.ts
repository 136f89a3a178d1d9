// Which environment variables name a database or a folder with uploads, by the names that frameworks and tools use.
import { parseSqlitePath, parseSqliteUrl, type SqliteLocation } from './sqlite-url';

const URL_NAME = /^(?:SQLALCHEMY_(?:DATABASE_)?UR[IL]|(?:.*_)?(?:DATABASE|DB|SQLITE)_UR[IL]|DATABASE|DB_DSN|DATABASE_DSN|GOOSE_DBSTRING)$/;
const PATH_NAME = /^(?:.*_)?(?:DB|DATABASE|SQLITE)(?:_DB)?_(?:PATH|FILE|FILENAME|FILE_NAME|FILEPATH|FILE_PATH|LOCATION)$/;
/** What a framework's own variable means only together with the engine: `DB_CONNECTION=sqlite`. */
const NAME_NAME = /^(?:DB_DATABASE|DB_NAME|DATABASE_NAME|DB_STORAGE)$/;
/** Databases beside the app's own. */
const BESIDE =
  /(?:^|_)(?:CACHE|QUEUE|CABLE|JOBS?|CELERY|BROKER|SESSIONS?|LOGS?|LOGGING|METRICS|TELEMETRY|ANALYTICS|SEARCH|VECTOR|REPLICA|READ|LEGACY|OLD|SOURCE|IMPORT|GEOIP|SCHEDULER)_/;
const FOR_TESTS = /(?:^|_)TESTS?(?:ING)?_|_TEST(?:ING)?(?:_|$)/;

/** The database of one variable; null when the variable is about something else. */
export function databaseOfVariable(name: string, value: string): SqliteLocation | null {
  if (value === '') {
    return null;
  }
  if (URL_NAME.test(name)) {
    // A bare path in place of a URL is understood where it can be nothing else.
    return /^[^:]*\.(?:db|db3|sqlite|sqlite3)$/i.test(value) ? parseSqlitePath(value) : parseSqliteUrl(value);
  }
  if (NAME_NAME.test(name)) {
    return /[\\/]|\.(?:db|db3|sqlite|sqlite3)$/i.test(value) ? parseSqlitePath(value) : null;
  }
  return PATH_NAME.test(name) ? parseSqlitePath(value) : null;
}

/** What the variable's database is for, by its name, as NamedDatabase.rank. */
export function rankOfVariable(name: string): 0 | 2 | 3 {
  return FOR_TESTS.test(name) ? 2 : BESIDE.test(name) ? 3 : 0;
}

const UPLOADS =
  /^(?:\w+_)?(?:UPLOADS?|UPLOADED|MEDIA|ATTACHMENTS?|USER_?FILES?|FILES?_STORAGE|BLOBS?)_(?:\w+_)?(?:DIR|DIRECTORY|FOLDER|PATH|ROOT|DEST|DESTINATION|LOCATION)$|^(?:\w+_)?STORAGE_(?:\w+_)?(?:ROOT|PATH|DIR|FOLDER)$/;
const NO_UPLOADS = /TEMP|TMP|CACHE|STATIC|LOG|_URL_|PUBLIC_PATH|BACKUP|MAX|DATABASE|DB_|TEST/;

/** Whether a variable of this name and value names a folder with uploads. */
export function namesUploads(name: string, value: string): boolean {
  return UPLOADS.test(name) && !NO_UPLOADS.test(name) && value !== '' && value.length < 1000 && !/^\w+:\/\/|^[.\\/]+$/.test(value);
}
