// Which compose files a project folder has, and which of them Compose reads together.
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { entriesWithin } from '../limits/reading';
import { dataOf, listOf, parseCompose } from './document';
import { parseEnvFile } from './env-file';
import { ComposeRefusal, type Lookup } from './interpolation';
import { textAt } from './load';

/** Names that `docker compose` finds by itself, in its order of preference. */
const DEFAULT_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];
const COMPOSE_NAME = /^(docker-)?compose([.-].+)?\.ya?ml$/;
/** To be copied under another name first. */
const TO_COPY = /[.-](?:example|sample|template|dist)(?=[.-])/;
const MAX_DEPTH = 4;
const MAX_FOLDERS = 2000;
/** Of one folder: where there are more, it holds data. */
const MOST_ENTRIES = 20_000;
const SKIPPED =
  /^(?:node_modules|bower_components|site-packages|__pycache__|vendor|third_party|libs?|dist|build|out|target|coverage|tests?|examples?|fixtures|samples?|templates?|backups|\..*)$/;
/** Hidden folders in which compose files are kept. */
const KEPT = new Set(['.docker', '.devcontainer']);

export interface ComposeFiles {
  /** Absolute, in the order in which they are laid over one another. */
  readonly files: readonly string[];
  /** Relative paths in them count from here; so does `.env`. */
  readonly folder: string;
  /** What `docker compose` takes in the project's root without being told: 0. In a folder below: 1. Only when it is named: 2. */
  readonly rank: 0 | 1 | 2;
}

/** Every project that the files below `root` make, the one that plain `docker compose` takes first. */
export function composeProjectsIn(root: string, shell: Lookup, read: Set<string>): ComposeFiles[] {
  const found = walk(root);
  const folders = [...new Set(found.map((file) => dirname(file)))];
  const named = namedByVariable(root, shell, read);
  const defaults = folders.flatMap((folder): ComposeFiles[] => {
    const main = DEFAULT_NAMES.map((name) => join(folder, name)).find((file) => found.includes(file));
    const override = OVERRIDES.map((name) => join(folder, name)).find((file) => found.includes(file));
    if (main === undefined || (folder === root && named !== null)) {
      return [];
    }
    return [{ files: override === undefined ? [main] : [main, override], folder, rank: folder === root ? 0 : 1 }];
  });
  const taken = new Set([...(named?.files ?? []), ...defaults.flatMap(({ files }) => files)]);
  const variants = found
    .filter((file) => !taken.has(file) && !DEFAULT_NAMES.includes(basename(file)) && !OVERRIDES.includes(basename(file)))
    .map((file): ComposeFiles => {
      const base = named === null ? defaults.find(({ folder }) => folder === dirname(file))?.files[0] : undefined;
      return { files: base !== undefined && isPartial(file, read) ? [base, file] : [file], folder: dirname(file), rank: 2 };
    });
  return [...(named === null ? [] : [named]), ...defaults, ...variants].sort((a, b) => a.rank - b.rank);
}

/** COMPOSE_FILE, of the shell or of `.env`. */
function namedByVariable(root: string, shell: Lookup, read: Set<string>): ComposeFiles | null {
  let own = new Map<string, string>();
  try {
    own = parseEnvFile(textAt(join(root, '.env'), { read }) ?? '', shell);
  } catch (error) {
    if (!(error instanceof ComposeRefusal)) {
      throw error;
    }
  }
  const variable = (name: string): string => shell(name) ?? own.get(name) ?? '';
  const separator = variable('COMPOSE_PATH_SEPARATOR') || delimiter;
  const files = variable('COMPOSE_FILE')
    .split(separator)
    .filter((path) => path !== '')
    .map((path) => (isAbsolute(path) ? path : resolve(root, path)));
  const [first] = files;
  return first === undefined ? null : { files, folder: dirname(first), rank: 0 };
}

/** A file that is meant to be laid over another one: its services have neither image nor build of their own. */
function isPartial(file: string, read: Set<string>): boolean {
  try {
    const services = Object.values(dataOf(parseCompose(textAt(file, { read }) ?? '').data['services'])).map(dataOf);
    return services.some((service) => ['image', 'build', 'extends'].every((key) => listOf(service[key]).length === 0));
  } catch (error) {
    if (error instanceof ComposeRefusal) {
      return false;
    }
    throw error;
  }
}

function walk(root: string): string[] {
  const files: string[] = [];
  let level = [root];
  let folders = 0;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (++folders > MAX_FOLDERS) {
        return files;
      }
      const entries = entriesWithin(folder, MOST_ENTRIES) ?? [];
      if (folder !== root && entries.some(({ name }) => name === 'pyvenv.cfg' || name === 'backup_metadata.json')) {
        continue;
      }
      for (const entry of entries) {
        if (entry.isDirectory()) {
          next.push(...(SKIPPED.test(entry.name) && !KEPT.has(entry.name) ? [] : [join(folder, entry.name)]));
        } else if (COMPOSE_NAME.test(entry.name) && !TO_COPY.test(entry.name)) {
          files.push(join(folder, entry.name));
        }
      }
    }
    level = next;
  }
  return files;
}
