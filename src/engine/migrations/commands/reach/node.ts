// Where the tools of Node find their database: Prisma, Drizzle Kit and Knex.
import { dirname, join, relative } from 'node:path';
import { withoutComments } from '../../../limits/code';
import { isFile, textOf } from '../../reading/folder-search';
import { filesOfCode } from '../../reading/named-env-files';
import type { ProjectFolder } from '../../tool';
import { inBothWorlds, withEnvFiles } from './dotenv';
import { SettingsFile } from './javascript';
import { unknownReach, type Place, type Reach } from './place';
import { absolute, reachOfUrl } from './url';
import { said } from '../../../said';

const COMPUTED = 'its configuration computes the database in a way that only running it could tell';
const LOADS = /["'](?:dotenv\/config|dotenv|@next\/env|dotenv-flow\/config)["']|--env-file|\bloadEnvFile\b/;

/** Whether the text of a settings file loads `.env`. */
export function loadsDotenvIn(text: string): boolean {
  return LOADS.test(text);
}

/** The files that a settings file reads itself; null: dotenv's own choice. */
function namedEnvFiles(config: string, project: ProjectFolder): readonly string[] | null {
  const isNamed = /\bconfig\(\s*\{[^{}]{0,200}?\bpath\s*:|\bloadEnvFile\(\s*["'`]/.test(withoutComments(textOf(config) ?? ''));
  return isNamed ? filesOfCode(project, project.root, config) : null;
}

/** `config` and `schema`: absolute; null where there is none. Files in the schema count from the schema, in a configuration from its folder. */
export function reachOfPrisma(config: string | null, schema: string | null, place: Place, project: ProjectFolder): Reach {
  const { root } = project;
  const here = place.here(place.folder) ?? root;
  const own = config === null ? '' : (textOf(config) ?? '');
  const beside = [
    ...(schema === null ? [] : [join(dirname(schema), '.env')]),
    join(here, '.env'),
    ...(config === null ? [] : [join(dirname(config), '.env')]),
  ];
  const files = (config === null ? null : namedEnvFiles(config, project)) ?? [...new Set(beside)].filter(isFile);
  const datasource = /datasource\s+\w+\s*\{([^}]*)\}/.exec((schema === null ? null : textOf(schema)) ?? '')?.[1] ?? '';
  // With a configuration Prisma itself loads none.
  const loads = config === null || loadsDotenvIn(own);
  return inBothWorlds(place, files, loads, (world) => {
    const settings = config === null ? null : new SettingsFile(config, world);
    const configured = /\bdatasource\b/.test(own) || /\badapter\b/.test(own) ? settings?.after('url') : undefined;
    if (configured !== undefined) {
      return fromValue(settings?.value(configured), place.folder, false);
    }
    const [, literal, name] = /\burl\s*=\s*(?:"([^"]*)"|env\(\s*"(\w+)"\s*\))/.exec(datasource) ?? [];
    const base = schema === null ? null : place.there(dirname(schema));
    const url = literal ?? (name === undefined ? null : world.variable(name));
    return base === null ? unknownReach(COMPUTED) : fromValue(url, base, false);
  });
}

/** Drizzle Kit itself loads `.env` where it runs. */
export function reachOfDrizzle(config: string, place: Place, project: ProjectFolder): Reach {
  const here = place.here(place.folder) ?? project.root;
  const named = namedEnvFiles(config, project) ?? [];
  const world = withEnvFiles(place, [join(here, '.env'), ...named].filter(isFile));
  const settings = new SettingsFile(config, world);
  const credentials = settings.source.text.includes('dbCredentials') ? settings.after('url') : undefined;
  return credentials === undefined ? unknownReach(COMPUTED) : fromValue(settings.value(credentials), place.folder, true);
}

/** Knex changes to the folder of its knexfile first, and `.env` is looked for there and nowhere else. */
export function reachOfKnex(config: string, place: Place, project: ProjectFolder): Reach {
  const folder = place.there(dirname(config));
  if (folder === null) {
    return unknownReach(said`${relative(project.root, config)} is not there`);
  }
  const text = textOf(config) ?? '';
  const loads = loadsDotenvIn(text);
  const there: Place = { ...place, folder };
  const files = namedEnvFiles(config, project) ?? [join(dirname(config), '.env')].filter(isFile);
  return inBothWorlds(there, files, loads, (world) => {
    const settings = new SettingsFile(config, world);
    const named = world.variable('NODE_ENV');
    const exported = settings.source.exported();
    const isSplit = exported?.has('development') === true;
    const section = settings.source.object(isSplit ? exported.get(named ?? 'development') : undefined) ?? (isSplit ? null : exported);
    const connection = section?.get('connection');
    const filename = settings.source.object(connection)?.get('filename') ?? (connection?.startsWith('{') === true ? undefined : connection);
    return fromValue(settings.value(filename ?? (section === null ? undefined : settings.after('filename'))), folder, true);
  });
}

function fromValue(value: string | null | undefined, folder: string, mayBePath: boolean): Reach {
  if (value === undefined) {
    return unknownReach('the variable that names the database is not set');
  }
  if (value === null || value === '') {
    return unknownReach(COMPUTED);
  }
  return /^[\w+.-]+:/.test(value) && !/^[a-z]:[\\/]/i.test(value)
    ? reachOfUrl(value, folder)
    : mayBePath
      ? { kind: 'file', path: absolute(value, folder) }
      : unknownReach(COMPUTED);
}
