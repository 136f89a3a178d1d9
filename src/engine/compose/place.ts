// Data that only containers reach: in a volume that Docker keeps, or among the files of a container itself.
import { posix } from 'node:path';
import { fileOf, type ComposeService } from './compose';
import type { Mount } from './service';
import { said } from '../said';

export interface ContainerPlace {
  /** The compose service that has the data, and the file that says so: an absolute path. */
  readonly service: string;
  readonly composeFile: string;
  /** The volume's name in that file; null: a volume without a name, or the container's own files. */
  readonly volume: string | null;
  /** Where the volume is mounted there; null: it is none. */
  readonly mountedAt: string | null;
  /** Absolute, in the container. */
  readonly path: string;
  /** Absolute: the file or folder of this machine that is mounted there, where it is reached through the service all the same. */
  readonly host?: string;
}

/** A single letter before the colon is a drive. */
const WRITTEN = /^([a-zA-Z0-9][\w.-]+):(\/.+)$/;

/** The place that a path in a service is; null: a file of this machine, which is mounted there. */
export function placeIn(service: ComposeService, path: string): ContainerPlace | null {
  const mount = coveringMount(service.mounts, path);
  return mount !== undefined && mount.host !== null
    ? null
    : { service: service.name, composeFile: fileOf(service), volume: mount?.source || null, mountedAt: mount?.container ?? null, path };
}

/** The mount that decides what lies at a path in the container. */
export function coveringMount(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts.filter(({ container }) => isBelow(path, container)).sort((a, b) => b.container.length - a.container.length)[0];
}

/** Whether a path in a container is a folder of it or below that. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** `SERVICE:PATH`, as `docker compose cp` takes it: how a place is written in settings and on the command line. */
export function writtenPlace({ service, path }: ContainerPlace): string {
  return `${service}:${path}`;
}

/** null: it is not written as a place in a container. */
export function readPlace(written: string): { readonly service: string; readonly path: string } | null {
  const [, service, path] = WRITTEN.exec(written) ?? [];
  return service === undefined || path === undefined ? null : { service, path: posix.normalize(path) };
}

/** For people: "pats.db in volume data (service backend)". */
export function placeText({ service, volume, path }: ContainerPlace): string {
  return volume === null
    ? said`${path} in the container of the service ${service}`
    : said`${posix.basename(path)} in volume ${volume} (service ${service})`;
}
