// Databases that an application's own settings files name.
import { dirname, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFile } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { parseSqlitePath, parseSqliteUrl, placesOf, type SqliteLocation } from '../../reading/sqlite-url';
import { databaseOfVariable, rankOfVariable } from '../../reading/variables';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';
import { entriesIn, settingsFiles } from './entries';

const CONNECTION = /(?:^|;)\s*(?:data ?source|filename)\s*=\s*([^;"']+)/i;

/** It is not known which of the names the code asks for: what is named so counts as an example does. */
export function databases(project: ProjectFolder): SourceAnswer {
  const named = settingsFiles(project).flatMap((file) => namedBy(file, project));
  return { named: named.slice(0, MOST_NAMED), remarks: [] };
}

function namedBy(file: string, project: ProjectFolder): NamedDatabase[] {
  const { root } = project;
  const path = relative(root, file).replaceAll('\\', '/');
  return entriesIn(file, /sqlite|\.db\b/i, project).flatMap(({ names, value: written }): NamedDatabase[] => {
    // yoyo: the folder of the file, as Alembic has it.
    const value = written.replaceAll('%(here)s', () => dirname(file));
    const name = names.find((each) => databaseOf(each, value) !== null);
    const location = name === undefined ? null : databaseOf(name, value);
    const places = location?.kind === 'file' ? placesOf(location.path, dirname(file), root) : [];
    if (name === undefined || location?.kind !== 'file' || (location.isTemplate && !places.some(isFile))) {
      return [];
    }
    const rank = isAside(path) || /test/i.test(path) ? 2 : rankOfVariable(name) || 1;
    return [{ from: `${name.toLowerCase()} in ${path}`, written: location.path, places, rank }];
  });
}

function databaseOf(name: string, value: string): SqliteLocation | null {
  if (/^(?:jdbc:|db:)?sqlite3?(?:\+\w+)?:/i.test(value)) {
    return parseSqliteUrl(value.replace(/^(?:jdbc|db):/i, ''));
  }
  // Knex, as Ghost has it: {"database": {"connection": {"filename": "..."}}}.
  if (name === 'CONNECTION_FILENAME') {
    return /\.(?:db|db3|sqlite|sqlite3)$/i.test(value) ? parseSqlitePath(value) : null;
  }
  const source = CONNECTION.exec(value)?.[1];
  const isPath = /[\\/.]/.test(value) && !/\s/.test(value);
  return source !== undefined ? parseSqlitePath(source) : isPath ? databaseOfVariable(name, value) : null;
}
