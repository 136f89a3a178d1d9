// The containers of a compose service and the volumes of its project, by what Compose wrote on them.
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { textOf } from '../limits/reading';
import type { Docker, DockerContainer } from './docker';
import { said } from '../said';

const SERVICE = 'com.docker.compose.service';
const PROJECT = 'com.docker.compose.project';
const FILES = 'com.docker.compose.project.config_files';
const FOLDER = 'com.docker.compose.project.working_dir';
const VOLUME = 'com.docker.compose.volume';
const ONE_OFF = 'com.docker.compose.oneoff';
const NUMBER = 'com.docker.compose.container-number';
const MOST_BYTES = 256 * 1024;

/**
 * The service's containers, the one that has its data first: not one that was made for a single command, whose volumes may
 * be its own; then one that runs. As these stop, the order changes.
 */
export async function containersOf(docker: Docker, { service, composeFile }: ContainerPlace): Promise<readonly DockerContainer[]> {
  const all = (await docker.containers({ label: [`${SERVICE}=${service}`] })).filter((each) => isOf(each, composeFile));
  const rank = ({ Labels, State }: DockerContainer): number =>
    Number(Labels?.[ONE_OFF]?.toLowerCase() === 'true') * 2 + Number(!['running', 'restarting', 'paused'].includes(State));
  const numberOf = ({ Labels }: DockerContainer): number => Number(Labels?.[NUMBER]) || 0;
  return [...all].sort((a, b) => rank(a) - rank(b) || numberOf(a) - numberOf(b));
}

/**
 * Without a container: the volume that Compose has made for this project, or the folder of this machine; with where that is
 * mounted in the service, and any image.
 */
export async function volumeOf(
  docker: Docker,
  place: ContainerPlace,
): Promise<{ readonly volume: string; readonly image: string; readonly at: string }> {
  const image = await docker.anyImage();
  if (place.host !== undefined && image !== null) {
    const isFolder = statSync(place.host, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? { volume: place.host, image, at: place.path } : { volume: dirname(place.host), image, at: posix.dirname(place.path) };
  }
  const names = projectNames(place.composeFile);
  const all = place.volume === null ? [] : await docker.volumes({ label: [`${VOLUME}=${place.volume}`] });
  const [volume, second] = all.filter(({ Labels }) => names.includes(Labels?.[PROJECT] ?? ''));
  return volume === undefined || second !== undefined || image === null
    ? gone(place)
    : { volume: volume.Name, image, at: place.mountedAt ?? '/' };
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

/** The mount that decides what lies at a path in the container. */
export function mountAt({ Mounts }: DockerContainer, path: string): NonNullable<DockerContainer['Mounts']>[number] | undefined {
  return (Mounts ?? [])
    .filter(({ Destination: at }) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
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
