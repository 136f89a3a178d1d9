// Who has the data of a place: the container or the volume, by what Compose wrote on them, and the containers that write to it.
import { realpathSync } from 'node:fs';
import { basename, dirname, posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { textOf } from '../limits/reading';
import { FOLDER_BIT, type Docker, type DockerContainer } from './docker';
import { said } from '../said';

const SERVICE = 'com.docker.compose.service';
const PROJECT = 'com.docker.compose.project';
const FILES = 'com.docker.compose.project.config_files';
const FOLDER = 'com.docker.compose.project.working_dir';
const VOLUME = 'com.docker.compose.volume';
const ONE_OFF = 'com.docker.compose.oneoff';
const NUMBER = 'com.docker.compose.container-number';
/** What a container of our own carries. */
const OWN = 'pats-backup';
/** The same, of one through which a restore writes. */
const RESTORE = 'pats-backup-restore';
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
 * Opens a way to what lies at the place; `key` marks what is made for it. `chosen` is the container, where it was found
 * before. Fails with DATABASE_NOT_FOUND where neither a container nor a volume of it is there, and with PROJECT_BUSY.
 */
export async function openDoor(docker: Docker, place: ContainerPlace, key: string, chosen?: string): Promise<Door> {
  const ofService = await containersOf(docker, place);
  const container = ofService.find(({ Id }) => Id === chosen) ?? ofService[0];
  if (container !== undefined) {
    const volume = volumeAt(container, place.path);
    await requireAlone(docker, volume, key);
    return {
      container: container.Id,
      pathOf: (path) => path,
      writers: async () => (volume === null ? running(ofService) : writersOf(docker, volume)),
      close: () => Promise.resolve(),
    };
  }
  return place.volume === null ? gone(place) : doorTo(docker, place, place.volume, key);
}

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
 * The service's containers, the one that has its data first: not one that was made for a single command, whose volumes may
 * be its own; then one that runs. As these stop, the order changes.
 */
async function containersOf(docker: Docker, { service, composeFile }: ContainerPlace): Promise<readonly DockerContainer[]> {
  const all = (await docker.containers({ label: [`${SERVICE}=${service}`] })).filter((each) => isOf(each, composeFile));
  const rank = ({ Labels, State }: DockerContainer): number =>
    Number(Labels?.[ONE_OFF]?.toLowerCase() === 'true') * 2 + Number(!['running', 'restarting', 'paused'].includes(State));
  const numberOf = ({ Labels }: DockerContainer): number => Number(Labels?.[NUMBER]) || 0;
  return [...all].sort((a, b) => rank(a) - rank(b) || numberOf(a) - numberOf(b));
}

/**
 * Fails with DATABASE_NOT_FOUND as `openDoor` does, and with REFUSED where the data would not outlive its containers, or is
 * not all in one place.
 */
export async function findHome(docker: Docker, place: ContainerPlace): Promise<Home> {
  const [container] = await containersOf(docker, place);
  if (container === undefined) {
    const { volume, image } = await volumeOf(docker, place, place.volume);
    return { volume, container: '', image, path: inDoor(volume, place.mountedAt, place.path) };
  }
  const mount = mountAt(container, place.path);
  const image = container.ImageID ?? (await docker.anyImage()) ?? '';
  const volume = mount?.Type === 'volume' ? (mount.Name ?? null) : null;
  const options = volume === null ? {} : await docker.volumeOptions(volume);
  if (mount?.Type === 'tmpfs' || (options?.['type'] === 'tmpfs' && !/\bbind\b/.test(options['o'] ?? ''))) {
    throw new BackupError(
      'REFUSED',
      said`${place.path} in the service ${place.service} is kept in memory, and gone when the service is stopped for a restore. Nothing was changed.`,
      'Keep it in a volume on the disk.',
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
  await requireRealFolders(docker, container.Id, volume === null ? '/' : (mount?.Destination ?? '/'), place.path, place.path);
  return volume === null
    ? { volume: null, container: container.Id, image, path: place.path }
    : { volume, container: container.Id, image, path: inDoor(volume, mount?.Destination ?? null, place.path) };
}

/** Containers that run, or are paused, and could write there. */
export async function usersOf(
  docker: Docker,
  { volume, container }: Pick<Home, 'volume' | 'container'>,
): Promise<readonly DockerContainer[]> {
  const all = await docker.containers(volume === null ? { id: [container] } : { volume: [volume] });
  return all.filter(({ State }) => ['running', 'restarting', 'paused'].includes(State));
}

/**
 * Containers to write through, in the order of the homes: one for all volumes, which `closeLeft` removes, and those whose
 * own files are meant. Fails with VolumeGone, and with PROJECT_BUSY as `openDoor` does.
 */
export async function openHomes(docker: Docker, homes: readonly Omit<Home, 'path'>[], key: string): Promise<readonly string[]> {
  const volumes = [...new Set(homes.flatMap(({ volume }) => volume ?? []))];
  for (const volume of volumes) {
    // Asked for one that is not there, Docker makes it.
    if ((await docker.volumeOptions(volume)) === null) {
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
    await requireAlone(docker, volume, key);
  }
  return homes.map(({ volume, container }) => (volume === null ? container : door));
}

/** Two checkouts may share a volume, each with a lock of its own. Fails with PROJECT_BUSY where the other one's restore is not at its end. */
async function requireAlone(docker: Docker, volume: string | null, key: string): Promise<void> {
  const doors = volume === null ? [] : await docker.containers({ volume: [volume], label: [RESTORE] });
  if (doors.some(({ Labels }) => Labels?.[OWN] !== key)) {
    throw new BackupError(
      'PROJECT_BUSY',
      said`Another project restores into the volume ${volume ?? ''}, or was interrupted in that.`,
      'Wait until it has finished, or run "pats-backup recover" in that project.',
    );
  }
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
  return (volume === null ? await docker.inspect(container) : await docker.volumeOptions(volume)) !== null;
}

/** Somebody has removed the volume, or the container that the files were in. */
export class VolumeGone extends BackupError {
  constructor(volume: string) {
    super('DATABASE_NOT_FOUND', said`${volume} is not there any more.`, 'Make it with "docker compose up --no-start", then restore.');
  }
}

/** Removes doors that runs that died have left. The caller holds the lock of the key. */
export async function closeLeft(docker: Docker, key: string): Promise<void> {
  for (const { Id } of await docker.containers({ label: [`${OWN}=${key}`] })) {
    await docker.remove(Id);
  }
}

/** All containers are gone: a new one, never started, reaches the volume. */
async function doorTo(docker: Docker, place: ContainerPlace, name: string, key: string): Promise<Door> {
  const { volume, image } = await volumeOf(docker, place, name);
  await requireAlone(docker, volume, key);
  const id = await docker.doorTo({ [volume]: doorOf(volume) }, image, { [OWN]: key });
  return {
    container: id,
    pathOf: (path) => inDoor(volume, place.mountedAt, path),
    writers: () => writersOf(docker, volume),
    close: () => docker.remove(id),
  };
}

function inDoor(volume: string, mountedAt: string | null, path: string): string {
  return posix.join(doorOf(volume), posix.relative(mountedAt ?? '/', path));
}

function doorOf(volume: string): string {
  return posix.join(DOOR, volume);
}

/** Without a container: the one that Compose has made for this project. */
async function volumeOf(
  docker: Docker,
  place: ContainerPlace,
  name: string | null,
): Promise<{ readonly volume: string; readonly image: string }> {
  const names = projectNames(place.composeFile);
  const all = name === null ? [] : await docker.volumes({ label: [`${VOLUME}=${name}`] });
  const [volume, second] = all.filter(({ Labels }) => names.includes(Labels?.[PROJECT] ?? ''));
  const image = await docker.anyImage();
  return volume === undefined || second !== undefined || image === null ? gone(place) : { volume: volume.Name, image };
}

function gone(place: ContainerPlace): never {
  throw new BackupError(
    'DATABASE_NOT_FOUND',
    said`There is no container of the service ${place.service}${place.volume === null ? '' : said`, and no volume ${place.volume} of this project`}.`,
    said`Make it with "docker compose up --no-start ${place.service}", then try again.`,
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

function volumeAt(container: DockerContainer, path: string): string | null {
  const mount = mountAt(container, path);
  return mount?.Type === 'volume' ? (mount.Name ?? null) : null;
}

function mountAt({ Mounts }: DockerContainer, path: string): NonNullable<DockerContainer['Mounts']>[number] | undefined {
  return (Mounts ?? [])
    .filter(({ Destination: at }) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
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
