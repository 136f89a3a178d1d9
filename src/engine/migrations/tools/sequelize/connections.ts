// The connections that a program makes with Sequelize itself: `new Sequelize({ storage })`, and settings that are no environment of the command line.
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { variablesAt } from '../../reading/env-files';
import { lookOf } from '../../reading/look';
import type { NamedDatabase } from '../../reading/named';
import { SourceText, type Properties } from '../../reading/object-literals';
import { parseSqlitePath, parseSqliteUrl } from '../../reading/sqlite-url';
import { isAside, isLibrary } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^(?:config|database|sequelize)\.(?:json|[cm]?[jt]s)$/;
const MODULE = /(?:db|database|sequelize|models?[\\/]index|connection|config|app|server|index)[\w.-]*\.[cm]?[jt]s$/i;
const MOST_MODULES = 100;
/** Connections that one file makes. */
const MOST_CONNECTIONS = 20;
const NEW = /new\s+Sequelize\(\s*/g;

/** `known`: the settings of the command line, which are read elsewhere. */
export function connections(project: ProjectFolder, known: string | null): NamedDatabase[] {
  const look = lookOf(project);
  if (!look.files.some((file) => basename(file) === 'package.json' && /"sequelize(?:-typescript|-cli)?"\s*:/.test(look.text(file) ?? ''))) {
    return [];
  }
  const files = look.files.filter(
    (file) => file !== known && (CONFIG.test(basename(file)) || MODULE.test(file)) && !isLibrary(file, project.root),
  );
  const saying = files.filter((file) => /sqlite/i.test(look.text(file) ?? '')).slice(0, MOST_MODULES);
  return saying.flatMap((file) => namedBy(file, project));
}

function namedBy(file: string, project: ProjectFolder): NamedDatabase[] {
  const path = relative(project.root, file).replaceAll('\\', '/');
  const variables = variablesAt(project, dirname(file));
  const source = new SourceText(lookOf(project).text(file) ?? '', variables, dirname(file));
  const chosen = variables.get('NODE_ENV') ?? 'development';
  const whole = CONFIG.test(basename(file)) ? (source.exported() ?? source.object(source.text.trim())) : null;
  const environments = [...(whole ?? [])].flatMap(([name, value]): [string, Properties][] => {
    const settings = source.object(value);
    return settings?.has('dialect') === true || settings?.has('storage') === true ? [[name, settings]] : [];
  });
  const named = (from: string, settings: Properties | null, isTest: boolean, isOther: boolean): NamedDatabase[] => {
    const storage = source.string(settings?.get('storage'));
    const location =
      storage === null || !/sqlite/i.test(source.string(settings?.get('dialect')) ?? 'sqlite') ? null : parseSqlitePath(storage);
    return location?.kind === 'file' ? [mention(from, location.path, isTest, isOther)] : [];
  };
  const mention = (from: string, written: string, isTest: boolean, isOther: boolean): NamedDatabase => ({
    from,
    written,
    // What is relative counts from where the program is started.
    places: isAbsolute(written)
      ? [written]
      : [...new Set([project.root, ...upwards(dirname(file), project.root)].map((base) => resolve(base, written)))],
    rank: isTest || isAside(path) ? 2 : isOther ? 1 : 0,
  });
  const made = [...source.text.matchAll(NEW)].slice(0, MOST_CONNECTIONS).flatMap(({ index, 0: start }): NamedDatabase[] => {
    const rest = source.text.slice(index + start.length, index + start.length + 4096);
    const url = /^(["'`])(sqlite:[^"'`$]*)\1/.exec(rest)?.[2];
    const location = url === undefined ? null : parseSqliteUrl(url);
    const from = `new Sequelize in ${path}`;
    return location?.kind === 'file'
      ? [mention(from, location.path, false, false)]
      : named(from, source.object(rest.startsWith('{') ? rest : /^[A-Za-z_$][\w$.]*(?=\s*\))/.exec(rest)?.[0]), false, false);
  });
  const single = environments.length === 0 && whole?.has('storage') === true ? named(`storage in ${path}`, whole, false, false) : [];
  return [
    ...environments.flatMap(([name, settings]) =>
      named(`${name}.storage in ${path}`, settings, /test|ci/i.test(name), name !== chosen && environments.length > 1),
    ),
    ...single,
    ...made,
  ];
}

function upwards(folder: string, root: string): string[] {
  return folder.length <= root.length ? [folder] : [folder, ...upwards(dirname(folder), root)];
}
