// The compose service in which a project runs: it can write the very database file, and may be what uses it.
import { isAbsolute, posix, relative, resolve } from 'node:path';
import { fileOf, readCompose, type ComposeProject, type ComposeService } from '../../compose/compose';
import { coveringMount, isBelow, placeIn, type ContainerPlace } from '../../compose/place';
import { composeCommand, composeOf } from '../../compose/program';
import { here, type Platform } from '../../platform/platform';
import { asArgument } from '../../platform/shell';
import type { Mount } from '../../compose/service';
import { lookOf } from '../reading/look';
import type { ProjectFolder } from '../tool';
import { databasesNamedIn } from './database-variables';
import { copiedFrom, copiedTo, imageOf } from './dockerfile';
import { canHold } from './images';
import type { Place } from './reach/place';
import { said } from '../../said';

/** What a command needs of a service; null: whatever program has the database open. */
export interface Need {
  readonly tool: string;
  /** As it would stand in the service's own command. */
  readonly program: string;
  /** Absolute folder of the code. */
  readonly folder: string;
}

export type ServiceChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly service: ComposeService }
  /** Several fit, or the files are not understood well enough to say; a sentence about it. */
  | { readonly kind: 'question'; readonly why: string };

/** The compose projects of a folder, read once for each look. */
export function composeProjects(project: ProjectFolder): readonly ComposeProject[] {
  const mayAsk = project.readOnly !== true;
  return lookOf(project).once('compose projects', String(mayAsk), () => readCompose(project.root, { mayAsk }));
}

/** The service of the compose files that has the project's database. */
export function serviceFor(project: ProjectFolder, need: Need | null): ServiceChoice {
  const { database, databasePlace, root } = project;
  if (databasePlace !== undefined) {
    return serviceWith(databasePlace, composeProjects(project), need);
  }
  if (database === null) {
    return { kind: 'none' };
  }
  const projects = composeProjects(project);
  for (const rank of [0, 1, 2]) {
    const services = projects.filter((each) => each.rank === rank).flatMap((each) => each.services);
    const fitting = services.filter((service) => service.isActive && fits(service, database, root, need));
    const [only] = fitting;
    if (only !== undefined) {
      return fitting.length > 1
        ? { kind: 'question', why: severalOf(fitting, root) }
        : only.project.doubts.length > 0
          ? {
              kind: 'question',
              why: said`${shownFile(only, root)} is not understood well enough to say what runs in it: ${plain(only.project.doubts[0] ?? '', root)}`,
            }
          : { kind: 'one', service: only };
    }
  }
  return { kind: 'none' };
}

/** The service of a place, or another one that shares the volume and has what is needed. */
function serviceWith(place: ContainerPlace, projects: readonly ComposeProject[], need: Need | null): ServiceChoice {
  const services = projects.flatMap((each) => each.services).filter((service) => placeInService(service, place) !== null);
  const own = services.filter(({ name }) => name === place.service);
  const service = [...own, ...services].find((each) => canHold(each, need?.tool ?? null) && (need === null || hasCode(each, need)));
  return service === undefined ? { kind: 'none' } : { kind: 'one', service };
}

/** Where a service has what lies at the place: its own path, or another one of the same volume; null: it does not. */
export function placeInService(service: ComposeService, place: ContainerPlace): string | null {
  const own = service.project.services.find(({ name }) => name === place.service);
  if (fileOf(service) !== place.composeFile || own === undefined) {
    return null;
  }
  if (service.name === place.service) {
    return place.path;
  }
  const from = coveringMount(own.mounts, place.path);
  const to = service.mounts.find(({ host, source }) => host === null && source !== '' && source === place.volume);
  const path = from === undefined || to === undefined ? null : posix.join(to.container, posix.relative(from.container, place.path));
  const reached = path === null ? null : placeIn(service, path);
  return reached?.volume === place.volume ? path : null;
}

function severalOf(services: readonly ComposeService[], root: string): string {
  const names = services.map(({ name }) => name);
  const files = [...new Set(services.map((service) => shownFile(service, root)))];
  return said`The services ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} of ${files.join(' and ')} all use this database.`;
}

function shownFile(service: ComposeService, root: string): string {
  return relative(root, fileOf(service)).replaceAll('\\', '/');
}

function plain(text: string, root: string): string {
  return text.replaceAll(`${root}/`, '');
}

