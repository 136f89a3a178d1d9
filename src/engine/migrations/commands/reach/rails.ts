// Where Rails finds its database: config/database.yml in the environment that a command runs in, or DATABASE_URL.
import { posix } from 'node:path';
import { parseDocument } from 'yaml';
import { textOf } from '../../reading/folder-search';
import { dataOf, type Data } from '../../../compose/document';
import { withEnvironment } from '../../tools/rails/config';
import { unknownReach, type Place, type Reach } from './place';
import { absolute, otherEngine, reachOfUrl } from './url';

/** `config`: absolute path of database.yml. Of several databases, all of which are migrated, the one that `isWanted` counts. */
export function reachOfRails(config: string, place: Place, isWanted: (path: string) => boolean): Reach {
  const root = place.there(config)?.replace(/\/config\/database\.yml$/, '');
  if (root === undefined) {
    return unknownReach('database.yml is not there');
  }
  const url = place.variable('DATABASE_URL');
  if (url !== undefined && url !== '') {
    return reachOfUrl(url, root);
  }
  const text = filledIn(textOf(config) ?? '', place, root);
  if (text === null) {
    return unknownReach('database.yml computes the database in a way that only running it could tell');
  }
  const document = parseDocument(text, { merge: true, logLevel: 'silent' });
  const all = document.errors.length > 0 ? {} : dataOf(document.toJS({ maxAliasCount: 100 }));
  const own = dataOf(all[environmentIn(place)]);
  const entries = typeof own['database'] === 'string' || typeof own['url'] === 'string' ? [own] : Object.values(own).map(dataOf);
  const isThis = ({ database: path }: Data): boolean => typeof path === 'string' && isWanted(absolute(path, root));
  const entry = entries.find(isThis) ?? entries[0] ?? {};
  const adapter = typeof entry['adapter'] === 'string' ? entry['adapter'] : '';
  const other = otherEngine(adapter);
  if (other !== null) {
    return { kind: 'engine', name: other };
  }
  if (typeof entry['url'] === 'string') {
    return reachOfUrl(entry['url'], root);
  }
  return typeof entry['database'] === 'string' && !entry['database'].includes('\0')
    ? { kind: 'file', path: absolute(entry['database'], root) }
    : unknownReach('database.yml names no file');
}

function environmentIn(place: Place): string {
  return place.variable('RAILS_ENV') ?? place.variable('RACK_ENV') ?? 'development';
}

/** ERB with variables of the environment. A value that is computed otherwise is marked. */
function filledIn(text: string, place: Place, root: string): string | null {
  return text.replace(/<%#[^]*?%>/g, '').replace(/<%=\s*([^]*?)\s*-?%>/g, (_whole, written: string) => {
    const code = withEnvironment(written, environmentIn(place));
    const [, plain] = /^["']([^"'#]*)["']$/.exec(code) ?? [];
    const [, name, fallback] =
      /^ENV(?:\.fetch\(\s*["'](\w+)["']\s*(?:,\s*["']?([^"')]*)["']?\s*)?\)|\[["']\w+["']\])(?:\s*\{\s*["']?([^"'}]*?)["']?\s*\})?$/.exec(
        code,
      ) ?? [];
    const block = /\{\s*["']?([^"'}]*?)["']?\s*\}$/.exec(code)?.[1];
    const indexed = /^ENV\[["'](\w+)["']\](?:\s*\|\|\s*["']([^"']*)["'])?$/.exec(code);
    const value = place.variable(name ?? indexed?.[1] ?? '') ?? fallback ?? block ?? indexed?.[2];
    const joined = /^Rails\.root\.join\(((?:\s*["'][^"']*["']\s*,?)+)\)$/.exec(code)?.[1];
    const path =
      joined === undefined ? undefined : posix.join(root, ...[...joined.matchAll(/["']([^"']*)["']/g)].map(([, part = '']) => part));
    return path ?? value ?? plain ?? '"\\0"';
  });
}
