// Where Rails finds its database: config/database.yml in the environment that a command runs in, and DATABASE_URL over it.
import { isFile, textOf } from '../../reading/folder-search';
import {
  COMPUTED,
  dotenvFiles,
  environmentOf,
  filledYaml,
  loadsDotenv,
  objectOf,
  railsFolder,
  railsLocation,
  rolesOf,
  urlInstead,
  type Entry,
} from '../../tools/rails/config';
import { inBothWorlds } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { absolute, otherEngine } from './url';

const UNREADABLE = 'database.yml computes the database in a way that only running it could tell';

/** `config`: absolute path of database.yml. Of several databases, all of which are migrated, the one that `isWanted` counts. */
export function reachOfRails(config: string, place: Place, isWanted: (path: string) => boolean): Reach {
  const root = place.there(config)?.replace(/\/config\/database\.ya?ml$/, '');
  if (root === undefined) {
    return unknownReach('database.yml is not there');
  }
  const folder = railsFolder(config);
  const files = dotenvFiles(folder, environmentOf(place)).filter(isFile);
  return inBothWorlds(place, files, loadsDotenv(folder), (world) => ask(textOf(config) ?? '', world, root, isWanted));
}

function ask(text: string, place: Place, root: string, isWanted: (path: string) => boolean): Reach {
  // Which lines count then depends on code.
  if (/<%-?\s*(?:if|unless|case)\b/.test(text)) {
    return unknownReach(UNREADABLE);
  }
  const around = { root, variable: (name: string) => place.variable(name) };
  const all = objectOf(filledYaml(text, around));
  const reaches = rolesOf(all[environmentOf(around)])
    .filter(([, entry]) => entry['replica'] !== true && entry['database_tasks'] !== false)
    .map(([role, entry]) => reachOf(entry, urlInstead(role, entry, around), root));
  return reaches.find((reach) => reach.kind === 'file' && isWanted(reach.path)) ?? reaches[0] ?? unknownReach(UNREADABLE);
}

function reachOf(entry: Entry, instead: string | undefined, root: string): Reach {
  const url = instead ?? textAt(entry, 'url');
  const written = url ?? textAt(entry, 'database');
  const engine = otherEngine(url ?? textAt(entry, 'adapter') ?? '');
  if (engine !== null) {
    return { kind: 'engine', name: engine };
  }
  if (written === undefined) {
    return unknownReach('database.yml names no file');
  }
  const location = url === undefined ? ({ kind: 'file', path: written } as const) : railsLocation(url);
  return written.includes(COMPUTED)
    ? unknownReach(UNREADABLE)
    : location.kind === 'file'
      ? { kind: 'file', path: absolute(location.path, root) }
      : unknownReach('database.yml names no file');
}

function textAt(entry: Entry, key: string): string | undefined {
  const value = entry[key];
  return typeof value === 'string' ? value : undefined;
}