function fits(service: ComposeService, database: string, root: string, need: Need | null): boolean {
  const path = writablePath(service, database, root);
  return path !== null && !namesAnother(service, path) && canHold(service, need?.tool ?? null) && (need === null || hasCode(service, need));
}

/** Where the service sees the file and may write it; null: it does not. */
export function writablePath({ mounts }: ComposeService, file: string, root: string): string | null {
  for (const mount of mounts) {
    const path = pathIn(mount, file);
    if (path !== null && coveringMount(mounts, path) === mount) {
      const isAround = mount.host !== null && mount.host !== root && isInside(root, mount.host);
      return mount.isReadOnly || isAround ? null : path;
    }
  }
  return null;
}

/** What the variables name is another engine or another file, and nowhere this one. */
function namesAnother(service: ComposeService, path: string): boolean {
  const folder = workingFolderOf(service);
  const named = databasesNamedIn(environmentOf(service), folder ?? '/');
  const isThis = (each: (typeof named)[number]): boolean =>
    each.kind === 'file' && (each.path === path || (folder === null && path.endsWith(each.path)));
  return named.length > 0 ? !named.some(isThis) : keepsElsewhere(environmentOf(service), path);
}

const DATA_FOLDER = /^(?:\w+_)?DATA_?(?:DIR|DIRECTORY|FOLDER|PATH|ROOT)$/;

/** It is told to keep its data in a folder that is not around this file. */
function keepsElsewhere(variables: Readonly<Record<string, string>>, path: string): boolean {
  const folders = Object.entries(variables).flatMap(([name, value]) => (DATA_FOLDER.test(name) && value.startsWith('/') ? [value] : []));
  return folders.length > 0 && !folders.some((folder) => isBelow(path, posix.resolve(folder)));
}

function hasCode(service: ComposeService, { folder, program }: Need): boolean {
  const isBuilt = service.build !== null && isInside(folder, service.build.context);
  return codePath(service, folder) !== null || isBuilt || service.runs.includes(program);
}

/** Where the service works when nothing else is said. */
export function workingFolderOf(service: ComposeService): string | null {
  return service.workingFolder ?? (service.build === null ? null : (imageOf(service.build)?.workingFolder ?? null));
}

/** The variables of the image, and those of the compose file over them. */
function environmentOf({ build, environment }: ComposeService): Readonly<Record<string, string>> {
  return { ...(build === null ? {} : imageOf(build)?.environment), ...environment };
}

/** The file of this machine that a path in the service is, through its mounts alone; null: none. */
export function mountedFile({ mounts }: ComposeService, path: string): string | null {
  const mount = coveringMount(mounts, path);
  return mount?.host === null || mount === undefined ? null : resolve(mount.host, posix.relative(mount.container, path));
}

/** Where the service has a file or folder of the code, mounted or copied; null: nowhere that is known. */
export function codePath({ mounts, build }: ComposeService, file: string): string | null {
  const mounted = mounts.flatMap((mount) => {
    const path = pathIn(mount, file);
    return path !== null && coveringMount(mounts, path) === mount ? [path] : [];
  });
  const image = build === null ? null : imageOf(build);
  return mounted[0] ?? (build === null || image === null ? null : copiedTo(file, build, image));
}

/** The service as a place in which a command runs. */
export function insideService(service: ComposeService, folder: string): Place {
  const variables = environmentOf(service);
  return {
    folder,
    variable: (name) => variables[name],
    there: (file) => codePath(service, file),
    here: (path) => {
      const image = service.build === null ? null : imageOf(service.build);
      const mount = coveringMount(service.mounts, path);
      return mount !== undefined
        ? mountedFile(service, path)
        : service.build === null || image === null
          ? null
          : copiedFrom(path, service.build, image);
    },
  };
}

function pathIn({ host, container }: Mount, file: string): string | null {
  return host !== null && isInside(file, host) ? posix.join(container, ...relative(host, file).split(/[\\/]/)) : null;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way));
}

/** The command line that runs `command` in the service's `folder`, typed in the project's root; null: where the service itself works. */
export function inService(
  service: ComposeService,
  command: string,
  folder: string | null,
  root: string,
  compose: string = composeCommand(),
  platform: Platform = here,
): string {
  const workdir = folder !== null && folder !== workingFolderOf(service) ? ` -w ${folder}` : '';
  const isPlain = !/[|&;<>()$`]/.test(command.replace(/<[^>]*>/g, ''));
  return `${composeOf(service.project, root, compose)} exec${workdir} ${service.name} ${isPlain ? command : `sh -c ${asArgument(command, platform)}`}`;
}
