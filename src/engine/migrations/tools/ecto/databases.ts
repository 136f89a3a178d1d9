// Where Ecto's configuration says that the database is: `database:` of a repository in config/dev.exs and its like, development first.
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFile, lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import type { ProjectFolder } from '../../tool';

/** `database: "x.db"`, `database: Path.expand("../x.db", __DIR__)`, `System.get_env("X") || "x.db"` in it; the place it counts from. */
const DATABASE = /\bdatabase:\s*(?:System\.get_env\([^()\n]{1,100}\)\s*\|\|\s*)?(Path\.expand\(\s*)?"([^"#\n]{1,500})"([^\n]{0,100})/g;

export function databases(project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const named = look.files
    .filter((file) => /\.exs$/.test(file) && basename(dirname(file)) === 'config' && isFile(join(dirname(file), '../mix.exs')))
    .flatMap((file) => [...(look.text(file) ?? '').matchAll(DATABASE)].map((match) => namedBy(match, file, project)));
  return { named: named.slice(0, MOST_NAMED), remarks: [] };
}

function namedBy([, expanded, written = '', rest = '']: RegExpMatchArray, file: string, project: ProjectFolder): NamedDatabase {
  const environment = basename(file, '.exs');
  // What is relative counts from where mix is started; `__DIR__` is the folder of the file.
  const isBeside = expanded !== undefined && /__DIR__|__ENV__\.file/.test(rest);
  const base = isBeside ? dirname(file) : dirname(dirname(file));
  return {
    from: `database in ${relative(project.root, file).replaceAll('\\', '/')}`,
    written,
    places: [isAbsolute(written) ? written : join(base, written)],
    rank: environment === 'test' ? 2 : environment === 'dev' || environment === 'config' ? 0 : 1,
  };
}
