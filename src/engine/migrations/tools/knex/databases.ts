// Where a knexfile says that the database is: connection.filename of each environment, development first.
import { basename, dirname, relative, resolve } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { SourceText, type Properties } from '../../reading/object-literals';
import { parseSqlitePath } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { configsOf } from './config';

export function databases(project: ProjectFolder): SourceAnswer {
  return { named: configsOf(project).flatMap((config) => namedBy(config, project)), remarks: [] };
}

function namedBy(config: string, project: ProjectFolder): NamedDatabase[] {
  const folder = dirname(config);
  const path = relative(project.root, config).replaceAll('\\', '/');
  const variables = variablesAt(project, folder);
  const source = new SourceText(lookOf(project).text(config) ?? '', variables, folder);
  const root = source.exported();
  const isOne = root?.has('connection') === true || root?.has('client') === true;
  const chosen = variables.get('NODE_ENV') ?? 'development';
  const environments: [string | null, Properties | null][] = isOne
    ? [[null, root]]
    : [...(root ?? [])].map(([name, value]) => [name, source.object(value)]);
  const found = environments.flatMap(([name, settings]): NamedDatabase[] => {
    const file = fileOf(settings, source);
    const location = file === null ? null : parseSqlitePath(file);
    if (location?.kind !== 'file') {
      return [];
    }
    const isTest = isAside(path) || /test|ci/i.test(name ?? '');
    const rank = isTest ? 2 : name === null || name === chosen || environments.length === 1 ? 0 : 1;
    const from = `${name === null ? 'connection' : `${name}.connection`} in ${path}`;
    // Knex changes into the folder of its knexfile.
    return [
      { from, written: location.path, places: [...new Set([folder, project.root].map((base) => resolve(base, location.path)))], rank },
    ];
  });
  // Settings built by code: any file name that is written out as a connection.
  const loose = found.length > 0 || root !== null ? null : fileOf(new Map([['connection', 'connection']]), source);
  const first = loose ?? source.string(source.firstObjectAfter('connection')?.get('filename'));
  return found.length > 0 || first === null
    ? found
    : [
        {
          from: basename(config),
          written: first,
          places: [...new Set([folder, project.root].map((base) => resolve(base, first)))],
          rank: 0,
        },
      ];
}

function fileOf(settings: Properties | null, source: SourceText): string | null {
  const connection = settings?.get('connection');
  const client = source.string(settings?.get('client')) ?? '';
  const section = source.object(connection);
  const file = source.string(section?.get('filename')) ?? (section === null && /sqlite/i.test(client) ? source.string(connection) : null);
  return file === null || file === '' ? null : file;
}
