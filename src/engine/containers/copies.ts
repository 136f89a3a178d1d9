// What a project's containers hold, brought to this machine for the time of one operation, by one run at a time.
import { join } from 'node:path';
import { writtenPlace } from '../compose/place';
import { BackupError, reportOf } from '../errors';
import { bringHere, containersLeft, folderFor, type Copies } from '../places/places';
import { withCopies } from '../project/discovery/discovery';
import type { Project } from '../project/project';
import { privateLockFile, takeLock } from '../sqlite/lock';
import { stateFolder } from '../store/own-state';

/** Milliseconds for which a run waits for another one's copies of the same containers. */
const PATIENCE = 60_000;

/**
 * Runs `work` on the project with the copies of what its containers hold, up to date and nobody else's meanwhile. Where
 * they cannot be had, `work` sees a project without its database, and why. Nothing is done for files of this machine.
 */
export async function withContainers<T>(project: Project, work: (project: Project) => Promise<T>): Promise<T> {
  const { databasePlace, uploadPlaces = [], uploads } = project;
  if (databasePlace === undefined || project.readOnly === true) {
    return work(project);
  }
  const without = async (reason: unknown): Promise<T> => {
    const { message, remedy } = reportOf(reason);
    const outOfReach = reason instanceof BackupError ? reason : new BackupError('READ_FAILED', message, remedy, { cause: reason });
    return work(withCopies(project, { database: null, uploads, outOfReach }));
  };
  const state = stateFolder();
  if (state === null) {
    return without(
      new BackupError('READ_FAILED', 'This user has no folder for copies of what is in containers.', 'Make the home folder writable.'),
    );
  }
  const lock = await takeLock(privateLockFile(join(state, `${folderFor(state, databasePlace).key}.lock`)), PATIENCE);
  if (lock === null) {
    return without(
      new BackupError('PROJECT_BUSY', 'Another run is copying from these containers.', 'Wait until it has finished, then try again.'),
    );
  }
  try {
    let copies: Copies;
    try {
      copies = await bringHere(state, databasePlace, uploadPlaces);
    } catch (error) {
      return await without(error);
    }
    const names = [databasePlace, ...uploadPlaces].map(writtenPlace);
    const here = [copies.database, ...copies.uploads];
    return await work(
      withCopies(project, {
        database: copies.database,
        uploads: [...uploads, ...copies.uploads],
        copies: Object.fromEntries(here.map((path, index) => [path, names[index] ?? path])),
        pausedMs: copies.pausedMs,
      }),
    );
  } finally {
    lock.release();
  }
}

/** Ids of containers that a run that died has left paused; the next run that reaches them wakes them. */
export function leftPaused(): readonly string[] {
  const state = stateFolder();
  return state === null ? [] : containersLeft(state);
}
