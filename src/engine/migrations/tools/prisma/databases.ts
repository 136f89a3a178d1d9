// Where Prisma's datasource says that the database is.
import { relative, resolve, isAbsolute } from 'node:path';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../reading/named';
import { parseSqlitePath, parseSqliteUrl } from '../../reading/sqlite-url';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { databaseUrls, prismaProjects } from './project';
import { said } from '../../../said';

export function databases(project: ProjectFolder): SourceAnswer {
  const named: NamedDatabase[] = [];
  const notUnderstood: NotUnderstood[] = [];
  for (const each of prismaProjects(project)) {
    for (const { source, url, variable, bases } of databaseUrls(each, project)) {
      const path = relative(project.root, source).replaceAll('\\', '/');
      const from = variable === null ? `url in ${path}` : said`${variable}, which ${path} uses,`;
      const rank = isAside(path) ? 2 : 0;
      const location = url === null ? null : /^[\w./-]+\.(?:db|sqlite3?)$/.test(url) ? parseSqlitePath(url) : parseSqliteUrl(url);
      if (location?.kind === 'file') {
        const places = isAbsolute(location.path) ? [location.path] : [...new Set(bases.map((base) => resolve(base, location.path)))];
        named.push({
          from: variable === null ? from : said`${variable}, which ${path} uses`,
          written: location.path,
          places,
          rank,
          isExact: true,
        });
      } else if (url === null && variable === null && rank === 0) {
        notUnderstood.push({ from, written: 'a URL that the code computes', tail: '' });
      }
    }
  }
  return { named, remarks: [], notUnderstood };
}
