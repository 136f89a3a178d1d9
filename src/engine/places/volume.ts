// The way to what lies at a place, to read it: the container that has it, or one made for that; and the containers that write there.
import { posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import type { Docker, DockerContainer } from './docker';
import { containersOf, volumeOf } from './found';
import { containersWith, isFolderHere, keeperOf, keptBy, type Kept } from './kept';
import { said } from '../said';

/** What a container of our own carries. */
export const OWN = 'pats-backup';
/** The same, of one through which a restore writes. */
export const RESTORE = 'pats-backup-restore';
const DOOR = '/pats-backup';

export interface Door {
  /** A container through which the data is read; it need not run. */
  readonly container: string;
  /** What the path of the place is called in that container. */
  pathOf(path: string): string;
  /** Ids of the containers that run and could write to it. */
  writers(): Promise<readonly string[]>;
  /** Whether a folder in the service is this folder of this machine. */
  isHere(path: string, folder: string): boolean;
  /** The path on Docker's own machine, if it has one there. */
  hostOf(path: string): Promise<string | null>;
  /** Removes what was made to get in. */
  close(): Promise<void>;
}

/**
 * Opens a way to what lies at the place; `key` marks what is made for it. `chosen` is the container, where it was found
 * before. Fails with DATABASE_NOT_FOUND where neither a container nor a volume of it is there, and with PROJECT_BUSY.
 */
export async function openDoor(
  docker: Docker,
  place: ContainerPlace,
  key: string,
  { chosen, isFolder }: { readonly chosen?: string | undefined; readonly isFolder: boolean },
): Promise<Door> {
  const ofService = await containersOf(docker, place);
  const container = ofService.find(({ Id }) => Id === chosen) ?? ofService[0];
  if (container === undefined) {
    return doorTo(docker, place, key);
  }
  const keeper = keeperOf(container, place.path, isFolder);
  const kept = keeper === null ? null : await keptBy(docker, keeper.name);
  await requireAlone(docker, kept, key);
  return {
    container: container.Id,
    pathOf: (path) => path,
    writers: async () => running(kept === null ? ofService : await containersWith(docker, kept)),
    isHere: (path, folder) => keeper !== null && kept !== null && isFolderHere(kept, posix.relative(keeper.at, path), folder),
    hostOf: async (path) => (keeper === null ? null : onHost(docker, keeper.name, posix.relative(keeper.at, path))),
    close: () => Promise.resolve(),
  };
}

/** Two checkouts may share a volume, each with a lock of its own. Fails with PROJECT_BUSY where the other one's restore is not at its end. */
export async function requireAlone(docker: Docker, kept: Kept | null, key: string): Promise<void> {
  const doors = kept === null ? [] : await containersWith(docker, kept, { label: [RESTORE] });
  if (doors.some(({ Labels }) => Labels?.[OWN] !== key)) {
    throw new BackupError(
      'PROJECT_BUSY',
      said`Another project restores into the volume ${kept?.name ?? ''}, or was interrupted in that.`,
      'Wait until it has finished, or run "pats-backup recover" in that project.',
    );
  }
}

/** Removes doors that runs that died have left. The caller holds the lock of the key. */
export async function closeLeft(docker: Docker, key: string): Promise<void> {
  for (const { Id } of await docker.containers({ label: [`${OWN}=${key}`] })) {
    await docker.remove(Id);
  }
}

/** All containers are gone: a new one, never started, reaches the volume, or the folder. */
async function doorTo(docker: Docker, place: ContainerPlace, key: string): Promise<Door> {
  const { volume, image, at } = await volumeOf(docker, place);
  const kept = await keptBy(docker, volume);
  await requireAlone(docker, kept, key);
  const id = await docker.doorTo({ [volume]: doorOf(volume) }, image, { [OWN]: key });
  return {
    container: id,
    pathOf: (path) => inDoor(volume, at, path),
    writers: async () => running(await containersWith(docker, kept)),
    isHere: (path, folder) => isFolderHere(kept, posix.relative(at, path), folder),
    hostOf: async (path) => onHost(docker, volume, posix.relative(at, path)),
    close: () => docker.remove(id),
  };
}

export function inDoor(volume: string, at: string, path: string): string {
  return posix.join(doorOf(volume), posix.relative(at, path));
}

export function doorOf(volume: string): string {
  return posix.join(DOOR, volume);
}

async function onHost(docker: Docker, name: string, way: string): Promise<string | null> {
  const top = name.startsWith('/') ? name : await docker.mountpoint(name);
  return top === null ? null : posix.join(top, way);
}

/** One that is paused stands still already, and is not woken. */
function running(containers: readonly DockerContainer[]): readonly string[] {
  return containers.filter(({ State }) => State === 'running' || State === 'restarting').map(({ Id }) => Id);
}
