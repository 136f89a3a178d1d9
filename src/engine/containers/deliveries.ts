// Restores into containers that were interrupted: the record of what was on its way, and what became of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { isLeft, outcomeOfRecord, resume, type Outcome } from '../places/settle';
import { folderFor, folderOfKey, foldersOf } from '../places/places';
import type { RecordKeeper } from '../places/record';
import type { Project } from '../project/project';
import { privateLockFile, takeLock, type Lock } from '../sqlite/lock';
import { markOf, stateFolder } from '../store/own-state';
import { wayThroughService } from './through-service';

/** Milliseconds for which a recovery waits for a run that copies from the containers. */
const PATIENCE = 10_000;

/** Keys of places whose lock this process holds now. */
const held = new Set<string>();

export function signFor(key: string): RecordKeeper['sign'] {
  return (text) => markOf('delivery', key, text);
}

function keeperOf(state: string, key: string): RecordKeeper {
  return { folder: folderOfKey(state, key), sign: signFor(key) };
}

/** Alone at the place of this key, on this machine; null: somebody else is, for longer than `patience` milliseconds. */
export async function lockPlace(state: string, key: string, patience: number): Promise<Pick<Lock, 'release'> | null> {
  const lock = await takeLock(privateLockFile(join(state, `${key}.lock`)), patience);
  if (lock === null) {
    return null;
  }
  held.add(key);
  return {
    release: () => {
      held.delete(key);
      lock.release();
    },
  };
}

/** Finishes or takes back what a run that died has left. The caller holds the lock. */
export async function resumeDelivery(state: string, key: string): Promise<readonly string[]> {
  return resume(keeperOf(state, key), key);
}

/** Whether a restore has left containers of this project stopped, or something of its own in them. Changes nothing. */
export function isDeliveryLeft(project: Project): boolean {
  const [state, place] = [stateFolder(), placeOfDelivery(project)];
  return state !== null && place !== null && isLeft(keeperOf(state, folderFor(state, place).key));
}

/** null: no restore of this user has ever gone into a container, or none can. */
function placeOfDelivery(project: Project): ContainerPlace | null {
  const state = stateFolder();
  return state === null || !existsSync(foldersOf(state))
    ? null
    : (project.databasePlace ?? (project.delivery === undefined ? wayThroughService(project)?.database : undefined) ?? null);
}

/**
 * Finishes or takes back what such a restore has left, and starts what it had stopped; gives sentences about it. Whoever is
 * in the containers now has done so. Fails where Docker does not answer.
 */
export async function settleDelivery(project: Project): Promise<readonly string[]> {
  const [state, place] = [stateFolder(), placeOfDelivery(project)];
  if (place === null || state === null) {
    return [];
  }
  const { key } = folderFor(state, place);
  const lock = held.has(key) ? null : await lockPlace(state, key, PATIENCE);
  try {
    return lock === null ? [] : await resumeDelivery(state, key);
  } finally {
    lock?.release();
  }
}

/**
 * What became of the restore of this id, which was to be brought into containers; what is open is finished or taken back
 * first. Fails with PROJECT_BUSY, and where Docker does not answer.
 */
export async function outcomeOfDelivery(key: string, id: string): Promise<Outcome> {
  const state = stateFolder();
  if (state === null) {
    return 'back';
  }
  const keeper = keeperOf(state, key);
  if (outcomeOfRecord(keeper, id) === 'open') {
    const lock = held.has(key) ? null : await lockPlace(state, key, 0);
    if (lock === null) {
      throw new BackupError('PROJECT_BUSY', 'The containers of this restore cannot be put in order now.', 'Start Docker.');
    }
    try {
      await resume(keeper, key);
    } finally {
      lock.release();
    }
  }
  const outcome = outcomeOfRecord(keeper, id);
  return outcome === null || outcome === 'open' ? 'back' : outcome;
}
