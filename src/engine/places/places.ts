// Data in containers, brought to this machine for as long as an operation needs it: the one door to Docker.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { copyDatabase, copyUploads } from './copy';
import { Docker } from './docker';
import { findEndpoint } from './endpoint';
import { leftPaused, wakeLeft } from './pause';
import { closeLeft, openDoor } from './volume';

export interface Copies {
  /** Absolute path of the database's copy; it does not exist if there is none in the container. */
  readonly database: string;
  /** Absolute folders, in the order of the places. */
  readonly uploads: readonly string[];
  /** How long the application stood still, in milliseconds. */
  readonly pausedMs: number;
}

/** This user's own folder for the copies of a place, and what marks it. `state` is the folder of the user's own state. */
export function folderFor(state: string, place: ContainerPlace): { readonly folder: string; readonly key: string } {
  const parts = [place.composeFile, place.volume ?? place.service, place.path];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return { folder: join(state, 'containers', key), key };
}

/**
 * Brings the copies up to date: uploads before the database and what changed in them after it, so that every row finds its
 * file. The caller holds the lock of the folder. Fails with DATABASE_NOT_FOUND, READ_FAILED or DATABASE_LOCKED, with the
 * reason why Docker's data cannot be reached.
 */
export async function bringHere(state: string, database: ContainerPlace, uploads: readonly ContainerPlace[]): Promise<Copies> {
  const endpoint = findEndpoint();
  if ('why' in endpoint) {
    throw new BackupError('READ_FAILED', `${endpoint.why}: what is in its containers cannot be reached.`, 'Start Docker on this machine.');
  }
  await wakeLeft(state);
  const { folder, key } = folderFor(state, database);
  const docker = new Docker(endpoint.socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await closeLeft(docker, key);
  const folders = uploads.map((place, index) => join(folder, `uploads-${index + 1}`, basename(place.path)));
  const copyAll = async (): Promise<void> => {
    for (const [index, place] of uploads.entries()) {
      const door = await openDoor(docker, place, key);
      try {
        await copyUploads(docker, door, place.path, folders[index] ?? folder);
      } finally {
        await door.close();
      }
    }
  };
  await copyAll();
  const door = await openDoor(docker, database, key);
  let pausedMs: number;
  const target = join(folder, 'database', posix.basename(database.path));
  try {
    mkdirSync(join(folder, 'database'), { recursive: true, mode: 0o700 });
    pausedMs = await copyDatabase(docker, door, database.path, target, state);
  } finally {
    await door.close();
  }
  await copyAll();
  return { database: target, uploads: folders, pausedMs };
}

/** Ids of containers that a run that died has left paused. */
export function containersLeft(state: string): readonly string[] {
  return leftPaused(state);
}
