// Files of this machine that belong to a container's user: a restore that this user may not do is done through the compose service that mounts them.
import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileOf, type ComposeService } from '../compose/compose';
import { coveringMount, type ContainerPlace } from '../compose/place';
import { errnoOf } from '../files/errno';
import { composeProjects, writablePath } from '../migrations/commands/service';
import { here } from '../platform/platform';
import type { Project } from '../project/project';

export interface ThroughService {
  readonly service: string;
  readonly database: ContainerPlace;
  /** Those of the upload folders that the service mounts. */
  readonly uploads: readonly ContainerPlace[];
}

const DATABASE_SIDES = ['', '-wal', '-shm', '-journal'];
/** Entries of uploads that are looked at: where all of so many are this user's, the rest is taken to be, too. */
const MOST_ENTRIES = 20_000;
const STICKY = 0o1000;

/** The way to replace what this user may not; null: there is no need for it, or no service mounts all of that. Asks only the compose files. */
export function throughService(project: Project): ThroughService | null {
  const closed = closedPaths(project);
  const way = closed.length === 0 ? null : wayThroughService(project);
  const reached = new Set(way === null ? [] : [dirname(way.database.host ?? ''), ...way.uploads.map(({ host }) => host)]);
  return way !== null && closed.every((path) => reached.has(path) || reached.has(dirname(path))) ? way : null;
}

/** The same whatever this user may do: what an interrupted restore goes by. */
export function wayThroughService(project: Project): ThroughService | null {
  const { database, databasePlace, root, readOnly, uploads } = project;
  if (database === null || databasePlace !== undefined || readOnly === true || isAlmighty()) {
    return null;
  }
  const services = composeProjects(project).filter(({ doubts }) => doubts.length === 0);
  for (const service of services.flatMap((each) => each.services).filter(({ isActive }) => isActive)) {
    const place = placeOf(service, database, root, false);
    if (place !== null) {
      return { service: service.name, database: place, uploads: uploads.flatMap((folder) => placeOf(service, folder, root, true) ?? []) };
    }
  }
  return null;
}

/**
 * What of the live data this user may not replace, absolute: the database's folder, files of the database, upload folders.
 * Only by their owners: what is mounted read-only is closed to everybody.
 */
export function closedPaths({ database, databasePlace, uploads }: Project): readonly string[] {
  if (database === null || databasePlace !== undefined || isAlmighty()) {
    return [];
  }
  const files = DATABASE_SIDES.map((side) => database + side);
  return [
    ...[dirname(database), ...files].filter((path) => isRefused(path, constants.W_OK)),
    ...uploads.filter((folder) => isRefused(folder, constants.W_OK) || hasClosed(folder)),
  ];
}

function isAlmighty(): boolean {
  return here.isWindows || (process.getuid?.() ?? 0) === 0;
}

/** Whether something in it can be neither moved away nor read for the safety backup. */
function hasClosed(folder: string): boolean {
  let left = MOST_ENTRIES;
  const look = (path: string, isTop: boolean): boolean => {
    const names = namesIn(path);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const isSticky = ((stats?.mode ?? 0) & STICKY) !== 0 && isOthers(path);
    return names.some((name) => {
      const entry = join(path, name);
      const isFolder = lstatSync(entry, { throwIfNoEntry: false })?.isDirectory() === true;
      const isStuck = isTop && isOthers(entry) && (isSticky || (isFolder && isRefused(entry, constants.W_OK)));
      left -= 1;
      return left > 0 && (isStuck || isRefused(entry, constants.R_OK) || (isFolder && look(entry, false)));
    });
  };
  return look(folder, true);
}

function isOthers(path: string): boolean {
  const uid = lstatSync(path, { throwIfNoEntry: false })?.uid;
  return uid !== undefined && uid !== process.getuid?.();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRefused(path: string, what: number): boolean {
  try {
    // A link is replaced as one, wherever it leads.
    if (lstatSync(path).isSymbolicLink()) {
      return false;
    }
    accessSync(path, what);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}

/** null: it does not see it, or as a file that is mounted by itself, in whose place no other can be put. */
function placeOf(service: ComposeService, path: string, root: string, isFolder: boolean): ContainerPlace | null {
  const inService = writablePath(service, path, root);
  const mount = inService === null ? undefined : coveringMount(service.mounts, inService);
  return inService === null || mount === undefined || (!isFolder && mount.container === inService)
    ? null
    : { service: service.name, composeFile: fileOf(service), volume: null, mountedAt: mount.container, path: inService, host: path };
}
