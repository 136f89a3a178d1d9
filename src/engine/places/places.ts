// Data in containers, brought to this machine for as long as an operation needs it: the one door to Docker.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { copiedAt, copyDatabase, isUpToDate, lookAtDatabase } from './copy';
import type { CopyOf } from './copied-files';
import { Delivery } from './delivery';
import { Docker, TakesTooLong } from './docker';
import { findEndpoint } from './endpoint';
import { leftPaused, wakeLeft } from './pause';
import type { RecordKeeper } from './record';
import { copyUploads } from './uploads';
import { closeLeft, openDoor } from './volume';
import { said } from '../said';

export interface Copies {
  /** Absolute path of the database's copy; it does not exist if there is none in the container. */
  readonly database: string;
  /** Absolute folders, in the order of the places. */
  readonly uploads: readonly string[];
  /** How long the application stood still, in milliseconds. */
  readonly pausedMs: number;
  /** The way back, for an operation that changes them. */
  readonly delivery: Delivery;
  /** The moment of the database's copy, milliseconds since 1970, where it may have changed since; null: it is as it is now. */
  readonly asOf: number | null;
}

/**
 * How the copies are made. `still`: of one moment, for which the application is paused. `look`: nothing is paused, and
 * where the application writes too much for that, or was looked at just now, the last copy serves. `replace`: as a look, and
 * paused where that is not possible; before anything is replaced, it is stopped and all is copied again. `foresee`: as a look,
 * of what `replace` would replace.
 */
export type Manner = 'still' | 'look' | 'replace' | 'foresee';

/** After a look that took long nobody looks again before this many times that time: copying is work for Docker and the disks. */
const REST = 10;
const LONG = 1000;
/** Milliseconds that a look may take: what is more than can be copied in them is known from the last backup. */
const LOOK_MS = 15_000;
/** An application may write between two looks. */
const TRIES = 20;
const LOOKED = 'looked';
/** Its time says when the copies were last used. */
export const USED = 'used';

/** This user's own folder for the copies of a place, and what marks it. `state` is the folder of the user's own state. */
export function folderFor(state: string, place: ContainerPlace): { readonly folder: string; readonly key: string } {
  const parts = [place.composeFile, place.volume ?? place.service, place.path];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return { folder: folderOfKey(state, key), key };
}

export function folderOfKey(state: string, key: string): string {
  return join(foldersOf(state), key);
}

export function foldersOf(state: string): string {
  return join(state, 'containers');
}

/**
 * Brings the copies up to date: uploads before the database and what changed in them after it, so that every row finds its
 * file. The caller holds the lock of the folder. Fails with DATABASE_NOT_FOUND, READ_FAILED or DATABASE_LOCKED, with the
 * reason why Docker's data cannot be reached.
 */
export async function bringHere(
  state: string,
  database: ContainerPlace,
  uploads: readonly ContainerPlace[],
  manner: Manner,
  sign: RecordKeeper['sign'],
): Promise<Copies> {
  const endpoint = findEndpoint();
  if ('why' in endpoint) {
    throw new BackupError(
      'READ_FAILED',
      said`${endpoint.why}: what is in its containers cannot be reached.`,
      'Start Docker on this machine.',
    );
  }
  const { folder, key } = folderFor(state, database);
  await wakeLeft({ state, key });
  const docker = new Docker(endpoint.socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, USED), '');
  await closeLeft(docker, key);
  for (const place of [database, ...uploads]) {
    await requireOwn(docker, place, key, place !== database);
  }
  const folders = uploads.map((place, index) => join(folder, `uploads-${index + 1}`, nameOf(place)));
  const target = join(folder, 'database', nameOf(database));
  const copyAll = async (until?: number, chosen: readonly string[] = []): Promise<void> => {
    for (const [index, place] of uploads.entries()) {
      const door = await openDoor(docker, place, key, { chosen: chosen[index], isFolder: true });
      try {
        await copyUploads(docker, door, place.path, folders[index] ?? folder, until);
      } finally {
        await door.close();
      }
    }
  };
  const atDatabase = async <T>(use: (of: CopyOf) => Promise<T>, chosen?: string): Promise<T> => {
    const door = await openDoor(docker, database, key, { chosen, isFolder: false });
    try {
      return await use({ docker, door, path: database.path, target });
    } finally {
      await door.close();
    }
  };
  const still = async (chosen: readonly string[] = []): Promise<number> => {
    await copyAll(undefined, chosen);
    const pausedMs = await atDatabase((of) => copyDatabase(of, { state, key }), chosen[uploads.length]);
    await copyAll(undefined, chosen);
    return pausedMs;
  };
  const copied = [
    ...uploads.map((place, index) => ({ place, target: folders[index] ?? folder, isDatabase: false })),
    { place: database, target, isDatabase: true },
  ];
  const delivery = new Delivery(docker, key, { folder, sign }, copied, async (chosen) => {
    await still(chosen);
  });
  if (manner === 'still') {
    return { database: target, uploads: folders, pausedMs: await still(), asOf: null, delivery };
  }
  const isCurrent = await atDatabase(async (of) => (isResting(folder) ? isUpToDate(of) : looked(folder, of, copyAll)));
  const asOf = isCurrent ? null : copiedAt(target);
  if (!isCurrent && asOf === null) {
    if (manner === 'replace') {
      return { database: target, uploads: folders, pausedMs: await still(), asOf: null, delivery };
    }
    throw new BackupError(
      'DATABASE_LOCKED',
      'The database is too large, or is written too often, to be read without pausing the application.',
      'Make a backup: for that, it stands still for a moment.',
    );
  }
  return { database: target, uploads: folders, pausedMs: 0, asOf, delivery };
}

