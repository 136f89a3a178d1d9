// What a project's containers hold, brought to this machine for the time of one operation, by one run at a time.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writtenPlace, type ContainerPlace } from '../compose/place';
import { BackupError, reportOf } from '../errors';
import { resolvedPath } from '../files/paths';
import { bringHere, containersLeft, folderFor, foldersOf, USED, wakeAllLeft, type Copies, type Manner } from '../places/places';
import { withCopies } from '../project/discovery/discovery';
import { sourceOf } from '../project/paths';
import type { Project } from '../project/project';
import { privateLockFile, takeLock } from '../sqlite/lock';
import { stateFolder } from '../store/own-state';
import { lockPlace, resumeDelivery, signFor } from './deliveries';
import { throughService, type ThroughService } from './through-service';

export type { Manner };

/** Milliseconds for which a run waits for another one's copies of the same containers. */
const PATIENCE = 60_000;
/** Copies of places that nobody has asked for so long are removed. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** What is brought here, and what the project is then, with those copies or without them. */
interface Wanted {
  readonly database: ContainerPlace;
  readonly uploads: readonly ContainerPlace[];
  with(copies: Copies): Project;
  without(reason: BackupError): Project;
}

/**
 * Runs `work` on the project with the copies of what its containers hold, up to date and nobody else's meanwhile. Where
 * they cannot be had, `work` sees a project without its database, and why. For files of this machine something is done only
 * where they are to be replaced, and only a service may do that. Who only looks never has an application paused.
 */
export async function withContainers<T>(project: Project, manner: Manner, work: (project: Project) => Promise<T>): Promise<T> {
  if (project.readOnly === true) {
    return work(project);
  }
  if (leftPaused().length > 0) {
    await wakeAllLeft(stateFolder() ?? '');
  }
  const through = manner === 'replace' || manner === 'foresee' ? throughService(project) : null;
  const wanted = through === null ? inContainers(project) : ofThisMachine(project, through);
  return wanted === null ? work(project) : withCopiesOf(wanted, manner, work);
}

function inContainers(project: Project): Wanted | null {
  const { databasePlace, uploadPlaces = [], uploads } = project;
  return databasePlace === undefined
    ? null
    : {
        database: databasePlace,
        uploads: uploadPlaces,
        with: (copies) =>
          withCopies(project, {
            database: copies.database,
            uploads: [...uploads, ...copies.uploads],
            copies: namesOf(copies, [databasePlace, ...uploadPlaces].map(writtenPlace)),
            ...aboutCopies(copies),
          }),
        without: (outOfReach) => withCopies(project, { database: null, uploads, outOfReach }),
      };
}

/** Called by their own names, and in their own order: a backup of them is one of these files. */
function ofThisMachine(project: Project, { service, database, uploads }: ThroughService): Wanted {
  const hosts = [database, ...uploads].map(({ host = '' }) => host);
  return {
    database,
    uploads,
    with: (copies) =>
      withCopies(project, {
        database: copies.database,
        uploads: project.uploads.map((folder) => copies.uploads[uploads.findIndex(({ host }) => host === folder)] ?? folder),
        copies: namesOf(
          copies,
          hosts.map((host) => sourceOf(project, host)),
        ),
        throughService: { service, hosts: namesOf(copies, hosts) },
        ...aboutCopies(copies),
      }),
    // Then it is refused, as if there were no service.
    without: () => project,
  };
}

/** A restore speaks of the copies with links resolved. */
function namesOf({ database, uploads }: Copies, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    [database, ...uploads].flatMap((path, index) => [path, resolvedPath(path)].map((each) => [each, names[index] ?? path])),
  );
}

function aboutCopies({ pausedMs, delivery, asOf }: Copies): Pick<Project, 'pausedMs' | 'delivery' | 'asOf'> {
  return { pausedMs, delivery, ...(asOf !== null && { asOf }) };
}

async function withCopiesOf<T>(wanted: Wanted, manner: Manner, work: (project: Project) => Promise<T>): Promise<T> {
  const without = async (reason: unknown): Promise<T> => {
    const { message, remedy } = reportOf(reason);
    return work(
      wanted.without(reason instanceof BackupError ? reason : new BackupError('READ_FAILED', message, remedy, { cause: reason })),
    );
  };
  const state = stateFolder();
  if (state === null) {
    return without(
      new BackupError('READ_FAILED', 'This user has no folder for copies of what is in containers.', 'Make the home folder writable.'),
    );
  }
  const { key } = folderFor(state, wanted.database);
  const lock = await lockPlace(state, key, PATIENCE);
  if (lock === null) {
    return without(
      new BackupError('PROJECT_BUSY', 'Another run is copying from these containers.', 'Wait until it has finished, then try again.'),
    );
  }
  let copies = null as Copies | null;
  try {
    try {
      await resumeDelivery(state, key);
      copies = await bringHere(state, wanted.database, wanted.uploads, manner, signFor(key));
    } catch (error) {
      return await without(error);
    }
    return await work(wanted.with(copies));
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
  const all = foldersOf(state);
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
