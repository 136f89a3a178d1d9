// Where the data of a place is written to: a volume, a folder of this machine, or the container's own files; and who could write there.
import { posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { FOLDER_BIT, type Docker, type DockerContainer } from './docker';
import { containersOf, mountAt, volumeOf } from './found';
import { containersWith, isKept, keeperOf, keptBy } from './kept';
import { doorOf, inDoor, OWN, requireAlone, RESTORE } from './volume';
import { said } from '../said';

/** Where data is written to. */
export interface Home {
  /** null: the container's own files. */
  readonly volume: string | null;
  /** The service's; empty: there is none any more. */
  readonly container: string;
  readonly image: string;
  /** What the place's path is called where it is written. */
  readonly path: string;
}

/**
 * Fails with DATABASE_NOT_FOUND as `openDoor` does, and with REFUSED where the data would not outlive its containers, or is
 * not all in one place.
 */
export async function findHome(docker: Docker, place: ContainerPlace, isFolder: boolean): Promise<Home> {
  const [container] = await containersOf(docker, place);
  if (container === undefined) {
    const { volume, image, at } = await volumeOf(docker, place);
    return { volume, container: '', image, path: inDoor(volume, at, place.path) };
  }
  const mount = mountAt(container, place.path);
  const image = container.ImageID ?? (await docker.anyImage()) ?? '';
  const keeper = keeperOf(container, place.path, isFolder);
  const options = mount?.Type === 'volume' && keeper !== null ? await docker.volumeOptions(keeper.name) : {};
  if (mount?.Type === 'tmpfs' || (options?.['type'] === 'tmpfs' && !/\bbind\b/.test(options['o'] ?? ''))) {
    throw new BackupError(
      'REFUSED',
      said`${place.path} in the service ${place.service} is kept in memory, and gone when the service is stopped for a restore. Nothing was changed.`,
      'Keep it in a volume on the disk.',
    );
  }
  if (!isFolder && mount?.Destination === place.path) {
    throw new BackupError(
      'REFUSED',
      said`${place.path} in the service ${place.service} is a file that is mounted by itself: no other file can take its place. Nothing was changed.`,
      'Mount the folder that it lies in.',
    );
  }
  const nested = (container.Mounts ?? []).find(({ Destination }) => Destination.startsWith(`${place.path}/`));
  if (nested !== undefined) {
    throw new BackupError(
      'REFUSED',
      said`${nested.Destination} in the service ${place.service} is another volume or folder than ${place.path}, in which it is mounted. Nothing was changed.`,
      'Mount it beside that folder, then restore.',
    );
  }
  await requireRealFolders(docker, container.Id, keeper === null ? '/' : (mount?.Destination ?? '/'), place.path, place.path);
  return keeper === null
    ? { volume: null, container: container.Id, image, path: place.path }
    : { volume: keeper.name, container: container.Id, image, path: inDoor(keeper.name, keeper.at, place.path) };
}

/** Containers that run, or are paused, and could write there. */
export async function usersOf(
  docker: Docker,
  { volume, container }: Pick<Home, 'volume' | 'container'>,
): Promise<readonly DockerContainer[]> {
  const all = await (volume === null ? docker.containers({ id: [container] }) : containersWith(docker, await keptBy(docker, volume)));
  return all.filter(({ State }) => ['running', 'restarting', 'paused'].includes(State));
}

/**
 * Containers to write through, in the order of the homes: one for all volumes, which `closeLeft` removes, and those whose
 * own files are meant. Fails with VolumeGone, and with PROJECT_BUSY as `openDoor` does.
 */
export async function openHomes(docker: Docker, homes: readonly Omit<Home, 'path'>[], key: string): Promise<readonly string[]> {
  const volumes = [...new Set(homes.flatMap(({ volume }) => volume ?? []))];
  for (const volume of volumes) {
    if (!(await isKept(docker, volume))) {
      throw new VolumeGone(said`The volume ${volume}`);
    }
  }
  for (const { container } of homes.filter(({ volume }) => volume === null)) {
    if ((await docker.inspect(container)) === null) {
      throw new VolumeGone('The container');
    }
  }
  const image = homes.find(({ volume }) => volume !== null)?.image ?? '';
  const paths = Object.fromEntries(volumes.map((volume) => [volume, doorOf(volume)]));
  const door = volumes.length === 0 ? '' : await docker.doorTo(paths, image, { [OWN]: key, [RESTORE]: '' }, 'rw');
  // Each of two that come at once has its own by now, so that not both go on.
  for (const volume of volumes) {
    await requireAlone(docker, await keptBy(docker, volume), key);
  }
  return homes.map(({ volume, container }) => (volume === null ? container : door));
}

/** What is written through `door` is what the service sees: a link, or a part of a volume, leads elsewhere in another container. Fails with REFUSED. */
export async function requireSame(docker: Docker, { volume, container, path }: Home, inService: string, door: string): Promise<void> {
  await requireRealFolders(docker, door, volume === null ? '/' : doorOf(volume), path, inService);
  if (volume !== null && container !== '') {
    const [one, other] = await Promise.all([docker.stat(container, inService), docker.stat(door, path)]);
    if (one?.mtime !== other?.mtime || one?.size !== other?.size || one?.mode !== other?.mode) {
      throw elsewhere(inService);
    }
  }
}

/** Of those below `top` that lie above the path. */
async function requireRealFolders(docker: Docker, container: string, top: string, path: string, inService: string): Promise<void> {
  for (let folder = posix.dirname(path); folder !== top && folder !== '/'; folder = posix.dirname(folder)) {
    const { mode = FOLDER_BIT } = (await docker.stat(container, folder)) ?? {};
    if (mode < FOLDER_BIT) {
      throw elsewhere(inService);
    }
  }
}

function elsewhere(path: string): BackupError {
  return new BackupError(
    'REFUSED',
    said`${path} is not where its volume has it: a link leads there, or a part of the volume is mounted. Nothing was changed.`,
    'Give the application the path without the link, then restore.',
  );
}

/** Whether what is written through is still there. When a volume was made, Docker cannot say: that changes with what is in it. */
export async function isThere(docker: Docker, { volume, container }: Pick<Home, 'volume' | 'container'>): Promise<boolean> {
  return volume === null ? (await docker.inspect(container)) !== null : isKept(docker, volume);
}

/** Somebody has removed the volume, or the container that the files were in. */
export class VolumeGone extends BackupError {
  constructor(volume: string) {
    super('DATABASE_NOT_FOUND', said`${volume} is not there any more.`, 'Make it with "docker compose up --no-start", then restore.');
  }
}
