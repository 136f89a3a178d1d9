// The databases that lie where only a container reaches: in a volume that Docker keeps, or among the container's own files.
import { basename, posix, relative } from 'node:path';
import { fileOf, type ComposeService } from '../../compose/compose';
import { coveringMount, placeIn, readPlace, type ContainerPlace } from '../../compose/place';
import { copiedTo, imageOf } from '../../migrations/commands/dockerfile';
import { composeProjects, placeInService, workingFolderOf } from '../../migrations/commands/service';
import { envFilesOf } from '../../migrations/reading/env-files';
import { isFile } from '../../migrations/reading/look';
import { isAbsolutePath } from '../../migrations/reading/sqlite-url';
import type { ProjectFolder } from '../../migrations/tool';
import { contains, shown } from '../paths';
import type { InContainer } from './started';
import { databaseOfVariable, namesUploads } from '../../migrations/reading/variables';
import { said } from '../../said';

const MOUNTED = /upload|media|attachment/i;

export interface Contained {
  readonly place: ContainerPlace;
  /** What speaks for it, half sentences for people. */
  readonly reasons: readonly string[];
  /** A variable that reaches the service names it; otherwise it follows from where the code lies there. */
  readonly isNamed: boolean;
  /** Why Compose may understand its file otherwise, a sentence; null: it does not. */
  readonly doubt: string | null;
}

/**
 * Those of the compose files that count most, each once, however many services share it. `absent` are databases that are
 * named and do not exist on this machine: where the code runs, they may lie in a volume.
 */
export function containedDatabases(folder: ProjectFolder, absent: readonly string[], computed: readonly InContainer[] = []): Contained[] {
  const found = new Map<string, Contained>();
  for (const rank of [0, 1, 2]) {
    const services = composeProjects(folder)
      .filter((project) => project.rank === rank)
      .flatMap((project) => project.services)
      .filter((service) => service.isActive && !/test/i.test(service.name + basename(fileOf(service))));
    for (const service of services) {
      const named = [...namedByService(service, folder.root), ...namedByEnvFiles(service, folder), ...computedFor(service, computed)];
      const meant = absent.flatMap((path) => impliedBy(service, path, folder.root));
      for (const { place, reason, isNamed } of [...named, ...meant]) {
        add(service, place, reason, isNamed);
      }
    }
    if (found.size > 0) {
      break;
    }
  }
  const all = [...found.values()];
  return all.some(({ isNamed }) => isNamed) ? all.filter(({ isNamed }) => isNamed) : all;

  function add(service: ComposeService, place: ContainerPlace, reason: string, isNamed: boolean): void {
    const key = keyOf(service, place);
    const known = found.get(key);
    const where =
      place.volume === null ? 'it is in the container only' : said`it is in the volume ${place.volume}, which only containers reach`;
    const reasons = known?.reasons.filter((each) => !each.startsWith('it is in ')) ?? [];
    found.set(key, {
      place: known !== undefined && (known.isNamed || !isNamed) ? known.place : place,
      reasons: [...new Set([...reasons, reason]), where],
      isNamed: isNamed || known?.isNamed === true,
      doubt: known?.doubt ?? service.project.doubts[0] ?? null,
    });
  }
}

/** Upload folders in volumes of the services that have the database: those that variables name, and those that are called so. */
export function containedUploads(folder: ProjectFolder, database: ContainerPlace): ContainerPlace[] {
  const services = composeProjects(folder)
    .flatMap((project) => project.services)
    .filter((service) => placeInService(service, database) !== null);
  const found = services.flatMap((service) => {
    const work = workingFolderOf(service) ?? '/';
    const named = Object.entries({ ...(service.build === null ? {} : imageOf(service.build)?.environment), ...service.environment })
      .filter(([name, value]) => namesUploads(name, value))
      .map(([, value]) => posix.resolve(work, value));
    const mounted = service.mounts
      .filter(({ host, source, container }) => host === null && MOUNTED.test(`${source}/${basename(container)}`))
      .map(({ container }) => container);
    const paths = [...new Set([...named, ...mounted])].filter((path) => path !== '/' && !`${database.path}/`.startsWith(`${path}/`));
    return paths.flatMap((path) => {
      const place = coveringMount(service.mounts, path) === undefined ? null : placeIn(service, path);
      return place === null || place.volume === null ? [] : [place];
    });
  });
  // A volume that several services share is backed up once, and no folder twice.
  const inVolume = ({ volume, path, mountedAt }: ContainerPlace): string => `${volume ?? ''}/${posix.relative(mountedAt ?? '/', path)}/`;
  return found.filter(
    (place, index) =>
      !found.some(
        (other, at) => at !== index && inVolume(place).startsWith(inVolume(other)) && (inVolume(place) !== inVolume(other) || at < index),
      ),
  );
}

