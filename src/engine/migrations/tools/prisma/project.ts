// Which Prisma projects a folder holds, and where each keeps its migrations, read without running anything.
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { entriesOf, filesOf, isFile, textOf } from '../../reading/folder-search';
import { withoutComments } from '../../../limits/code';
import { parseEnv } from '../../../limits/env';
import { SourceText } from '../../reading/object-literals';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^prisma\.config\.(?:js|cjs|mjs|ts|cts|mts)$/;
/** The other place of a config. */
const HIDDEN_CONFIG = /^prisma(?:\.config)?\.(?:js|cjs|mjs|ts|cts|mts)$/;
const DATASOURCE = /^[ \t]*datasource[ \t]+\w+\s*\{([^}]*)\}?/m;
const LONGEST_URL = 4096;
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
  const candidates = candidatesOf(project).filter(({ schema }) => ['sqlite', null].includes(schema === null ? null : providerOf(schema)));
  const hasMigrations = ({ scripts }: PrismaProject): boolean => entriesOf(scripts).some((entry) => entry.isDirectory());
  return candidates.find((each) => namesDatabase(each, project.database)) ?? candidates.find(hasMigrations) ?? candidates[0] ?? null;
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
  const schemas = files.filter((file) => file.endsWith('.prisma') && datasourceIn(file) !== null);
  const configs = [...hiddenConfigs(project), ...files.filter((file) => CONFIG.test(basename(file)))];
  const configured = configs.map((config) => fromConfig(config, schemas));
  const packages = files
    .filter((file) => basename(file) === 'package.json' && !configured.some(({ folder }) => folder === dirname(file)))
    .flatMap((file) => fromPackage(file, schemas) ?? []);
  const known = new Set([...configured, ...packages].map(({ schema }) => schema));
  const others = schemas.filter((schema) => !known.has(schema)).map((schema) => fromSchema(schema, files));
  return [...configured, ...packages, ...others];
}

function hiddenConfigs({ root }: ProjectFolder): string[] {
  const folder = join(root, '.config');
  return entriesOf(folder)
    .filter(({ name }) => HIDDEN_CONFIG.test(name))
    .map(({ name }) => join(folder, name));
}

function fromConfig(config: string, schemas: readonly string[]): PrismaProject {
  const here = dirname(config);
  const folder = basename(here) === '.config' ? dirname(here) : here;
  const source = new SourceText(textOf(config) ?? '');
  const settings = source.exported();
  const section = source.object(settings?.get('migrations')) ?? source.firstObjectAfter('migrations');
  const path = source.string(section?.get('path'));
  const named = source.string(settings?.get('schema'));
  const schema = named === null ? schemaOf(folder, schemas) : schemaAt(resolve(here, named), schemas);
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
function fromPackage(file: string, schemas: readonly string[]): PrismaProject | null {
  const named = schemaInPackage(file);
  const schema = named === null ? null : schemaAt(resolve(dirname(file), named), schemas);
  if (schema === null) {
    return null;
  }
  const scripts = join(dirname(schema), 'migrations');
  return { folder: dirname(file), config: null, schema, scripts, isComputed: false, sources: [file, schema] };
}

/** Named nowhere: in a standard place, or given to each command by whoever runs it. */
function fromSchema(schema: string, files: readonly string[]): PrismaProject {
  const above = dirname(schema);
  const packages = files.filter((file) => basename(file) === 'package.json').map(dirname);
  const nearest = packages.filter((each) => schema.startsWith(each + sep)).sort((a, b) => b.length - a.length)[0];
  const folder = schema.endsWith(`${sep}${STANDARD[1] ?? ''}`) ? dirname(above) : (nearest ?? withoutPrisma(above));
  // Models in files of their own belong to the schema's folder.
  const hasModels = files.some((file) => file.endsWith('.prisma') && file.startsWith(above + sep) && datasourceIn(file) === null);
  const source = hasModels && !STANDARD.includes(relative(folder, schema)) && above !== folder ? above : schema;
  return { folder, config: null, schema, scripts: join(above, 'migrations'), isComputed: false, sources: [source] };
}

function withoutPrisma(folder: string): string {
  return [folder, dirname(folder)].filter((each) => basename(each) === 'prisma').map(dirname)[0] ?? folder;
}

/** As Prisma looks for it from a folder: what package.json names, then the standard places; then whatever is below. */
function schemaOf(folder: string, schemas: readonly string[]): string | null {
  const named = schemaInPackage(join(folder, 'package.json'));
  const standard = STANDARD.map((path) => join(folder, path)).find((path) => schemas.includes(path));
  const below = schemas.find((schema) => schema.startsWith(folder + sep));
  return (named === null ? null : schemaAt(resolve(folder, named), schemas)) ?? standard ?? below ?? null;
}

/** The file itself, or in a folder the file that holds the datasource. */
function schemaAt(place: string, schemas: readonly string[]): string | null {
  return schemas.find((schema) => schema === place || schema.startsWith(place + sep)) ?? (isFile(place) ? place : null);
}

function schemaInPackage(file: string): string | null {
  const text = textOf(file);
  try {
    const { prisma } = JSON.parse(text ?? '{}') as { readonly prisma?: { readonly schema?: unknown } };
    return typeof prisma?.schema === 'string' ? prisma.schema : null;
  } catch {
    return null;
  }
}

function datasourceIn(schema: string): string | null {
  return DATASOURCE.exec(withoutComments(textOf(schema) ?? '', '"'))?.[1] ?? null;
}

function providerOf(schema: string): string | null {
  return /\bprovider\s*=\s*"(\w+)"/.exec(datasourceIn(schema) ?? '')?.[1] ?? null;
}

/** A relative path counts from the schema, since Prisma 7 from where commands run. */
function namesDatabase({ folder, config, schema }: PrismaProject, database: string | null): boolean {
  const texts = [schema === null ? null : datasourceIn(schema), config === null ? null : new SourceText(textOf(config) ?? '').text];
  const bases = [...(schema === null ? [] : [dirname(schema)]), folder];
  const urls = texts.flatMap((text) => {
    const [, literal, name] =
      /\burl\s*[=:]\s*(?:["'`]([^"'`]+)["'`]|(?:env(?:<\w+>)?\(\s*["'`]|process\.env\.)(\w+))/.exec(text ?? '') ?? [];
    const values = name === undefined ? [] : bases.map((base) => parseEnv(textOf(join(base, '.env')) ?? '')[name]);
    return [literal, ...values].filter((url) => url?.startsWith('file:') === true);
  });
  const paths = urls.map((url) => url?.slice(0, LONGEST_URL).replace(/^file:(?:\/\/(?=\/))?|\?.*$/g, '') ?? '');
  return database !== null && bases.some((base) => paths.some((path) => resolve(base, path) === database));
}
