// Where drizzle.config.* says that the database is: dbCredentials.url.
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { SourceText } from '../../reading/object-literals';
import { parseSqlitePath, parseSqliteUrl } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { configsOf } from './config';

export function databases(project: ProjectFolder): SourceAnswer {
  const named: NamedDatabase[] = [];
  const notUnderstood: NotUnderstood[] = [];
  for (const config of configsOf(project)) {
    const folder = dirname(config);
    const path = relative(project.root, config).replaceAll('\\', '/');
    const text = lookOf(project).text(config) ?? '';
    const source = new SourceText(text, variablesAt(project, folder), folder);
    const settings = source.exported();
    const section = source.object(settings?.get('dbCredentials')) ?? source.firstObjectAfter('dbCredentials');
    const written = section?.get('url') ?? section?.get('dbName') ?? section?.get('database');
    const value = source.string(written);
    if (/postgres|mysql|singlestore|gel/.test(source.string(settings?.get('dialect')) ?? '') || written === undefined) {
      continue;
    }
    const rank = isAside(path) ? 2 : 0;
    const tail = source.tail(written);
    const location =
      value === null || /^(?:https?|libsql|wss?):/.test(value)
        ? null
        : /^file:|^sqlite/.test(value)
          ? parseSqliteUrl(value)
          : parseSqlitePath(value);
    if (location?.kind === 'file') {
      const bases = [folder, project.root];
      const places = isAbsolute(location.path) ? [location.path] : [...new Set(bases.map((base) => resolve(base, location.path)))];
      named.push({ from: `dbCredentials in ${path}`, written: location.path, places, rank });
    } else if (value === null && rank === 0 && (tail !== '' || !/\benv\b/.test(written))) {
      notUnderstood.push({ from: `dbCredentials in ${path}`, written: tail === '' ? 'a URL that the code computes' : `...${tail}`, tail });
    }
  }
  return { named, remarks: [], notUnderstood };
}
