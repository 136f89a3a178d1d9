// How a delivery ends: by what is there it is finished or taken back, and what was made for it is removed.
import { posix } from 'node:path';
import { reportOf } from '../errors';
import { Docker } from './docker';
import { Inside } from './inside';
import { readRecord, writeRecord, type DeliveredPlace, type DeliveryRecord, type RecordKeeper } from './record';
import { startAll, stopAll, writersTo } from './stopping';
import { isReplaced, removeSides, revertDatabase, revertUploads, stageOf, stateOf } from './swap';
import { isThere, openHomes, VolumeGone } from './home';
import { closeLeft } from './volume';
import { said } from '../said';

/** How it ended: all of it is there, nothing is, or what was to be replaced is gone and was not removed by us. */
export type Outcome = 'delivered' | 'back' | 'lost';

/** The way to a place of a record; null: there is none to it any more. */
export type Opener = (place: DeliveredPlace) => Promise<Inside | null>;

export function isEnd(state: DeliveryRecord['state']): state is Outcome {
  return state === 'delivered' || state === 'back' || state === 'lost';
}

/** By what is there: a database that was replaced stays, everything else goes back. */
export async function settle(docker: Docker, record: DeliveryRecord, keeper: RecordKeeper, open: Opener): Promise<Outcome> {
  if (isEnd(record.state)) {
    return record.state;
  }
  const outcome =
    (await isGone(docker, record)) || (await isAnew(record, open))
      ? 'lost'
      : record.state === 'swapping'
        ? await outcomeOf(record, open)
        : 'back';
  record.state = outcome;
  writeRecord(keeper, record);
  return outcome;
}

async function isGone(docker: Docker, { homes }: DeliveryRecord): Promise<boolean> {
  for (const home of homes) {
    if (!(await isThere(docker, home))) {
      return true;
    }
  }
  return false;
}

/**
 * Whether somebody has made a volume of that name anew before anything in it was replaced: then nothing of what is there is
 * ours, and what was there is in the safety backup alone.
 */
async function isAnew(record: DeliveryRecord, open: Opener): Promise<boolean> {
  for (const place of record.state === 'staging' ? record.places : []) {
    const inside = await open(place);
    if (inside === null || (await inside.isFolder(stageOf(record.id, place).root))) {
      continue;
    }
    const had = [...place.removes, ...place.puts.flatMap(({ path, had: before }) => (before === null ? [] : [{ path }]))];
    const [first] = had;
    const isOther =
      place.database !== null
        ? place.seen !== '' && stateOf(await inside.stat(place.database)) !== place.seen
        : first !== undefined && (await inside.stat(first.path)) === null;
    if (isOther) {
      return true;
    }
  }
  return false;
}

async function outcomeOf(record: DeliveryRecord, open: Opener): Promise<Outcome> {
  let outcome: Outcome = 'back';
  try {
    for (const place of [...record.places].reverse()) {
      const inside = await open(place);
      const stage = stageOf(record.id, place);
      if (inside === null) {
        continue;
      }
      if (!(await inside.isFolder(stage.root))) {
        // Another volume of that name: what was in the one before is in the safety backup alone.
        outcome = 'lost';
        continue;
      }
      if (place.database !== null && (await isReplaced(inside, place, stage))) {
        return 'delivered';
      }
      if (place.database === null) {
        await revertUploads(inside, place, stage);
      } else if (!(await revertDatabase(inside, place, stage))) {
        outcome = 'lost';
      }
    }
    return outcome;
  } catch (error) {
    if (error instanceof VolumeGone) {
      return 'lost';
    }
    throw error;
  }
}

/** Whether it succeeded; otherwise there is a sentence more. */
export async function attempt(work: () => Promise<void>, failures: string[]): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    failures.push(said`What was prepared in the volume could not be removed: ${reportOf(error).message}`);
    return false;
  }
}

/** After a replacement, before anybody opens the database: what SQLite had beside the old one. */
export async function clearSides(record: DeliveryRecord, open: Opener): Promise<void> {
  for (const place of record.state === 'delivered' ? record.places : []) {
    const inside = await open(place);
    await (inside === null ? Promise.resolve() : removeSides(inside, place));
  }
}

export async function removeStages(record: DeliveryRecord, open: Opener): Promise<void> {
  for (const place of record.places) {
    const inside = await open(place);
    if (inside === null) {
      continue;
    }
    await inside.remove(stageOf(record.id, place).root);
    if (record.state === 'back' && place.made && (await isFolderEmpty(inside))) {
      await new Inside(inside.docker, inside.container, posix.dirname(inside.root)).remove(posix.basename(inside.root));
    }
  }
}

async function isFolderEmpty(inside: Inside): Promise<boolean> {
  for await (const entry of inside.entries('')) {
    return entry.path === '';
  }
  return true;
}

/** Whether a restore has left something in containers, or containers stopped. */
export function isLeft(keeper: RecordKeeper): boolean {
  const record = readRecord(keeper);
  return record !== null && !isSettled(record);
}

function isSettled({ state, containers, places }: DeliveryRecord): boolean {
  return isEnd(state) && containers.length === 0 && places.length === 0;
}

/** What became of the restore with this id; null: it never came so far that anything was stopped. */
export function outcomeOfRecord(keeper: RecordKeeper, id: string): Outcome | 'open' | null {
  const record = readRecord(keeper);
  return record?.id !== id ? null : isEnd(record.state) ? record.state : 'open';
}

/** Whoever was started since has the database open: nothing of it is replaced or removed under them. They are started again. */
async function stopMeanwhile(docker: Docker, record: DeliveryRecord, keeper: RecordKeeper): Promise<void> {
  const isUnsafe = record.state === 'swapping' || (record.state === 'delivered' && record.places.some(({ removes }) => removes.length > 0));
  const writers = isUnsafe ? await writersTo(docker, record.places) : [];
  const known = new Set(record.containers.map(({ id }) => id));
  record.containers.push(...writers.filter(({ id }) => !known.has(id)));
  writeRecord(keeper, record);
  await stopAll(docker, writers);
}

/**
 * Finishes or takes back what a run that died has left, and starts what it had stopped. The caller holds the lock of the
 * key. Gives sentences about it. Fails where Docker does not answer: nothing is started then.
 */
export async function resume(keeper: RecordKeeper, key: string): Promise<readonly string[]> {
  const record = readRecord(keeper);
  if (record === null || isSettled(record)) {
    return [];
  }
  const docker = new Docker(record.socket);
  await closeLeft(docker, key);
  const { places } = record;
  let doors: readonly string[] | null = null;
  const open: Opener = async (place) => {
    doors ??= await openHomes(docker, places, key);
    return new Inside(docker, doors[places.indexOf(place)] ?? '', place.root);
  };
  try {
    await stopMeanwhile(docker, record, keeper);
    await settle(docker, record, keeper, open);
    await clearSides(record, open)
      .then(async () => removeStages(record, open))
      .catch((error: unknown) => {
        if (!(error instanceof VolumeGone)) {
          throw error;
        }
      });
    record.places = [];
  } finally {
    await closeLeft(docker, key).catch(() => undefined);
  }
  const { failures, left } = await startAll(docker, record.containers);
  const names = record.containers.filter((each) => !left.includes(each)).map(({ name }) => name);
  record.containers = [...left];
  writeRecord(keeper, record);
  return [
    ...(names.length === 0 ? [] : [said`Containers that an interrupted restore had stopped were started again: ${names.join(', ')}.`]),
    ...failures,
  ];
}
