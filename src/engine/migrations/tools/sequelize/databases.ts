// Where the settings of sequelize-cli say that the database is: `storage` of each environment, development first.
import { dirname, relative, resolve } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { SourceText } from '../../reading/object-literals';
import type { ProjectFolder } from '../../tool';
import { connections } from './connections';
import { placeOf, sectionOf, storageOf } from './config';
import { said } from '../../../said';

export function databases(project: ProjectFolder): SourceAnswer {
  const place = placeOf(project);
  const named: NamedDatabase[] = [];
  const otherEngines: string[] = [];
  if (place === null || place.config === null) {
    return { named: connections(project, null), remarks: [] };
  }
  const { config, folder } = place;
  const variables = variablesAt(project, folder);
  const source = new SourceText(lookOf(project).text(config) ?? '', variables);
  const chosen = variables.get('NODE_ENV') ?? 'development';
  for (const environment of new Set([chosen, 'development', 'production', 'test'])) {
    const section = sectionOf(source, environment);
    const dialect = source.string(section?.get('dialect'));
    const url = variables.get(source.string(section?.get('use_env_variable')) ?? '') ?? source.string(section?.get('url'));
    const storage = url === null ? source.string(section?.get('storage')) : storageOf(url);
    const from = `${environment}.storage in ${relative(project.root, config).replaceAll('\\', '/')}`;
    if (dialect !== null && dialect !== 'sqlite' && url === null) {
      otherEngines.push(...(environment === chosen ? [from] : []));
    } else if (storage !== null && storage !== '' && storage !== ':memory:') {
      // What is relative counts from where the command runs.
      const base = /\b__dirname\b/.test(section?.get('storage') ?? '') ? dirname(config) : folder;
      const rank = environment === 'test' ? 2 : environment === chosen ? 0 : 1;
      named.push({ from, written: storage, places: [resolve(base, storage)], rank });
    }
  }
  named.push(...connections(project, config));
  return { named, remarks: otherEngines.map((from) => said`${from} names no SQLite file.`), otherEngines };
}
