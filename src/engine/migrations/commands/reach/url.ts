// What a database URL or a bare path leads to, from where a program runs.
import { posix } from 'node:path';
import { parseSqlitePath, parseSqliteUrl } from '../../reading/sqlite-url';
import { unknownReach, type Reach } from './place';
import { said } from '../../../said';

export const ANOTHER_ENGINE = 'another engine';

const ENGINES: readonly (readonly [RegExp, string])[] = [
  [/^(?:postgres|postgresql|postgis|psql|pgsql)\b/i, 'PostgreSQL'],
  [/^(?:mysql|mysql2|mariadb)\b/i, 'MySQL'],
  [/^(?:mssql|sqlserver|sqlsrv)\b/i, 'SQL Server'],
  [/^(?:oracle|oracledb)\b/i, 'Oracle'],
  [/^(?:cockroachdb|cockroach|redshift|snowflake|bigquery|duckdb|mongodb|redis|libsql)\b/i, ANOTHER_ENGINE],
];

/** The name of another engine than SQLite, by the first word of a URL or of a driver; null: none that is known. */
export function otherEngine(text: string): string | null {
  const plain = text.replace(/^(?:jdbc:|django\.db\.backends\.)/, '');
  return ENGINES.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}

/** A URL of SQLAlchemy's kind, a `file:` URI or, where `mayBePath`, a bare path. Relative paths count from `folder`. */
export function reachOfUrl(written: string, folder: string, mayBePath = false): Reach {
  const value = written.trim();
  const engine = /^[\w.+-]+:/.test(value) && !/^[a-z]:[\\/]/i.test(value) ? otherEngine(value) : null;
  if (engine !== null) {
    return { kind: 'engine', name: engine };
  }
  const location = mayBePath ? parseSqlitePath(value) : parseSqliteUrl(value);
  if (location.kind === 'other') {
    return unknownReach(said`"${value}" names no file`);
  }
  if (location.kind === 'memory') {
    return unknownReach('it names a database in memory');
  }
  return { kind: 'file', path: absolute(location.path, folder) };
}

export function absolute(path: string, folder: string): string {
  return /^[a-z]:[\\/]/i.test(path) ? path : posix.resolve(folder, path);
}
