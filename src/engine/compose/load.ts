// A compose project from its files: variables filled in, `extends` and `include` followed, one file laid over the other.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve, win32 } from 'node:path';
import { textOf } from '../limits/reading';
import { dataOf, isData, joined, listOf, MAX_BYTES, parseCompose, type ComposeDocument, type Data } from './document';
import { parseEnvFile } from './env-file';
import { ComposeRefusal, interpolate, type Lookup } from './interpolation';
import { buildOf, mergeFiles, mergeService, pairsOf, splitVolume } from './merge';
import { said } from '../said';

export interface Loaded {
  readonly data: Data;
  /** The variables that the files were filled in with, the shell's first. */
  readonly lookup: Lookup;
  /** Why Compose would refuse the files, or what of them is not understood here; a sentence each. */
  readonly doubts: readonly string[];
  /** Every file that was looked at, present or not. */
  readonly read: readonly string[];
}

/** Chains of files that name one another end here. */
const MAX_DEPTH = 10;

interface Context {
  readonly doubts: Set<string>;
  readonly read: Set<string>;
}

/** Reads the files as one project, in their order; relative paths count from `folder`. `shell` wins over every `.env`. */
export function loadFiles(files: readonly string[], folder: string, shell: Lookup): Loaded {
  const context: Context = { doubts: new Set(), read: new Set() };
  const { data, lookup } = loadAt(files, folder, shell, [join(folder, '.env')], context, 0);
  return { data, lookup, doubts: [...context.doubts], read: [...context.read] };
}

function loadAt(
  files: readonly string[],
  folder: string,
  outer: Lookup,
  envFiles: readonly string[],
  context: Context,
  depth: number,
): { data: Data; lookup: Lookup } {
  const own = variablesOf(envFiles, outer, context);
  const lookup: Lookup = (name) => outer(name) ?? own.get(name);
  let data: Data = {};
  for (const file of files) {
    const document = documentAt(file, context);
    if (document !== null) {
      const filled = dataOf(filledIn(document.data, file, lookup, context));
      data = mergeFiles(data, withServices(filled, file, folder, lookup, context), document.marks);
    }
  }
  for (const entry of listOf(data['include'])) {
    data = withIncluded(data, entry, folder, lookup, context, depth);
  }
  return { data, lookup };
}

function variablesOf(files: readonly string[], outer: Lookup, context: Context): Map<string, string> {
  const values = new Map<string, string>();
  for (const file of files) {
    const text = textAt(file, context);
    try {
      for (const [name, value] of parseEnvFile(text ?? '', (key) => outer(key) ?? values.get(key))) {
        values.set(name, value);
      }
    } catch (error) {
      doubt(error, file, context);
    }
  }
  return values;
}

function documentAt(file: string, context: Context): ComposeDocument | null {
  const text = textAt(file, context);
  if (text === null) {
    context.doubts.add(said`${file} cannot be read.`);
    return null;
  }
  try {
    const document = parseCompose(text);
    for (const tag of document.unknownTags) {
      context.doubts.add(said`${file} uses the tag ${tag}, which is not understood.`);
    }
    return document;
  } catch (error) {
    doubt(error, file, context);
    return null;
  }
}

export function textAt(file: string, { read }: { readonly read: Set<string> }): string | null {
  read.add(file);
  return textOf(file, MAX_BYTES);
}

function doubt(error: unknown, file: string, { doubts }: Context): void {
  if (!(error instanceof ComposeRefusal)) {
    throw error;
  }
  doubts.add(said`Compose does not accept ${file}: ${error.message}.`);
}

/** Variables stand in values, never in keys. */
function filledIn(value: unknown, file: string, lookup: Lookup, context: Context): unknown {
  if (typeof value === 'string') {
    try {
      return interpolate(value, lookup);
    } catch (error) {
      doubt(error, file, context);
      return '';
    }
  }
  if (Array.isArray(value)) {
    return value.map((item) => filledIn(item, file, lookup, context));
  }
  return isData(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each, file, lookup, context)]))
    : value;
}

function withServices(data: Data, file: string, folder: string, lookup: Lookup, context: Context): Data {
  const services = dataOf(data['services']);
  const extended = Object.keys(services).map((name) => [name, serviceIn(services, name, file, folder, lookup, context, [])]);
  const volumes = Object.entries(dataOf(data['volumes'])).map(([name, volume]) => [name, withDevice(volume, folder)]);
  return { ...data, services: Object.fromEntries(extended) as Data, volumes: Object.fromEntries(volumes) as Data };
}

/** A volume of the local driver may be a folder of this machine all the same. */
function withDevice(volume: unknown, folder: string): unknown {
  const options = dataOf(dataOf(volume)['driver_opts']);
  const { device, o: flags } = options;
  const isBind = typeof device === 'string' && typeof flags === 'string' && /(^|,)r?bind(,|$)/.test(flags);
  return isBind ? { ...dataOf(volume), device: pathAt(device, folder) } : volume;
}

