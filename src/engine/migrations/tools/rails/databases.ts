// Where Rails' config/database.yml says that the databases are, development first.
import { dirname, isAbsolute, join, relative } from 'node:path';
import { envFilesOf } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { parseSqlitePath, tailOf } from '../../reading/sqlite-url';
import type { ProjectFolder } from '../../tool';
import {
  COMPUTED,
  databaseYml,
  environmentOf,
  filledYaml,
  loadsDotenv,
  objectOf,
  railsFolder,
  railsLocation,
  readChosenYaml,
  rolesOf,
  surroundingsOf,
  urlInstead,
  type Surroundings,
} from './config';
import { said } from '../../../said';

/** Databases beside the primary one that Rails' own parts keep. */
const BESIDE = /^(?:cache|queue|cable|jobs?|errors|rate_limits?)$/;

export function databases(project: ProjectFolder): SourceAnswer {
  const config = databaseYml(project);
  const named: NamedDatabase[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const otherEngines: string[] = [];
  if (config === null) {
    return { named, remarks: [] };
  }
  const folder = railsFolder(config);
  const file = relative(project.root, config).replaceAll('\\', '/');
  const around = surroundingsOf(config, project);
  const isLoaded = loadsDotenv(folder);
  read(readChosenYaml(config, project), around);
  // Without the gem, Rails knows of its `.env` only where something else reads it first.
  const bare: Surroundings = { root: folder, variable: (name) => project.variables?.get(name) };
  if (isLoaded === false && envFilesOf(project).some(({ file: env }) => dirname(env) === folder)) {
    const seen = new Set(named.map(({ from, written }) => `${from} ${written}`));
    const others = named.splice(0);
    read(filledYaml(lookOf(project).text(config) ?? '', bare), bare);
    named.splice(0, named.length, ...others, ...named.filter(({ from, written, rank }) => rank === 0 && !seen.has(`${from} ${written}`)));
  }
  return { named, remarks: otherEngines.map((from) => said`${from} names no SQLite file.`), notUnderstood, otherEngines };

  function read(content: unknown, within: Surroundings): void {
    const chosen = environmentOf(within);
    const environments = Object.entries(objectOf(content))
      .filter(([name]) => !/^(?:default|defaults|base)$/.test(name))
      .sort(([a], [b]) => Number(a !== chosen) - Number(b !== chosen));
    for (const [environment, settings] of environments) {
      const roles = rolesOf(settings);
      for (const [role, entry] of roles) {
        const instead = isLoaded === true && environment === chosen ? urlInstead(role, entry, within) : undefined;
        const place = `${[environment, ...(roles.length > 1 ? [role] : [])].join('.')} in ${file}`;
        const from = instead === undefined ? place : said`.env instead of ${place}`;
        const isBeside = BESIDE.test(role);
        const rank = environment === 'test' ? 2 : isBeside || entry['replica'] === true ? 3 : environment === chosen ? 0 : 1;
        const url = instead ?? (typeof entry['url'] === 'string' && !entry['url'].includes(COMPUTED) ? entry['url'] : null);
        const written = url ?? (typeof entry['database'] === 'string' ? entry['database'] : null);
        const location = written === null ? null : url === null ? parseSqlitePath(written) : railsLocation(written);
        const engine = url ?? (typeof entry['adapter'] === 'string' ? entry['adapter'] : '');
        if (!/^sqlite/i.test(engine)) {
          otherEngines.push(...(rank === 0 && entry['adapter'] !== undefined ? [from] : []));
        } else if (written?.includes(COMPUTED) === true) {
          notUnderstood.push(...(rank === 0 ? [{ from, written: written.replaceAll(COMPUTED, '...'), tail: tailOf(written) }] : []));
        } else if (location?.kind === 'file') {
          // Rails itself resolves relative paths against its root.
          named.push({
            from,
            written: location.path,
            places: [isAbsolute(location.path) ? location.path : join(folder, location.path)],
            rank,
          });
        }
      }
    }
  }
}
