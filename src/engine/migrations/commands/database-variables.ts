// The databases that the environment of a container names, by the names that frameworks and tools give their variables.
import { otherEngine, reachOfUrl } from './reach/url';
import type { Reach } from './reach/place';

const ENGINE = /^(?:.*_)?(?:DB|DATABASE)_{1,2}(?:CONNECTION|ENGINE|DRIVER|CLIENT|TYPE|DIALECT|VENDOR|BACKEND)$/i;
const URL = /^(?:.*_)?(?:DATABASE|DB|SQLALCHEMY|SQLITE)(?:_\w+)?_(?:URL|URI|DSN)$|^DSN$/i;
const PATH = /^(?:.*_)?(?:DB|DATABASE|SQLITE)(?:_{1,2}(?:DB|CONNECTION))?_{1,2}(?:PATH|FILE|FILENAME|FILE_NAME|DATABASE|NAME|LOCATION)$/i;
const LOOKS_LIKE_FILE = /[/\\]|\.(?:db|db3|sqlite3?|sqlitedb)$/i;

export type Named = Reach & { readonly kind: 'file' | 'engine' };

/** Files as absolute paths there, relative ones counted from `folder`, and other engines. Variables for tests do not count. */
export function databasesNamedIn(environment: Readonly<Record<string, string>>, folder: string): Named[] {
  return Object.entries(environment).flatMap(([name, value]): Named[] => {
    if (value === '' || /(?:^|_)TEST(?:_|$)/i.test(name)) {
      return [];
    }
    if (ENGINE.test(name)) {
      const engine = otherEngine(value);
      return engine === null ? [] : [{ kind: 'engine', name: engine }];
    }
    const isPath = PATH.test(name) && LOOKS_LIKE_FILE.test(value);
    if (!URL.test(name) && !isPath && !/^sqlite[\w+]*:/i.test(value)) {
      return [];
    }
    const reach = reachOfUrl(value, folder, isPath || URL.test(name));
    return reach.kind === 'unknown' ? [] : [reach];
  });
}
