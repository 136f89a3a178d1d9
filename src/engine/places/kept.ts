// What keeps the data of containers: a volume by its name, or a folder of this machine by its path; and which containers have it.
import { realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { isBelow } from '../compose/place';
import { errnoOf } from '../files/errno';
import type { Docker, DockerContainer } from './docker';
import { mountAt } from './found';

/** Of a volume that is a folder of this machine under another name. */
const IS_BOUND = /(^|,)r?bind(,|$)/;

export interface Kept {
  /** The volume, or the folder. */
  readonly name: string;
  /** The folder of Docker's machine that it is, where other volumes and mounts may be the same; null: it is in none. */
  readonly folder: string | null;
  /** Docker has made the folder itself: whoever mounts what is above it, as a view of Docker does, does not mean this data. */
  readonly isDockers: boolean;
  /** What is known of volumes by now: an application may stand still while it is asked who has this. */
  readonly folders: Map<string, string | null>;
}

/** `name` as one says it to Docker: an absolute path is a folder. */
export async function keptBy(docker: Docker, name: string): Promise<Kept> {
  const device = isPath(name) ? name : deviceOf(await docker.volumeOptions(name));
  return { name, folder: device ?? (await docker.mountpoint(name)), isDockers: device === null, folders: new Map() };
}

/**
 * What keeps the file or the folder at a path in a container, and where that is in the container; null: the container itself.
 * Of a mounted folder it is the very folder that is meant, or that the file lies in.
 */
export function keeperOf(
  container: DockerContainer,
  path: string,
  isFolder: boolean,
): { readonly name: string; readonly at: string } | null {
  const mount = mountAt(container, path);
  if (mount?.Type === 'volume' && mount.Name !== undefined) {
    return { name: mount.Name, at: mount.Destination };
  }
  if (mount?.Type === 'bind' && mount.Source !== undefined) {
    const host = posix.join(mount.Source, posix.relative(mount.Destination, path));
    return isFolder ? { name: host, at: path } : { name: posix.dirname(host), at: posix.dirname(path) };
  }
  return null;
}

/** Containers that have it, under whatever name, those that do not run too. */
export async function containersWith(
  docker: Docker,
  { name, folder, isDockers, folders }: Kept,
  filters: Readonly<Record<string, readonly string[]>> = {},
): Promise<readonly DockerContainer[]> {
  if (folder === null) {
    return docker.containers({ ...filters, volume: [name] });
  }
  const found: DockerContainer[] = [];
  for (const container of await docker.containers(filters)) {
    for (const mount of container.Mounts ?? []) {
      if (mount.Type === 'volume' && mount.Name !== undefined && !folders.has(mount.Name)) {
        folders.set(mount.Name, (await keptBy(docker, mount.Name)).folder);
      }
      const source = mount.Type === 'bind' ? mount.Source : folders.get(mount.Name ?? '');
      if (mount.Name === name || (typeof source === 'string' && isSeenThrough(folder, source, mount.RW !== false && !isDockers))) {
        found.push(container);
        break;
      }
    }
  }
  return found;
}

/** Whether it is there: asked for a volume that is not, Docker makes one. */
export async function isKept(docker: Docker, name: string): Promise<boolean> {
  if (!isPath(name)) {
    return (await docker.volumeOptions(name)) !== null;
  }
  try {
    return statSync(name).isDirectory();
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}

function isPath(name: string): boolean {
  return name.startsWith('/');
}

function deviceOf(options: Readonly<Record<string, string>> | null): string | null {
  const { device, o: flags = '' } = options ?? {};
  return device !== undefined && IS_BOUND.test(flags) ? posix.normalize(device) : null;
}

/** Whoever mounts more than the folder and only to look, as monitoring does, has nothing of it open. */
function isSeenThrough(folder: string, source: string, isAboveMeant: boolean): boolean {
  return isIn(source, folder) || (isAboveMeant && isIn(folder, source));
}

/** By their names, and by what they are here: a link, or a folder that is mounted a second time, is the same under another name. */
function isIn(path: string, folder: string): boolean {
  const wanted = identityOf(folder);
  return isBelow(path, folder) || (wanted !== null && identitiesAbove(path).includes(wanted));
}

/** Whether it is this very folder of this machine, by whatever names. */
export function isFolderHere({ folder }: Kept, way: string, here: string): boolean {
  const path = folder === null ? null : posix.join(folder, way);
  const identity = identityOf(here);
  return path !== null && (identity === null ? path === here : identityOf(path) === identity);
}

/** Its own, and those of all folders that it lies in. */
function identitiesAbove(path: string): (string | null)[] {
  try {
    const parts = realpathSync(path).split('/');
    return parts.map((_part, index) => identityOf(parts.slice(0, index + 1).join('/') || '/'));
  } catch {
    return [];
  }
}

/** null: it is not here, or not seen by this user. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
