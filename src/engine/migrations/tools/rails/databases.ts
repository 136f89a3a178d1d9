// Where Rails' config/database.yml says that the databases are, development first.
import { isAbsolute, join, relative } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { parseSqlitePath, parseSqliteUrl, tailOf } from '../../reading/sqlite-url';
import type { ProjectFolder } from '../../tool';
import { COMPUTED, databaseYml, environmentOf, railsFolder, readChosenYaml } from './config';

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
  const chosen = environmentOf(variablesAt(project, folder));
  const environments = Object.entries(objectOf(readChosenYaml(config, project)))
    .filter(([name]) => !/^(?:default|defaults|base)$/.test(name))
    .sort(([a], [b]) => Number(a !== chosen) - Number(b !== chosen));
  for (const [environment, settings] of environments) {
    for (const [role, entry] of rolesOf(objectOf(settings))) {
      const from = `${[environment, ...(role === null ? [] : [role])].join('.')} in ${file}`;
      const isBeside = role !== null && BESIDE.test(role);
      const rank = environment === 'test' ? 2 : isBeside || entry['replica'] === true ? 3 : environment === chosen ? 0 : 1;
      const url = typeof entry['url'] === 'string' && !entry['url'].includes(COMPUTED) ? entry['url'] : null;
      const written = url ?? (typeof entry['database'] === 'string' ? entry['database'] : null);
      const location = written === null ? null : url === null ? parseSqlitePath(written) : parseSqliteUrl(written);
      if (!/sqlite/i.test(`${typeof entry['adapter'] === 'string' ? entry['adapter'] : ''}${url ?? ''}`)) {
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
  return { named, remarks: otherEngines.map((from) => `${from} names no SQLite file.`), notUnderstood, otherEngines };
}

/** One database, or several by their names: then the first is the application's. */
function rolesOf(settings: Record<string, unknown>): [string | null, Record<string, unknown>][] {
  if ('database' in settings || 'url' in settings) {
    return [[null, settings]];
  }
  return Object.entries(settings).flatMap(([role, entry]) =>
    typeof entry === 'object' && entry !== null ? [[role, objectOf(entry)]] : [],
  );
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
