// What a database URL or a bare path leads to, from where a program runs.
import { posix } from 'node:path';
import { unknownReach, type Reach } from './place';

const ENGINES: readonly (readonly [RegExp, string])[] = [
  [/^(?:postgres|postgresql|postgis|psql|pgsql)\b/i, 'PostgreSQL'],
  [/^(?:mysql|mysql2|mariadb)\b/i, 'MySQL'],
  [/^(?:mssql|sqlserver|sqlsrv)\b/i, 'SQL Server'],
  [/^(?:oracle|oracledb)\b/i, 'Oracle'],
  [/^(?:cockroachdb|cockroach|redshift|snowflake|bigquery|duckdb|mongodb|redis|libsql)\b/i, 'another engine'],
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
  const url = /^sqlite3?(?:\+\w+)?:(.*)$/is.exec(value);
  const path =
    url !== null ? pathOfUrl(url[1] ?? '') : /^file:/i.test(value) ? value : mayBePath && !/^[a-z][\w+.-]+:/i.test(value) ? value : null;
  if (path === null) {
    return unknownReach(`"${value}" names no file`);
  }
  const plain = withoutQuery(path);
  if (plain === '' || plain === ':memory:') {
    return unknownReach('it names a database in memory');
  }
  return { kind: 'file', path: absolute(plain, folder) };
}

export function absolute(path: string, folder: string): string {
  return /^[a-z]:[\\/]/i.test(path) ? path : posix.resolve(folder, path);
}

function pathOfUrl(rest: string): string {
  if (!rest.startsWith('//')) {
    return rest;
  }
  const body = rest.slice(2);
  const slash = body.indexOf('/');
  const host = slash < 0 ? body : body.slice(0, slash);
  const path = slash < 0 ? '' : body.slice(slash + 1);
  return host === '' || host.includes('@') ? path : `${host}/${path}`.replace(/\/$/, '');
}

function withoutQuery(path: string): string {
  const [before = ''] = path.split('?', 1);
  if (!/^file:/i.test(before)) {
    return before;
  }
  const plain = before
    .slice('file:'.length)
    .replace(/^\/\/(localhost)?(?=\/)/, '')
    .replace(/^\/(?=[a-z]:\/)/i, '');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
