// Who has the data of a place: the container or the volume, by what Compose wrote on them, and the containers that write to it.
import { realpathSync } from 'node:fs';
import { basename, dirname, posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { textOf } from '../limits/reading';
import type { Docker, DockerContainer } from './docker';

const SERVICE = 'com.docker.compose.service';
const PROJECT = 'com.docker.compose.project';
const FILES = 'com.docker.compose.project.config_files';
const FOLDER = 'com.docker.compose.project.working_dir';
const VOLUME = 'com.docker.compose.volume';
/** What a container of our own carries. */
const OWN = 'pats-backup';
const DOOR = '/pats-backup';
const MOST_BYTES = 256 * 1024;

export interface Door {
  /** A container through which the data is read; it need not run. */
  readonly container: string;
  /** What the path of the place is called in that container. */
  pathOf(path: string): string;
  /** Ids of the containers that run and could write to it. */
  writers(): Promise<readonly string[]>;
  /** Removes what was made to get in. */
  close(): Promise<void>;
}

/**
 * Opens a way to what lies at the place; `key` marks what is made for it. Fails with DATABASE_NOT_FOUND where neither a
 * container nor a volume of it is there.
 */
export async function openDoor(docker: Docker, place: ContainerPlace, key: string): Promise<Door> {
  const ofService = (await docker.containers({ label: [`${SERVICE}=${place.service}`] })).filter((each) => isOf(each, place.composeFile));
  const [container] = [...ofService].sort((a, b) => Number(b.State === 'running') - Number(a.State === 'running'));
  if (container !== undefined) {
    const volume = volumeAt(container, place.path);
    return {
      container: container.Id,
      pathOf: (path) => path,
      writers: async () => (volume === null ? running(ofService) : writersOf(docker, volume)),
      close: () => Promise.resolve(),
    };
  }
  return place.volume === null ? gone(place) : doorTo(docker, place, place.volume, key);
}

/** Removes doors that runs that died have left. The caller holds the lock of the key. */
export async function closeLeft(docker: Docker, key: string): Promise<void> {
  for (const { Id } of await docker.containers({ label: [`${OWN}=${key}`] })) {
    await docker.remove(Id);
  }
}

/** All containers are gone: a new one, never started, reaches the volume. */
async function doorTo(docker: Docker, place: ContainerPlace, name: string, key: string): Promise<Door> {
  const names = projectNames(place.composeFile);
  const all = await docker.volumes({ label: [`${VOLUME}=${name}`] });
  const [volume, second] = all.filter(({ Labels }) => names.includes(Labels?.[PROJECT] ?? ''));
  const image = await docker.anyImage();
  if (volume === undefined || second !== undefined || image === null) {
    return gone(place);
  }
  const id = await docker.doorTo(volume.Name, DOOR, image, { [OWN]: key });
  return {
    container: id,
    pathOf: (path) => posix.join(DOOR, posix.relative(place.mountedAt ?? '/', path)),
    writers: () => writersOf(docker, volume.Name),
    close: () => docker.remove(id),
  };
}

function gone(place: ContainerPlace): never {
  throw new BackupError(
    'DATABASE_NOT_FOUND',
    `There is no container of the service ${place.service}${place.volume === null ? '' : `, and no volume ${place.volume} of this project`}.`,
    `Make it with "docker compose up --no-start ${place.service}", then try again.`,
  );
}

function isOf({ Labels }: DockerContainer, composeFile: string): boolean {
  const files = (Labels?.[FILES] ?? '').split(',').filter((file) => file !== '');
  const folder = Labels?.[FOLDER];
  return files.some((file) => isSame(file, composeFile)) || (folder !== undefined && isSame(folder, dirname(composeFile)));
}

function isSame(one: string, other: string): boolean {
  return one === other || real(one) === real(other);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function volumeAt({ Mounts }: DockerContainer, path: string): string | null {
  const [mount] = (Mounts ?? [])
    .filter(({ Destination: at }) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
    .sort((a, b) => b.Destination.length - a.Destination.length);
  return mount?.Type === 'volume' ? (mount.Name ?? null) : null;
}

async function writersOf(docker: Docker, volume: string): Promise<readonly string[]> {
  return running(await docker.containers({ volume: [volume] }));
}

/** One that is paused stands still already, and is not woken. */
function running(containers: readonly DockerContainer[]): readonly string[] {
  return containers.filter(({ State }) => State === 'running' || State === 'restarting').map(({ Id }) => Id);
}

/** What Compose calls the project of a file, as far as the file and the environment say. */
function projectNames(composeFile: string): string[] {
  const written = /^name:\s*["']?([a-z0-9][a-z0-9_-]*)/m.exec(textOf(composeFile, MOST_BYTES) ?? '')?.[1];
  const folder = basename(real(dirname(composeFile)))
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
  const set = process.env['COMPOSE_PROJECT_NAME'];
  return [set ?? written ?? folder];
}
