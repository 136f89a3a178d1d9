// Databases that a Node application opens in code: better-sqlite3, sqlite3, sqlite, node:sqlite, libsql.
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { firstArgument, SourceText } from '../../reading/object-literals';
import { parseSqlitePath } from '../../reading/sqlite-url';
import type { ProjectFolder } from '../../tool';
import { modulesUsing } from './sources';

const PACKAGES =
  /"(?:better-sqlite3|better-sqlite3-multiple-ciphers|sqlite3|sqlite|@libsql\/client|libsql|knex|drizzle-orm|@mikro-orm\/(?:sqlite|better-sqlite|libsql)|@adonisjs\/lucid|@keystone-6\/core|@types\/bun|bun-types)"\s*:/;
const WORD = /db|database|sqlite|store|storage|repo|data|server|app|index|main|config|keystone/i;
/** `new Database("x")`, `filename: "x.db"` of Knex and of the package sqlite, `url: "file:x.db"` of libsql. */
const OPENED =
  /\bfilename["']?\s*:\s*(?=[^,\n]{0,200}\.(?:db3?|sqlite3?)["'`])|\burl["']?\s*:\s*(?=["'`]file:)|\bnew\s+(?:\w+\.)?(?:Database|BetterSqlite3|Sqlite|SQLite|DatabaseSync)\(\s*|\bsqlite3?\.(?:cached\.)?Database\(\s*|\bdrizzle\(\s*(?=["'`]|process\.env)|\bdbName["']?\s*:\s*/g;

/** What code opens may be one database of several: it counts as an example does. */
export function databases(project: ProjectFolder): SourceAnswer {
  const named = modulesUsing(PACKAGES, WORD, project)
    .flatMap((file) => namedBy(file, project))
    .slice(0, MOST_NAMED);
  return { named, remarks: [] };
}

function namedBy(file: string, project: ProjectFolder): NamedDatabase[] {
  const text = lookOf(project).text(file) ?? '';
  if (!/sqlite|libsql/i.test(text)) {
    return [];
  }
  const path = relative(project.root, file).replaceAll('\\', '/');
  const source = new SourceText(text, variablesAt(project, dirname(file)), dirname(file));
  return [...source.text.matchAll(OPENED)].slice(0, MOST_NAMED).flatMap(({ index, 0: start }): NamedDatabase[] => {
    const written = source.string(firstArgument(source.text, index + start.length));
    const location = written === null ? null : parseSqlitePath(written);
    if (location?.kind !== 'file' || !/\.\w+$/.test(location.path)) {
      return [];
    }
    const bases = isAbsolute(location.path) ? [''] : [project.root, ...upwards(dirname(file), project.root)];
    const places = [...new Set(bases.map((base) => resolve(base, location.path)))];
    return [{ from: path, written: location.path, places, rank: /test/i.test(path) ? 2 : 1 }];
  });
}

function upwards(folder: string, root: string): string[] {
  return folder.length <= root.length ? [folder] : [folder, ...upwards(dirname(folder), root)];
}