/** The service with what it extends, all paths absolute. */
function serviceIn(
  services: Data,
  name: string,
  file: string,
  folder: string,
  lookup: Lookup,
  context: Context,
  chain: readonly string[],
): Data {
  const own = withPaths(dataOf(services[name]), folder);
  const written = own['extends'];
  if (written === undefined || written === null) {
    return own;
  }
  const { service: named, file: other } = dataOf(written);
  const base = typeof written === 'string' ? written : typeof named === 'string' ? named : '';
  const from = typeof other === 'string' ? pathAt(other, folder) : file;
  const link = joined(from, base);
  if (chain.includes(link) || chain.length > MAX_DEPTH || (typeof other === 'string' && isRemote(other))) {
    context.doubts.add(said`The service ${name} in ${file} extends one that cannot be read.`);
    return own;
  }
  let candidates = services;
  if (from !== file) {
    const document = documentAt(from, context);
    candidates = dataOf(dataOf(filledIn(document?.data ?? {}, from, lookup, context))['services']);
  }
  if (!isData(candidates[base])) {
    context.doubts.add(said`The service ${name} in ${file} extends ${base}, which is not in ${from}.`);
    return own;
  }
  const extended = serviceIn(candidates, base, from, from === file ? folder : dirname(from), lookup, context, [...chain, link]);
  const rest = Object.fromEntries(Object.entries(own).filter(([key]) => key !== 'extends'));
  return mergeService(from === file ? extended : withWholePaths(extended), rest, name);
}

/** What another file wrote as a relative path is another path here, even in the same words. */
function withWholePaths(service: Data): Data {
  return 'env_file' in service
    ? { ...service, env_file: listOf(service['env_file']).map((entry) => ({ ...dataOf(entry), written: dataOf(entry)['path'] })) }
    : service;
}

function withPaths(service: Data, folder: string): Data {
  const { volumes, env_file: envFile, build, ...rest } = service;
  return {
    ...rest,
    ...('volumes' in service && { volumes: volumes === null ? null : listOf(volumes).map((volume) => volumeAt(volume, folder)) }),
    ...('env_file' in service && { env_file: envFile === null ? null : listOf(envFile).map((entry) => envFileAt(entry, folder)) }),
    ...('build' in service && { build: build === null ? null : buildAt(buildOf(build), folder) }),
  };
}

function volumeAt(volume: unknown, folder: string): unknown {
  if (typeof volume !== 'string') {
    const { source, type } = dataOf(volume);
    return type === 'bind' && typeof source === 'string' ? { ...dataOf(volume), source: pathAt(source, folder) } : volume;
  }
  const { source, target, mode } = splitVolume(volume);
  const isReadOnly = mode.split(',').includes('ro');
  const isBind = source !== null && (/^[./~]/.test(source) || win32.isAbsolute(source));
  return {
    type: isBind ? 'bind' : 'volume',
    ...(source !== null && { source: isBind ? pathAt(source, folder) : source }),
    target,
    ...(isReadOnly && { read_only: true }),
  };
}

function envFileAt(entry: unknown, folder: string): unknown {
  const { path, required = true, format = null } = isData(entry) ? entry : { path: entry };
  return typeof path === 'string' ? { path: pathAt(path, folder), written: path, required, format } : null;
}

function buildAt(build: Data, folder: string): Data {
  const { context = '.' } = build;
  return typeof context === 'string' && !isRemote(context) ? { ...build, context: pathAt(context, folder) } : build;
}

/** As Compose makes them absolute; a path of the other system's kind stays as it is. */
function pathAt(path: string, folder: string): string {
  const plain = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  return isAbsolute(plain) || win32.isAbsolute(plain) ? plain : resolve(folder, plain);
}

function isRemote(path: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|oci:|github\.com\/)/i.test(path);
}

function withIncluded(data: Data, entry: unknown, folder: string, lookup: Lookup, context: Context, depth: number): Data {
  const written = isData(entry) ? entry : { path: entry };
  const paths = listOf(written['path']).filter((path) => typeof path === 'string');
  const [first] = paths;
  if (first === undefined || depth > MAX_DEPTH || paths.some(isRemote)) {
    context.doubts.add(said`A compose file includes ${paths.join(', ') || 'something'}, which cannot be read here.`);
    return data;
  }
  const files = paths.map((path) => pathAt(path, folder));
  const place = written['project_directory'];
  const project = typeof place === 'string' ? pathAt(place, folder) : dirname(files[0] ?? folder);
  const named = listOf(written['env_file']).filter((path) => typeof path === 'string');
  const envFiles = named.length > 0 ? named.map((path) => pathAt(path, folder)) : [join(project, '.env')];
  const { data: included, lookup: inner } = loadAt(files, project, lookup, envFiles, context, depth + 1);
  const services = dataOf(data['services']);
  const others = mapped(dataOf(included['services']), (service) => withInherited(dataOf(service), inner));
  for (const name of Object.keys(others).filter((each) => each in services)) {
    if (JSON.stringify(others[name]) !== JSON.stringify(services[name])) {
      context.doubts.add(said`The service ${name} is in an included file too.`);
    }
  }
  return {
    ...data,
    services: { ...others, ...services },
    volumes: { ...dataOf(included['volumes']), ...dataOf(data['volumes']) },
  };
}

/** In a list, a variable without a value is looked up among those of the file that names it. */
function withInherited(service: Data, lookup: Lookup): Data {
  const { environment } = service;
  return !Array.isArray(environment)
    ? service
    : {
        ...service,
        environment: Object.fromEntries(Object.entries(pairsOf(environment)).map(([key, value]) => [key, value ?? lookup(key) ?? null])),
      };
}

function mapped(data: Data, change: (value: unknown) => unknown): Data {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, change(value)]));
}