/** The place that somebody wrote as `SERVICE:PATH`; null: no compose file has such a service. */
export function placeOfWritten(folder: ProjectFolder, written: string): ContainerPlace | null {
  const read = readPlace(written);
  const services = composeProjects(folder).flatMap((project) => project.services);
  const service = services.find(({ name }) => name === read?.service);
  return read === null || service === undefined ? null : placeIn(service, read.path);
}

interface Mention {
  readonly place: ContainerPlace;
  readonly reason: string;
  readonly isNamed: boolean;
}

/** Two services that share a volume have the same database. */
function keyOf(service: ComposeService, { composeFile, volume, path }: ContainerPlace): string {
  const mount = coveringMount(service.mounts, path);
  return JSON.stringify(
    volume === null || mount === undefined
      ? [composeFile, service.name, path]
      : [composeFile, volume, '', posix.relative(mount.container, path)],
  );
}

function namedByService(service: ComposeService, root: string): Mention[] {
  const image = service.build === null ? null : imageOf(service.build);
  const folder = workingFolderOf(service);
  return Object.entries({ ...image?.environment, ...service.environment }).flatMap(([name, value]) => {
    const database = databaseOfVariable(name, value);
    const isFree = database?.kind === 'file' && (isAbsolutePath(database.path) || folder !== null);
    if (!isFree || database.isTemplate) {
      return [];
    }
    const path = posix.resolve(folder ?? '/', database.path);
    const place = placeIn(service, path);
    // Without a mount a relative path may be one that only the image of a release has.
    const isClear = isAbsolutePath(database.path) || coveringMount(service.mounts, path) !== undefined;
    const reason = said`${name} of the service ${service.name} in ${shown(fileOf(service), root)} names it`;
    return place === null || !isClear ? [] : [{ place, reason, isNamed: true }];
  });
}

/** What code makes of the variables of the service. */
function computedFor(service: ComposeService, all: readonly InContainer[]): Mention[] {
  return all
    .filter((each) => each.service.name === service.name && each.service.file === fileOf(service))
    .flatMap(({ from, path }) => {
      const place = placeIn(service, path);
      return place === null ? [] : [{ place, reason: said`${from} names it`, isNamed: true }];
    });
}

/** An absolute path in `.env` that is none of this machine, and lies in a volume of the service. */
function namedByEnvFiles(service: ComposeService, folder: ProjectFolder): Mention[] {
  return envFilesOf(folder)
    .filter(({ rank }) => rank === 0)
    .flatMap(({ file, variables }) =>
      [...variables].flatMap(([name, { value }]) => {
        const database = databaseOfVariable(name, value);
        if (database?.kind !== 'file' || !database.path.startsWith('/') || isFile(database.path)) {
          return [];
        }
        const mount = coveringMount(service.mounts, database.path);
        const place = mount === undefined ? null : placeIn(service, database.path);
        return place === null ? [] : [{ place, reason: said`${name} in ${shown(file, folder.root)} names it`, isNamed: true }];
      }),
    );
}

/** Where the service would have a file of the project, if a volume lies over it there. */
function impliedBy(service: ComposeService, file: string, root: string): Mention[] {
  const { mounts, build } = service;
  const image = build === null ? null : imageOf(build);
  const mounted = mounts.flatMap(({ host, container }) =>
    host !== null && contains(host, file) ? [posix.join(container, ...relative(host, file).split(/[\\/]/))] : [],
  );
  const copied = build === null || image === null ? null : copiedTo(file, build, image);
  return [...mounted, ...(copied === null ? [] : [copied])].flatMap((path) => {
    const mount = coveringMount(mounts, path);
    const place = mount === undefined ? null : placeIn(service, path);
    return place === null ? [] : [{ place, reason: said`${shown(file, root)} is ${path} in the service ${service.name}`, isNamed: false }];
  });
}