/** Where Docker runs elsewhere, or the service was started for another folder, what it mounts there is not what is here. Fails with READ_FAILED. */
async function requireOwn(docker: Docker, place: ContainerPlace, key: string, isFolder: boolean): Promise<void> {
  if (place.host === undefined) {
    return;
  }
  const door = await openDoor(docker, place, key, { isFolder });
  try {
    const isMeant = isFolder ? door.isHere(place.path, place.host) : door.isHere(posix.dirname(place.path), dirname(place.host));
    // A copy of it has the same times.
    for (let attempt = 1; isMeant && attempt <= TRIES; attempt++) {
      const there = await docker.stat(door.container, door.pathOf(place.path));
      const stats = statSync(place.host, { throwIfNoEntry: false });
      // To the second: what it is written as differs from system to system.
      const second = (time: number): number => Math.floor(time / 1000);
      if (there === null ? stats === undefined : second(Date.parse(there.mtime)) === second(stats?.mtimeMs ?? -1)) {
        return;
      }
    }
  } finally {
    await door.close();
  }
  throw new BackupError(
    'READ_FAILED',
    said`The service ${place.service} has something else at ${place.path} than what is here at ${place.host}.`,
    'Start it again with "docker compose up", then try again.',
  );
}

/** Whether the copy is as the database is now. */
async function looked(folder: string, of: CopyOf, copyUploadsUntil: (until: number) => Promise<void>): Promise<boolean> {
  const start = Date.now();
  const until = start + LOOK_MS;
  try {
    const areWhole = await unlessTooLong(() => copyUploadsUntil(until).then(() => true));
    const isCurrent = (await isUpToDate(of)) || (await unlessTooLong(() => lookAtDatabase({ ...of, until })));
    return areWhole && isCurrent;
  } finally {
    writeFileSync(join(folder, LOOKED), `${Date.now()} ${Date.now() - start}`, { mode: 0o600 });
  }
}

async function unlessTooLong(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TakesTooLong) {
      return false;
    }
    throw error;
  }
}

/** A clock that was set back does not make it rest for ever. */
function isResting(folder: string): boolean {
  const file = join(folder, LOOKED);
  const [at = 0, took = 0] = existsSync(file) ? readFileSync(file, 'utf8').split(' ').map(Number) : [];
  const since = Date.now() - at;
  return took > LONG && since >= 0 && since < took * REST;
}

/** A name that this system reads as one, too. */
function nameOf({ path }: ContainerPlace): string {
  return posix.basename(path).replace(/[\\:]/g, '_');
}

/** Ids of containers that a run that died has left paused. */
export function containersLeft(state: string): readonly string[] {
  return leftPaused(state);
}

/** Wakes containers that runs that died have left paused, whatever they were of. */
export async function wakeAllLeft(state: string): Promise<void> {
  await wakeLeft({ state, key: null });
}
