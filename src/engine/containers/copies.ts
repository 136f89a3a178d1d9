// What a project's containers hold, brought to this machine for the time of one operation, by one run at a time.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writtenPlace } from '../compose/place';
import { BackupError, reportOf } from '../errors';
import { resolvedPath } from '../files/paths';
import { bringHere, containersLeft, folderFor, USED, wakeAllLeft, type Copies, type Manner } from '../places/places';
import { withCopies } from '../project/discovery/discovery';
import type { Project } from '../project/project';
import { privateLockFile, takeLock } from '../sqlite/lock';
import { stateFolder } from '../store/own-state';
import { lockPlace, resumeDelivery, signFor } from './deliveries';

export type { Manner };

/** Milliseconds for which a run waits for another one's copies of the same containers. */
const PATIENCE = 60_000;
/** Copies of places that nobody has asked for so long are removed. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Runs `work` on the project with the copies of what its containers hold, up to date and nobody else's meanwhile. Where
 * they cannot be had, `work` sees a project without its database, and why. Nothing is done for files of this machine.
 * Who only looks never has an application paused.
 */
export async function withContainers<T>(project: Project, manner: Manner, work: (project: Project) => Promise<T>): Promise<T> {
  const { databasePlace, uploadPlaces = [], uploads } = project;
  if (project.readOnly === true) {
    return work(project);
  }
  if (leftPaused().length > 0) {
    await wakeAllLeft(stateFolder() ?? '');
  }
  if (databasePlace === undefined) {
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
  const { key } = folderFor(state, databasePlace);
  const lock = await lockPlace(state, key, PATIENCE);
  if (lock === null) {
    return without(
      new BackupError('PROJECT_BUSY', 'Another run is copying from these containers.', 'Wait until it has finished, then try again.'),
    );
  }
  let copies: Copies | null = null;
  try {
    try {
      await resumeDelivery(state, key);
      copies = await bringHere(state, databasePlace, uploadPlaces, manner, signFor(key));
    } catch (error) {
      return await without(error);
    }
    const names = [databasePlace, ...uploadPlaces].map(writtenPlace);
    const here = [copies.database, ...copies.uploads];
    return await work(
      withCopies(project, {
        database: copies.database,
        uploads: [...uploads, ...copies.uploads],
        // A restore speaks of them with links resolved.
        copies: Object.fromEntries(here.flatMap((path, index) => [path, resolvedPath(path)].map((each) => [each, names[index] ?? path]))),
        pausedMs: copies.pausedMs,
        delivery: copies.delivery,
        ...(copies.asOf !== null && { asOf: copies.asOf }),
      }),
    );
  } catch (error) {
    throw withSentences(error, (await copies?.delivery.release()) ?? []);
  } finally {
    await copies?.delivery.release();
    lock.release();
    await sweep(state);
  }
}

/** The failure, and what else went wrong on the way out. */
function withSentences(error: unknown, sentences: readonly string[]): unknown {
  if (sentences.length === 0) {
    return error;
  }
  const { code, message, remedy } = reportOf(error);
  return new BackupError(code, [message, ...sentences].join(' '), remedy, { cause: error });
}

/** Removes copies that nobody has used for a long time, and that nobody uses now. */
async function sweep(state: string): Promise<void> {
  const all = join(state, 'containers');
  for (const key of namesIn(all).filter((name) => /^[0-9a-f]{32}$/.test(name))) {
    const used = statSync(join(all, key, USED), { throwIfNoEntry: false })?.mtimeMs;
    if (used !== undefined && used < Date.now() - KEPT_MS) {
      const lock = await takeLock(privateLockFile(join(state, `${key}.lock`)), 0).catch(() => null);
      try {
        if (lock !== null) {
          rmSync(join(all, key), { recursive: true, force: true });
        }
      } catch {
        // The next run tries again.
      } finally {
        lock?.release();
      }
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Ids of containers that a run that died has left paused; the next run that reaches them wakes them. */
export function leftPaused(): readonly string[] {
  const state = stateFolder();
  return state === null ? [] : containersLeft(state);
}
