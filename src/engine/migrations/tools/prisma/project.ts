// Which Prisma projects a folder holds, and where each keeps its migrations, read without running anything.
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { withoutComments } from '../../../limits/code';
import { variablesAt } from '../../reading/env-files';
import { entriesOf, filesOf, isFile } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import { SourceText } from '../../reading/object-literals';
import { parseSqliteUrl } from '../../reading/sqlite-url';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^prisma\.config\.(?:js|cjs|mjs|ts|cts|mts)$/;
/** The other place of a config. */
const HIDDEN_CONFIG = /^prisma(?:\.config)?\.(?:js|cjs|mjs|ts|cts|mts)$/;
const DATASOURCE = /^[ \t]*datasource[ \t]+\w+\s*\{([^}]*)\}?/m;
const STANDARD = ['schema.prisma', join('prisma', 'schema.prisma')];

export interface PrismaProject {
  /** Where commands run: Prisma takes its config and its package.json from there. */
  readonly folder: string;
  readonly config: string | null;
  /** The file with the datasource; null: there is none to be seen. */
  readonly schema: string | null;
  readonly scripts: string;
  /** The config computes where the migrations are. */
  readonly isComputed: boolean;
  /** What is read; first what decides about the rest. */
  readonly sources: readonly string[];
}

/** null: no Prisma, or it keeps another kind of database. Of several, the one whose URL names the project's database. */
export function prismaProject(project: ProjectFolder): PrismaProject | null {
  const candidates = prismaProjects(project);
  const hasMigrations = ({ scripts }: PrismaProject): boolean => entriesOf(scripts).some((entry) => entry.isDirectory());
  return candidates.find((each) => namesDatabase(each, project)) ?? candidates.find(hasMigrations) ?? candidates[0] ?? null;
}

/** All that keep SQLite databases, as far as it is said. */
export function prismaProjects(project: ProjectFolder): readonly PrismaProject[] {
  return lookOf(project).once('prisma', '', () =>
    candidatesOf(project).filter(({ schema }) => ['sqlite', null].includes(schema === null ? null : providerOf(schema, project))),
  );
}

/** The option with which Prisma finds this source from its folder; empty when it needs none. */
export function schemaOption(folder: string, source: string): string {
  const path = relative(folder, source);
  const isFound = STANDARD.includes(path) || basename(source) === 'package.json' || HIDDEN_CONFIG.test(basename(source));
  const shown = path.replaceAll(sep, '/');
  return isFound ? '' : ` --schema ${/^[\w./-]+$/.test(shown) ? shown : `"${shown}"`}`;
}

function candidatesOf(project: ProjectFolder): PrismaProject[] {
  const files = filesOf(project);
  const schemas = files.filter((file) => file.endsWith('.prisma') && datasourceIn(file, project) !== null);
  const configs = [...hiddenConfigs(project), ...files.filter((file) => CONFIG.test(basename(file)))];
  const configured = configs.map((config) => fromConfig(config, schemas, project));
  const packages = files
    .filter((file) => basename(file) === 'package.json' && !configured.some(({ folder }) => folder === dirname(file)))
    .flatMap((file) => fromPackage(file, schemas, project) ?? []);
  const known = new Set([...configured, ...packages].map(({ schema }) => schema));
  const others = schemas.filter((schema) => !known.has(schema)).map((schema) => fromSchema(schema, files, project));
  return [...configured, ...packages, ...others];
}

function hiddenConfigs({ root }: ProjectFolder): string[] {
  const folder = join(root, '.config');
  return entriesOf(folder)
    .filter(({ name }) => HIDDEN_CONFIG.test(name))
    .map(({ name }) => join(folder, name));
}

function fromConfig(config: string, schemas: readonly string[], project: ProjectFolder): PrismaProject {
  const here = dirname(config);
  const folder = basename(here) === '.config' ? dirname(here) : here;
  const source = new SourceText(lookOf(project).text(config) ?? '', variablesAt(project, folder));
  const settings = source.exported();
  const section = source.object(settings?.get('migrations')) ?? source.firstObjectAfter('migrations');
  const path = source.string(section?.get('path'));
  const named = source.string(settings?.get('schema'));
  const schema = named === null ? schemaOf(folder, schemas, project) : schemaAt(resolve(here, named), schemas);
  const beside = join(schema === null ? join(folder, 'prisma') : dirname(schema), 'migrations');
  return {
    folder,
    config,
    schema,
    scripts: path === null ? beside : resolve(here, path),
    isComputed: path === null && section?.has('path') === true,
    sources: [config, ...(schema === null ? [] : [schema])],
  };
}

/** Where a package.json names the schema: `"prisma": { "schema": "db/schema.prisma" }`. */
function fromPackage(file: string, schemas: readonly string[], project: ProjectFolder): PrismaProject | null {
  const named = schemaInPackage(file, project);
  const schema = named === null ? null : schemaAt(resolve(dirname(file), named), schemas);
  if (schema === null) {
    return null;
  }
  const scripts = join(dirname(schema), 'migrations');
  return { folder: dirname(file), config: null, schema, scripts, isComputed: false, sources: [file, schema] };
}

