// Reads the ways in which configuration names a SQLite database: SQLAlchemy URLs, file: URIs, plain paths.
import { dirname, isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import { here, type Platform } from '../../platform/platform';

export interface SqliteFile {
  readonly kind: 'file';
  readonly path: string;
  readonly encrypted: boolean;
  /** It looks like something that is yet to be filled in; but `$`, `{` and `<` may stand in the name of a file, too. */
  readonly isTemplate: boolean;
}

export type SqliteLocation = SqliteFile | { readonly kind: 'memory' } | { readonly kind: 'other' };

const TEMPLATE = /\$\{?\w|\{[^{}]*\}|<[^<>]+>|%\(|%s/;
const OTHER: SqliteLocation = { kind: 'other' };
/** Nobody writes a longer one, and no file system takes it. */
const LONGEST = 4096;

/** Where a URL says the database is; "other" for other engines. */
export function parseSqliteUrl(written: string): SqliteLocation {
  const value = written.length > LONGEST ? '' : written.trim();
  const url = /^sqlite3?(?:\+(\w+))?:(.*)$/is.exec(value);
  if (url) {
    return location(pathOfUrl(url[2] ?? ''), /cipher/i.test(url[1] ?? ''));
  }
  if (/^file:/i.test(value)) {
    return location(value, false);
  }
  return OTHER;
}

/** Like parseSqliteUrl, for values that may be a bare path. */
export function parseSqlitePath(written: string): SqliteLocation {
  if (written.length > LONGEST) {
    return OTHER;
  }
  const value = written.trim();
  return /^[a-z][a-z0-9+.-]+:/i.test(value) ? parseSqliteUrl(value) : location(value, false);
}

/** Where apps are started, and where Flask (instance) and Prisma keep what has a relative path. */
const APP_FOLDERS = ['backend', 'server', 'api', 'app', 'src', 'instance', 'prisma'];

/** The places that a relative path may mean, the likeliest first: nobody writes down the working directory of the app. */
export function placesOf(path: string, folder: string, root: string, platform: Platform = here): string[] {
  if (isAbsolutePath(path)) {
    // As all other paths are spelt, or they would not be found equal.
    return [platform.isWindows ? win32.normalize(path) : path];
  }
  const upwards = foldersUpTo(folder, root);
  const folders = [...upwards, ...upwards.map((each) => join(each, 'instance')), ...APP_FOLDERS.map((name) => resolve(root, name))];
  return [...new Set(folders.map((base) => resolve(base, path)))];
}

/** The folder itself, then each one above it up to `root`; `root` alone when the folder is elsewhere. */
function foldersUpTo(folder: string, root: string): string[] {
  const way = relative(root, folder);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    return [folder, root];
  }
  return folder === root ? [root] : [folder, ...foldersUpTo(dirname(folder), root)];
}

/** How a path ends that nobody can read in full: what follows its last open part. */
export function tailOf(written: string): string {
  const tail = /[^{}<>$%]*$/.exec(written.slice(0, LONGEST).split('?', 1)[0] ?? '')?.[0] ?? '';
  return /[\\/.]/.test(tail) ? tail.replace(/^[\w)]*(?=[\\/.])/, '') : '';
}

export function isAbsolutePath(path: string): boolean {
  return isAbsolute(path) || /^[a-z]:[\\/]/i.test(path) || win32.isAbsolute(path);
}

/** What follows `sqlite:`: `///relative`, `////absolute`, `//:password@/relative`, or a path without slashes before it. */
function pathOfUrl(rest: string): string {
  if (!rest.startsWith('//')) {
    return rest;
  }
  const body = rest.slice(2);
  const slash = body.indexOf('/');
  const host = slash < 0 ? body : body.slice(0, slash);
  const path = slash < 0 ? '' : body.slice(slash + 1);
  // `sqlite://data/app.db` is not SQLAlchemy's way, but other tools read it as a path.
  return host === '' || host.includes('@') ? path : `${host}/${path}`.replace(/\/$/, '');
}

function location(written: string, encrypted: boolean): SqliteLocation {
  const [beforeQuery = '', query = ''] = written.split('?', 2);
  const path = /^file:/i.test(beforeQuery) ? pathOfFileUri(beforeQuery) : beforeQuery;
  if (path === '' || path === ':memory:' || query.includes('mode=memory')) {
    return { kind: 'memory' };
  }
  return path.includes('\0') ? OTHER : { kind: 'file', path, encrypted, isTemplate: TEMPLATE.test(path) };
}

function pathOfFileUri(uri: string): string {
  const path = uri
    .slice('file:'.length)
    .replace(/^\/\/(localhost)?(?=\/)/, '')
    .replace(/^\/(?=[a-z]:\/)/i, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
