// Compose files: their services' variables and volumes, and what a path inside a container is on this machine.
import { basename, dirname, isAbsolute, posix, resolve } from 'node:path';
import { z } from 'zod';
import { parseEnv } from '../../limits/env';
import { MOST_NAMED } from '../../limits/sizes';
import { parseYaml } from '../../limits/yaml';
import { expandPath, shown } from '../paths';
import { filesNamed, readSmallText, type FoundFiles } from './search';
import type { NamedDatabase, SourceAnswer } from './source';
import { isAbsolutePath, placesOf } from './sqlite-url';
import { databaseOfVariable } from './variables';

export interface Mount {
  /** Absolute path on this machine; null for a named volume, whose files Docker keeps. */
  readonly host: string | null;
  /** As written in the file: a path or the volume's name. */
  readonly source: string;
  readonly container: string;
}

export interface ComposeService {
  readonly name: string;
  /** Absolute path of the compose file. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Inside the container. */
  readonly workingFolder: string | null;
  /** On this machine: the folder the image is built from. */
  readonly buildFolder: string;
}

const MOST_ENV_FILES = 20;
/** Characters of a path or a variable's value that are looked at. */
const LONGEST_VALUE = 10_000;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const service = z.looseObject({
  environment: z
    .union([z.record(z.string(), scalar), z.array(z.string())])
    .optional()
    .catch(undefined),
  env_file: z
    .union([
      z.string().transform((path) => [path]),
      z.array(z.union([z.string(), z.looseObject({ path: z.string() }).transform((entry) => entry.path)])),
    ])
    .optional()
    .catch(undefined),
  volumes: z
    .array(
      z.union([z.string(), z.looseObject({ type: z.string(), source: z.string(), target: z.string() }), z.unknown().transform(() => null)]),
    )
    .optional()
    .catch(undefined),
  working_dir: z.string().optional().catch(undefined),
  build: z
    .union([z.string(), z.looseObject({ context: z.string().default('.') }).transform((build) => build.context)])
    .optional()
    .catch(undefined),
});
const composeFile = z.looseObject({ services: z.record(z.string(), service) });

/** Reads every compose file found. What cannot be read or is none counts as absent. */
export async function readComposeServices(found: FoundFiles): Promise<ComposeService[]> {
  const services: ComposeService[] = [];
  for (const file of filesNamed(found, /^(docker-)?compose([.-].+)?\.ya?ml$/)) {
    const folder = dirname(file);
    const text = (await readSmallText(file)) ?? '';
    const variables = parseEnv((await readSmallText(resolve(folder, '.env'))) ?? '');
    for (const [name, raw] of Object.entries(servicesIn(text)).slice(0, MOST_NAMED)) {
      const envFiles = await Promise.all(
        (raw.env_file ?? []).slice(0, MOST_ENV_FILES).map((path) => readSmallText(resolve(folder, interpolate(path, variables)))),
      );
      services.push({
        name,
        file,
        environment: { ...parseEnv(envFiles.join('\n')), ...environmentOf(raw.environment, variables) },
        mounts: (raw.volumes ?? []).slice(0, MOST_NAMED).flatMap((volume) => mountOf(volume, folder, variables) ?? []),
        workingFolder: raw.working_dir ? interpolate(raw.working_dir, variables) : null,
        buildFolder: resolve(folder, interpolate(raw.build ?? '.', variables)),
      });
    }
  }
  return services;
}

/** The databases that the services' variables name, as files of this machine. */
export function namedByCompose(services: readonly ComposeService[], root: string): SourceAnswer {
  const named: NamedDatabase[] = [];
  const remarks: string[] = [];
  for (const service of services) {
    for (const [name, value] of Object.entries(service.environment)) {
      const from = `${name} of the service ${service.name} in ${shown(service.file, root)}`;
      const database = databaseOfVariable(name, value);
      if (database?.kind !== 'file') {
        remarks.push(...(database?.kind === 'other' ? [`${from} names no SQLite file.`] : []));
        continue;
      }
      const places = placesInService(database.path, service, root);
      if (places.length > 0) {
        named.push({ from, written: database.path, places, rank: /test/i.test(service.name + basename(service.file)) ? 2 : 0 });
      } else {
        remarks.push(`${from} names ${database.path}, which is inside the container only: no folder of this machine is mounted there.`);
      }
    }
  }
  return { named, remarks };
}

/** The same file on this machine, through the volume with the longest matching path; null: not mounted from here. */
export function hostPathOf(path: string, service: ComposeService): string | null {
  const [mount] = service.mounts
    .filter((candidate) => path === candidate.container || path.startsWith(candidate.container.replace(/\/?$/, '/')))
    .sort((a, b) => b.container.length - a.container.length);
  return mount?.host ? resolve(mount.host, `.${path.slice(mount.container.replace(/\/$/, '').length)}`) : null;
}

function placesInService(path: string, service: ComposeService, root: string): string[] {
  if (isAbsolutePath(path)) {
    return [hostPathOf(path, service) ?? []].flat();
  }
  const inContainer = service.workingFolder ? hostPathOf(posix.resolve(service.workingFolder, path), service) : null;
  return [...new Set([...(inContainer ? [inContainer] : []), ...placesOf(path, service.buildFolder, root)])];
}

function servicesIn(text: string): Record<string, z.infer<typeof service>> {
  try {
    const parsed = composeFile.safeParse(parseYaml(text));
    return parsed.success ? parsed.data.services : {};
  } catch {
    return {};
  }
}

function environmentOf(written: z.infer<typeof service>['environment'], variables: Record<string, string>): Record<string, string> {
  const pairs = Array.isArray(written)
    ? written.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)] as const)
    : Object.entries(written ?? {}).map(([name, value]) => [name, String(value ?? '')] as const);
  return Object.fromEntries(pairs.map(([name, value]) => [name, interpolate(value, variables)]));
}

type Volume = string | { readonly type: string; readonly source: string; readonly target: string } | null;

function mountOf(volume: Volume, folder: string, variables: Record<string, string>): Mount | null {
  if (typeof volume !== 'string') {
    return volume && mount(interpolate(volume.source, variables), volume.target, volume.type === 'bind', folder);
  }
  const parts = /^((?:[a-z]:[\\/])?[^:]+):([^:]+)(?::[^:]*)?$/i.exec(interpolate(volume, variables));
  const [, source, target] = parts ?? [];
  return source && target ? mount(source, target, /^[./~\\]|^[a-z]:/i.test(source), folder) : null;
}

function mount(source: string, target: string, isBind: boolean, folder: string): Mount {
  const host = isAbsolute(source) ? source : expandPath(source, folder);
  return { source, container: posix.normalize(target), host: isBind ? host : null };
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`, from the `.env` beside the compose file as Compose itself does. */
function interpolate(value: string, variables: Readonly<Record<string, string>>): string {
  return value
    .slice(0, LONGEST_VALUE)
    .replace(
      /\$(?:(\$)|(\w+)|\{(\w+)(?::?([-?+])([^}]*))?\})/g,
      (_all: string, dollar?: string, plain?: string, name?: string, operator?: string, text?: string) =>
        dollar ?? (variables[plain ?? name ?? ''] || (operator === '-' ? (text ?? '') : '')),
    );
}
