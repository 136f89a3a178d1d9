// The compose service that runs the project: it mounts the database's folder and holds the migrations.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, posix, relative, resolve } from 'node:path';
import { MOST_NAMED } from '../../limits/sizes';
import { parseYaml } from '../../limits/yaml';
import { entriesOf, textOf } from '../reading/folder-search';
import type { ProjectFolder } from '../tool';

export interface ComposeService {
  readonly name: string;
  /** Absolute path of the compose file. */
  readonly file: string;
  readonly mounts: readonly { readonly host: string; readonly container: string }[];
  readonly workingFolder: string | null;
  /** Host folder of the image's build context; null: a ready-made image. */
  readonly buildFolder: string | null;
  readonly runs: string;
}

/** Names that `docker compose` finds by itself, in its order of preference. */
export const DEFAULT_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const LONGEST_PATH = 4096;
const COMPOSE_NAME = /^(docker-)?compose([.-].+)?\.ya?ml$/;

/** The service in which commands for `folder` run; null: they run on this machine. */
export function serviceFor(project: ProjectFolder, folder: string, program: string): ComposeService | null {
  const { database, root } = project;
  if (database === null) {
    return null;
  }
  const files = composeFiles(root);
  const fitting = withOverrides(files.flatMap(servicesIn))
    .filter((service) => service.mounts.some(({ host }) => isInside(database, host)))
    .filter((service) => holds(service, folder) || service.runs.includes(program));
  return fitting[0] ?? null;
}

/** The command line that runs `command` (meant for `folder`) in the service, from the project's root. */
export function inService(
  service: ComposeService,
  command: string,
  folder: string,
  root: string,
  compose: string = composeCommand(),
): string {
  const container = containerPath(service, folder);
  const workdir = container !== null && container !== service.workingFolder ? ` -w ${container}` : '';
  const isPlain = !/[|&;<>()$`]/.test(command.replace(/<[^>]*>/g, ''));
  return `${composeOf(service, root, compose)} exec${workdir} ${service.name} ${isPlain ? command : `sh -c '${command.replaceAll("'", `'\\''`)}'`}`;
}

/** `docker compose` with the file it must be told, from the project's root. */
export function composeOf(service: ComposeService, root: string, compose: string = composeCommand()): string {
  const isDefault = dirname(service.file) === root && DEFAULT_NAMES.includes(basename(service.file));
  const way = relative(root, service.file);
  return isDefault ? compose : `${compose} -f ${/^[\w./-]+$/.test(way) ? way : `"${way}"`}`;
}

/** An override file is no file of its own: Compose adds it to the default one beside it. */
function withOverrides(services: readonly ComposeService[]): ComposeService[] {
  const isOverride = ({ file }: ComposeService): boolean => /^(docker-)?compose\.override\.ya?ml$/.test(basename(file));
  const merged = services.filter((service) => !isOverride(service));
  for (const override of services.filter(isOverride)) {
    const main = services.find(({ file }) => dirname(file) === dirname(override.file) && DEFAULT_NAMES.includes(basename(file)));
    const file = main?.file ?? override.file;
    const index = merged.findIndex((service) => service.file === file && service.name === override.name);
    const base = merged[index];
    if (base === undefined) {
      merged.push({ ...override, file });
    } else {
      merged[index] = {
        ...base,
        mounts: [...base.mounts, ...override.mounts],
        workingFolder: override.workingFolder ?? base.workingFolder,
        buildFolder: override.buildFolder ?? base.buildFolder,
        runs: base.runs + override.runs,
      };
    }
  }
  return merged;
}

/** Where Docker looks for its plugins. */
const PLUGINS = [
  join(homedir(), '.docker'),
  '/usr/libexec/docker',
  '/usr/lib/docker',
  '/usr/local/lib/docker',
  '/usr/local/libexec/docker',
].map((folder) => join(folder, 'cli-plugins'));

/** `docker compose`, or `docker-compose` where only the first generation is installed. */
export function composeCommand(path: string = process.env['PATH'] ?? '', plugins: readonly string[] = PLUGINS): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const isThere = (folder: string): boolean =>
    isExecutable(join(folder, 'docker-compose')) || isExecutable(join(folder, 'docker-compose.exe'));
  return !plugins.some(isThere) && folders.some(isThere) ? 'docker-compose' : 'docker compose';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Those that Compose finds by itself first, those for a special purpose last. */
function composeFiles(root: string): string[] {
  const folders = [
    root,
    ...entriesOf(root)
      .filter((entry) => entry.isDirectory() && /^\.?(docker|deploy|compose|infra)/.test(entry.name))
      .map((entry) => join(root, entry.name)),
  ];
  const rank = (file: string): number =>
    (dirname(file) === root ? 0 : 20) +
    (DEFAULT_NAMES.includes(basename(file)) ? DEFAULT_NAMES.indexOf(basename(file)) : /override/.test(file) ? 8 : 10);
  return folders
    .flatMap((folder) =>
      entriesOf(folder)
        .filter((entry) => COMPOSE_NAME.test(entry.name))
        .map((entry) => join(folder, entry.name)),
    )
    .sort((a, b) => rank(a) - rank(b));
}

function servicesIn(file: string): ComposeService[] {
  let parsed: unknown;
  try {
    parsed = parseYaml(textOf(file) ?? '');
  } catch {
    return [];
  }
  const folder = dirname(file);
  return Object.entries(objectOf(objectOf(parsed)['services']))
    .slice(0, MOST_NAMED)
    .map(([name, written]) => {
      const service = objectOf(written);
      const build = typeof service['build'] === 'string' ? service['build'] : objectOf(service['build'])['context'];
      return {
        name,
        file,
        mounts: listOf(service['volumes'])
          .slice(0, MOST_NAMED)
          .flatMap((volume) => mountOf(volume, folder) ?? []),
        workingFolder: typeof service['working_dir'] === 'string' ? posix.normalize(service['working_dir']) : null,
        buildFolder: typeof build === 'string' ? resolve(folder, build) : 'build' in service ? folder : null,
        runs: JSON.stringify([service['command'], service['entrypoint']]),
      };
    });
}

/** Only folders and files of this machine; named volumes are Docker's own. */
function mountOf(volume: unknown, folder: string): { host: string; container: string } | null {
  const [source, target] =
    typeof volume === 'string'
      ? (/^((?:[a-z]:[\\/])?[^:]+):([^:]+)/i.exec(volume)?.slice(1) ?? [])
      : objectOf(volume)['type'] === 'bind'
        ? [objectOf(volume)['source'], objectOf(volume)['target']]
        : [];
  if (typeof source !== 'string' || typeof target !== 'string' || source.length > LONGEST_PATH || !/^[./~$\\]|^[a-z]:/i.test(source)) {
    return null;
  }
  const plain = source
    .replace(/^~(?=\/|$)/, homedir())
    .replace(/^\$\{?PWD\}?/, folder)
    .replace(/\$\{\w+:?-([^}]*)\}/g, '$1');
  return { host: isAbsolute(plain) ? plain : resolve(folder, plain), container: posix.normalize(target) };
}

function holds(service: ComposeService, folder: string): boolean {
  return containerPath(service, folder) !== null || (service.buildFolder !== null && isInside(folder, service.buildFolder));
}

function containerPath(service: ComposeService, folder: string): string | null {
  const [mount] = service.mounts.filter(({ host }) => isInside(folder, host)).sort((a, b) => b.host.length - a.host.length);
  return mount === undefined ? null : posix.join(mount.container, ...relative(mount.host, folder).split(/[\\/]/));
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