/** Named nowhere: in a standard place, or given to each command by whoever runs it. */
function fromSchema(schema: string, files: readonly string[], project: ProjectFolder): PrismaProject {
  const above = dirname(schema);
  const packages = files.filter((file) => basename(file) === 'package.json').map(dirname);
  const nearest = packages.filter((each) => schema.startsWith(each + sep)).sort((a, b) => b.length - a.length)[0];
  const folder = schema.endsWith(`${sep}${STANDARD[1] ?? ''}`) ? dirname(above) : (nearest ?? withoutPrisma(above));
  // Models in files of their own belong to the schema's folder.
  const hasModels = files.some((file) => file.endsWith('.prisma') && file.startsWith(above + sep) && datasourceIn(file, project) === null);
  const source = hasModels && !STANDARD.includes(relative(folder, schema)) && above !== folder ? above : schema;
  return { folder, config: null, schema, scripts: join(above, 'migrations'), isComputed: false, sources: [source] };
}

function withoutPrisma(folder: string): string {
  return [folder, dirname(folder)].filter((each) => basename(each) === 'prisma').map(dirname)[0] ?? folder;
}

/** As Prisma looks for it from a folder: what package.json names, then the standard places; then whatever is below. */
function schemaOf(folder: string, schemas: readonly string[], project: ProjectFolder): string | null {
  const named = schemaInPackage(join(folder, 'package.json'), project);
  const standard = STANDARD.map((path) => join(folder, path)).find((path) => schemas.includes(path));
  const below = schemas.find((schema) => schema.startsWith(folder + sep));
  return (named === null ? null : schemaAt(resolve(folder, named), schemas)) ?? standard ?? below ?? null;
}

/** The file itself, or in a folder the file that holds the datasource. */
function schemaAt(place: string, schemas: readonly string[]): string | null {
  return schemas.find((schema) => schema === place || schema.startsWith(place + sep)) ?? (isFile(place) ? place : null);
}

function schemaInPackage(file: string, project: ProjectFolder): string | null {
  const text = lookOf(project).text(file);
  try {
    const { prisma } = JSON.parse(text ?? '{}') as { readonly prisma?: { readonly schema?: unknown } };
    return typeof prisma?.schema === 'string' ? prisma.schema : null;
  } catch {
    return null;
  }
}

function datasourceIn(schema: string, project: ProjectFolder): string | null {
  return DATASOURCE.exec(withoutComments(lookOf(project).text(schema) ?? '', '"'))?.[1] ?? null;
}

function providerOf(schema: string, project: ProjectFolder): string | null {
  return /\bprovider\s*=\s*"(\w+)"/.exec(datasourceIn(schema, project) ?? '')?.[1] ?? null;
}

/** Where a project's URL says that its database is. */
export interface DatabaseUrl {
  readonly source: string;
  /** null: it is computed, or names a variable that nobody has set: `variable`. */
  readonly url: string | null;
  readonly variable: string | null;
  /** A relative path counts from the schema, since Prisma 7 from where commands run. */
  readonly bases: readonly string[];
}

export function databaseUrls({ folder, config, schema }: PrismaProject, project: ProjectFolder): DatabaseUrl[] {
  const variables = new Map([...variablesAt(project, folder), ...(schema === null ? [] : variablesAt(project, dirname(schema)))]);
  const above = schema === null ? [] : [dirname(schema)];
  const found: DatabaseUrl[] = [];
  const text = schema === null ? null : datasourceIn(schema, project);
  const [, literal, name] = /\burl\s*=\s*(?:"([^"]+)"|env\(\s*"(\w+)"\s*\))/.exec(text ?? '') ?? [];
  if (schema !== null && (literal ?? name) !== undefined) {
    found.push({ source: schema, url: literal ?? variables.get(name ?? '') ?? null, variable: name ?? null, bases: [...above, folder] });
  }
  if (config !== null) {
    const source = new SourceText(lookOf(project).text(config) ?? '', variables);
    const section = source.object(source.exported()?.get('datasource')) ?? source.firstObjectAfter('datasource');
    const url = section?.get('url');
    if (url !== undefined) {
      const variable = /(?:env\.|env(?:<\w+>)?\(\s*["'`])(\w+)/.exec(url)?.[1] ?? null;
      found.push({ source: config, url: source.string(url), variable, bases: [folder, ...above] });
    }
  }
  return found;
}

function namesDatabase(each: PrismaProject, project: ProjectFolder): boolean {
  const { database } = project;
  return (
    database !== null &&
    databaseUrls(each, project).some(({ url, bases }) => {
      const location = url === null ? null : parseSqliteUrl(url);
      return location?.kind === 'file' && bases.some((base) => resolve(base, location.path) === database);
    })
  );
}
