// One service of a compose project, as far as it matters where its data lies and what runs in it.
import { posix } from 'node:path';
import { dataOf, listOf, type Data } from './document';
import { parseEnvFile } from './env-file';
import { ComposeRefusal, type Lookup } from './interpolation';
import { textAt } from './load';
import { byTarget, pairsOf } from './merge';
import { said } from '../said';

export interface Mount {
  /** Absolute path on this machine; null: files that Docker keeps. */
  readonly host: string | null;
  /** The path or the volume's name; empty for a volume without one. */
  readonly source: string;
  /** Absolute, inside the container. */
  readonly container: string;
  readonly isReadOnly: boolean;
}

export interface Build {
  /** Absolute folder, or a remote address. */
  readonly context: string;
  readonly dockerfile: string;
  /** null: the last stage. */
  readonly target: string | null;
  /** The Dockerfile's text, where the compose file itself holds it. */
  readonly inline: string | null;
}

export interface Service {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly workingFolder: string | null;
  readonly build: Build | null;
  readonly image: string | null;
  /** Command and entrypoint, as text to look into. */
  readonly runs: string;
}

/** The service of a merged file. What is missing for it becomes a doubt. */
export function serviceOf(name: string, data: Data, volumes: Data, lookup: Lookup, doubts: Set<string>, read: Set<string>): Service {
  return {
    name,
    environment: environmentOf(name, data, lookup, doubts, read),
    mounts: mountsOf(name, data, volumes, doubts),
    workingFolder: textOr(data['working_dir'], null),
    build: buildFrom(data['build']),
    image: textOr(data['image'], null),
    runs: JSON.stringify([data['command'] ?? null, data['entrypoint'] ?? null]),
  };
}

/** The same from what `docker compose config --format json` answers: everything is worked out, each `$` is doubled. */
export function serviceOfAnswer(name: string, data: Data, volumes: Data): Service {
  const doubts = new Set<string>();
  return serviceOf(name, { ...data, env_file: undefined }, volumes, () => undefined, doubts, new Set());
}

/** Whether the profiles that are asked for start the service. */
export function isActive(data: Data, wanted: readonly string[]): boolean {
  const profiles = listOf(data['profiles']).map(String);
  return profiles.length === 0 || wanted.includes('*') || profiles.some((profile) => wanted.includes(profile));
}

function environmentOf(name: string, data: Data, lookup: Lookup, doubts: Set<string>, read: Set<string>): Record<string, string> {
  const environment = new Map<string, string>();
  for (const entry of listOf(data['env_file'])) {
    const { path, required, format } = dataOf(entry);
    const text = typeof path === 'string' ? textAt(path, { read }) : null;
    if (text === null) {
      if (required !== false) {
        doubts.add(said`The env_file ${String(path)} of the service ${name} cannot be read.`);
      }
      continue;
    }
    try {
      for (const [key, value] of parseEnvFile(text, (variable) => lookup(variable) ?? environment.get(variable), format === 'raw')) {
        environment.set(key, value);
      }
    } catch (error) {
      if (!(error instanceof ComposeRefusal)) {
        throw error;
      }
      doubts.add(said`Compose does not accept ${String(path)}: ${error.message}.`);
    }
  }
  for (const [key, value] of Object.entries(pairsOf(data['environment']))) {
    const set = value === null || value === undefined ? lookup(key) : scalarText(value);
    if (set === undefined) {
      environment.delete(key);
    } else {
      environment.set(key, set);
    }
  }
  return Object.fromEntries(environment);
}

function mountsOf(name: string, data: Data, volumes: Data, doubts: Set<string>): Mount[] {
  return byTarget(listOf(data['volumes'])).flatMap((volume): Mount[] => {
    const { type = 'volume', source, target, read_only: isReadOnly } = dataOf(volume);
    if (typeof target !== 'string' || target === '') {
      return [];
    }
    const container = posix.normalize(target).replace(/(?<=.)\/$/, '');
    const written = typeof source === 'string' ? source : '';
    if (type === 'volume' && written !== '' && !(written in volumes)) {
      doubts.add(said`The service ${name} names the volume ${written}, which the file does not declare.`);
    }
    const device = type === 'volume' ? dataOf(volumes[written])['device'] : undefined;
    const host = type === 'bind' && written !== '' ? written : typeof device === 'string' ? device : null;
    return [{ host, source: written, container, isReadOnly: isReadOnly === true }];
  });
}

function buildFrom(written: unknown): Build | null {
  const build = dataOf(written);
  return typeof build['context'] === 'string'
    ? {
        context: build['context'],
        dockerfile: textOr(build['dockerfile'], 'Dockerfile'),
        target: textOr(build['target'], null),
        inline: textOr(build['dockerfile_inline'], null),
      }
    : null;
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
