// What compose files say about databases: their services' variables, and what a path inside a container is on this machine.
import { basename, posix, resolve } from 'node:path';
import { fileOf, type ComposeService as Service } from '../../compose/compose';
import { coveringMount } from '../../compose/place';
import type { Mount } from '../../compose/service';
import { imageOf } from '../../migrations/commands/dockerfile';
import { composeProjects } from '../../migrations/commands/service';
import type { ProjectFolder } from '../../migrations/tool';
import { contains, shown } from '../paths';
import type { NamedDatabase, SourceAnswer } from './source';
import { isAbsolutePath, placesOf } from './sqlite-url';
import { databaseOfVariable } from './variables';
import { said } from '../../said';

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
  /** Why this reading of the compose file may not be Compose's own, a sentence each. */
  readonly doubts: readonly string[];
}

/** The services of every compose project below the root, merged as Compose does. */
export function readComposeServices(project: ProjectFolder): ComposeService[] {
  return composeProjects(project).flatMap(({ services }) => services.map(described));
}

function described(service: Service): ComposeService {
  const { name, environment, mounts, workingFolder, build, project } = service;
  const image = build === null ? null : imageOf(build);
  return {
    name,
    file: fileOf(service),
    environment: { ...image?.environment, ...environment },
    mounts,
    workingFolder: workingFolder ?? image?.workingFolder ?? null,
    buildFolder: build?.context ?? project.folder,
    doubts: project.doubts,
  };
}

/** The databases that the services' variables name, as files of this machine. */
export function namedByCompose(services: readonly ComposeService[], root: string): SourceAnswer {
  const named: NamedDatabase[] = [];
  const remarks = [...new Set(services.flatMap(({ doubts }) => doubts))].map((sentence) => sentence.replaceAll(`${root}/`, ''));
  for (const service of services) {
    for (const [name, value] of Object.entries(service.environment)) {
      const from = said`${name} of the service ${service.name} in ${shown(service.file, root)}`;
      const database = databaseOfVariable(name, value);
      if (database?.kind !== 'file') {
        remarks.push(...(database?.kind === 'other' ? [said`${from} names no SQLite file.`] : []));
        continue;
      }
      const places = placesInService(database.path, service, root);
      if (places.length > 0) {
        named.push({ from, written: database.path, places, rank: /test/i.test(service.name + basename(service.file)) ? 2 : 0 });
      } else {
        remarks.push(said`${from} names ${database.path}, which only the container reaches: no folder of this machine is mounted there.`);
      }
    }
  }
  return { named, remarks };
}

/** The same file on this machine, through the volume with the longest matching path; null: not mounted from here. */
export function hostPathOf(path: string, service: ComposeService): string | null {
  const mount = coveringMount(service.mounts, path);
  return mount?.host ? resolve(mount.host, `.${path.slice(mount.container.replace(/\/$/, '').length)}`) : null;
}

/** The file of this machine that a path in a service is, where a folder outside of the project is mounted; null: it is none. */
export function mountedOutside(path: string, service: ComposeService, root: string): string | null {
  const there = isAbsolutePath(path) ? path : service.workingFolder === null ? null : posix.resolve(service.workingFolder, path);
  const host = there === null ? null : hostPathOf(there, service);
  return host === null || contains(root, host) ? null : host;
}

/** The places on this machine that a path in a service may mean, the likeliest first. */
export function placesInService(path: string, service: ComposeService, root: string): string[] {
  if (isAbsolutePath(path)) {
    return [hostPathOf(path, service) ?? []].flat();
  }
  const there = service.workingFolder ? posix.resolve(service.workingFolder, path) : null;
  if (there !== null && coveringMount(service.mounts, there)?.host === null) {
    return [];
  }
  const inContainer = there === null ? null : hostPathOf(there, service);
  return [...new Set([...(inContainer ? [inContainer] : []), ...placesOf(path, service.buildFolder, root)])];
}
