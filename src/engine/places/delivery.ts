// Brings copies that were changed on this machine back into the containers that they are from: all of it, or nothing.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, dirname, posix } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerPlace } from '../compose/place';
import { BackupError, reportOf } from '../errors';
import { here } from '../platform/platform';
import { changesOf, indexOf, isChanged, thereIn, type Index } from './difference';
import { Docker } from './docker';
import { Inside } from './inside';
import { readRecord, writeRecord, type DeliveredPlace, type DeliveryRecord, type RecordKeeper } from './record';
import { startAll, stopAll, writersTo } from './stopping';
import {
  belongsTo,
  isReplaced,
  keepOld,
  removeSides,
  revertDatabase,
  revertUploads,
  stageOf,
  stateOf,
  swapDatabase,
  swapUploads,
} from './swap';
import type { NewEntry } from './tar-writer';
import { closeLeft, findHome, isThere, openHomes, requireSame, VolumeGone, type Home } from './volume';

const ATTEMPTS = 3;
const SYNC_MS = 60_000;

/** A place and its copy: a folder, or a database in one. */
export interface CopiedPlace {
  readonly place: ContainerPlace;
  readonly target: string;
  readonly isDatabase: boolean;
}

interface OpenPlace {
  readonly copied: CopiedPlace;
  readonly home: Home;
  readonly inside: Inside;
  readonly before: Index;
}

/** How it ended: all of it is there, nothing is, or what was to be replaced is gone and was not removed by us. */
export type Outcome = 'delivered' | 'back' | 'lost';

export class Delivery {
  #record: DeliveryRecord | null = null;
  #open: readonly OpenPlace[] = [];

  /** The database comes last. `refresh` brings the copies up to date, from the containers chosen for the places. The caller holds the lock of the key. */
  constructor(
    private readonly docker: Docker,
    readonly key: string,
    private readonly keeper: RecordKeeper,
    private readonly places: readonly CopiedPlace[],
    private readonly refresh: (chosen: readonly string[]) => Promise<void>,
  ) {}

  /** Names of the containers that `hold` would stop now. Changes nothing. Fails where `hold` would. */
  async foresee(): Promise<readonly string[]> {
    return (await writersTo(this.docker, await this.#homes())).map(({ name }) => name);
  }

  /**
   * Stops what could write to the places, and brings the copies up to date. From here on `release` has to be called.
   * Fails with REFUSED, DATABASE_LOCKED or READ_FAILED; nothing was replaced then.
   */
  async hold(id: string): Promise<void> {
    const homes = await this.#homes();
    this.#record = {
      id,
      socket: this.docker.socket,
      state: 'held',
      containers: [...(await writersTo(this.docker, homes))],
      homes: homes.map(({ volume, container }) => ({ volume, container })),
      places: [],
    };
    this.#write();
    await stopAll(this.docker, this.#record.containers);
    for (let attempt = 1; ; attempt++) {
      const others = await writersTo(this.docker, homes);
      if (others.length === 0) {
        break;
      }
      if (attempt === ATTEMPTS) {
        throw new BackupError(
          'DATABASE_LOCKED',
          `The container ${others[0]?.name ?? ''} keeps being started.`,
          'Nothing was changed. Stop whatever starts it, then restore again.',
        );
      }
      const known = new Set(this.#record.containers.map(({ id: each }) => each));
      this.#record.containers.push(...others.filter(({ id: each }) => !known.has(each)));
      this.#write();
      await stopAll(this.docker, others);
    }
    await this.refresh(homes.map(({ container }) => container));
    // From here on they are not what was copied.
    for (const { target } of this.places) {
      rmSync(`${target}.stamp`, { force: true });
    }
    const open: OpenPlace[] = [];
    this.#open = open;
    const doors = await openHomes(this.docker, homes, this.key);
    for (const [index, copied] of this.places.entries()) {
      const [home, container] = [homes[index], doors[index]];
      if (home !== undefined && container !== undefined) {
        await requireSame(this.docker, home, copied.place.path, container);
        const root = copied.isDatabase ? posix.dirname(home.path) : home.path;
        open.push({ copied, home, inside: new Inside(this.docker, container, root), before: await indexOfCopy(copied) });
      }
    }
  }

  /** Puts what the copies are now into their places. When it fails, all is as before, unless the error is RESTORE_INTERRUPTED. */
  async deliver(): Promise<void> {
    const record = this.#record;
    if (record === null) {
      throw new BackupError('USAGE', 'Nothing is held.', 'Nothing was changed.');
    }
    try {
      const insides = await this.#plan(record);
      record.state = 'staging';
      this.#write();
      for (const [index, place] of record.places.entries()) {
        await this.#stage(record.id, place, insides[index]);
      }
      await syncAll();
      await this.#requireNobody();
      record.state = 'swapping';
      this.#write();
      for (const [index, place] of record.places.entries()) {
        const inside = insides[index]?.inside;
        if (inside !== undefined) {
          await (place.database === null ? swapUploads : swapDatabase)(inside, place, stageOf(record.id, place));
        }
      }
      await syncAll();
      record.state = 'delivered';
      this.#write();
    } catch (error) {
      const outcome = await this.#settled(error);
      if (outcome === 'lost') {
        throw new BackupError(
          'RESTORE_INTERRUPTED',
          `${reportOf(error).message} What was to be replaced was changed or removed meanwhile.`,
          'Run "pats-backup recover": the state before is in the safety backup.',
          { cause: error },
        );
      }
      if (outcome !== 'delivered') {
        throw error;
      }
    }
  }

  /** Starts again what was stopped, as it was, and removes what was made for it. Gives a sentence for what could not be done. Never fails. */
  async release(): Promise<readonly string[]> {
    const record = this.#record;
    if (record === null) {
      return [];
    }
    const failures: string[] = [];
    if (record.state === 'held') {
      record.state = 'back';
    }
    if (!isEnd(record.state)) {
      return ['The containers are not started again before "pats-backup recover" has put their data in order.'];
    }
    this.#record = null;
    const open: Opener = async (place) => Promise.resolve(this.#insideOf(place));
    const isClean = await attempt(async () => clearSides(record, open), failures);
    failures.push(...(await startAll(this.docker, record.containers)));
    record.containers = [];
    // The application runs again: what is left is nothing that it looks at.
    if (isClean && (await attempt(async () => removeStages(record, open), failures))) {
      record.places = [];
    }
    await closeLeft(this.docker, this.key).catch(() => undefined);
    this.#open = [];
    writeRecord(this.keeper, record);
    return failures;
  }

  async #homes(): Promise<readonly Home[]> {
    return Promise.all(this.places.map(async ({ place }) => findHome(this.docker, place)));
  }

  #write(): void {
    if (this.#record !== null) {
      writeRecord(this.keeper, this.#record);
    }
  }

  #insideOf(place: DeliveredPlace): Inside | null {
    return (
      this.#open.find(({ inside, copied }) => inside.root === place.root && copied.isDatabase === (place.database !== null))?.inside ?? null
    );
  }

  /** Notes what is to be done; gives its places in the same order. */
  async #plan(record: DeliveryRecord): Promise<readonly OpenPlace[]> {
    const planned: OpenPlace[] = [];
    const databases = this.#open.filter(({ copied }) => copied.isDatabase);
    for (const open of this.#open) {
      const { copied, home, inside, before } = open;
      const after = await indexOfCopy(copied);
      if (!isChanged(before, after)) {
        continue;
      }
      const database = copied.isDatabase ? posix.basename(home.path) : null;
      const isKept = (path: string): boolean =>
        !copied.isDatabase &&
        databases.some(
          (other) =>
            other.home.volume === home.volume &&
            posix.dirname(posix.join(inside.root, path)) === other.inside.root &&
            belongsTo(posix.basename(other.home.path), posix.basename(path)),
        );
      const made = !(await inside.isFolder(''));
      const there = made ? new Map<string, never>() : await thereIn(inside, database);
      record.places.push({
        ...{ volume: home.volume, container: home.container, image: home.image, root: inside.root, database, made },
        seen: database === null ? '' : stateOf(await inside.stat(database)),
        ...changesOf(before, after, there, database, isKept),
      });
      planned.push(open);
    }
    return planned;
  }

  /** New bytes beside the live ones, read back; and other names for the old ones. */
  async #stage(id: string, place: DeliveredPlace, open: OpenPlace | undefined): Promise<void> {
    if (open === undefined) {
      return;
    }
    const { inside, copied } = open;
    const stage = stageOf(id, place);
    const folder = copied.isDatabase ? dirname(copied.target) : copied.target;
    if (place.made) {
      await inside.makeRoot();
    }
    const files = place.puts.filter(({ kind }) => kind === 'file');
    const now = { mode: 0o700, uid: 0, gid: 0, mtime: BigInt(Date.now()) * 1_000_000n };
    const entries: NewEntry[] = [
      { kind: 'folder', path: stage.root, ...now },
      { kind: 'empty', path: `${stage.root}/tried`, ...now },
      ...files.map(({ path, size, mode, uid, gid, mtime }, index) => ({
        ...{ kind: 'file' as const, path: stage.freshOf(files[index] ?? raise()), from: join(folder, path), size },
        ...{ mode, uid, gid, mtime: BigInt(mtime) },
      })),
    ];
    await inside.write(entries);
    // Whether this Docker, and the volume's file system, can do what the live data will need.
    await inside.put([{ kind: 'hard link', path: `${stage.root}/tried-too`, target: `${stage.root}/tried`, ...now }]);
    await inside.remove(`${stage.root}/tried`);
    await requireStaged(inside, stage.root, new Map(files.map((put) => [posix.basename(stage.freshOf(put)), put.target])));
    await keepOld(inside, place, stage);
  }

  /** Somebody may have started a container since. */
  async #requireNobody(): Promise<void> {
    const [other] = await writersTo(
      this.docker,
      this.#open.map(({ home }) => home),
    );
    if (other !== undefined) {
      throw new BackupError(
        'DATABASE_LOCKED',
        `The container ${other.name} was started meanwhile.`,
        'Nothing was changed. Restore again when nobody starts it.',
      );
    }
  }

  async #settled(failure: unknown): Promise<Outcome> {
    const record = this.#record;
    try {
      return record === null ? 'back' : await settle(this.docker, record, this.keeper, (place) => Promise.resolve(this.#insideOf(place)));
    } catch (error) {
      const { message } = reportOf(error);
      throw new BackupError(
        'RESTORE_INTERRUPTED',
        `${reportOf(failure).message} Going back did not succeed either. ${message}`,
        'Start Docker, then run "pats-backup recover".',
        { cause: failure },
      );
    }
  }
}

function raise(): never {
  throw new Error('There is no such file.');
}

async function indexOfCopy({ target, isDatabase }: CopiedPlace): Promise<Index> {
  return isDatabase ? indexOf(dirname(target), target.slice(dirname(target).length + 1)) : indexOf(target, null);
}

/** Read back from the volume: what is there is what is here. */
async function requireStaged(inside: Inside, stage: string, hashes: ReadonlyMap<string, string>): Promise<void> {
  let same = 0;
  for await (const entry of inside.entries(stage)) {
    const expected = hashes.get(entry.path);
    if (expected !== undefined && entry.kind !== 'folder') {
      const hash = createHash('sha256');
      for await (const chunk of entry.content) {
        hash.update(chunk);
      }
      same += hash.digest('hex') === expected ? 1 : 0;
    }
  }
  if (same !== hashes.size) {
    throw new BackupError(
      'READ_FAILED',
      'What was written into the volume is not what was to be written.',
      'Check its disk, then try again.',
    );
  }
}

/** What was written is on the disk before what it replaces goes: of a Docker in a virtual machine nobody can ask that. */
async function syncAll(): Promise<void> {
  if (!here.isWindows) {
    await promisify(execFile)('sync', [], { timeout: SYNC_MS }).catch(() => undefined);
  }
}

type Opener = (place: DeliveredPlace) => Promise<Inside | null>;

function isEnd(state: DeliveryRecord['state']): state is Outcome {
  return state === 'delivered' || state === 'back' || state === 'lost';
}

/** By what is there: a database that was replaced stays, everything else goes back. */
async function settle(docker: Docker, record: DeliveryRecord, keeper: RecordKeeper, open: Opener): Promise<Outcome> {
  if (isEnd(record.state)) {
    return record.state;
  }
  const outcome = (await isGone(docker, record)) ? 'lost' : record.state === 'swapping' ? await outcomeOf(record, open) : 'back';
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
async function attempt(work: () => Promise<void>, failures: string[]): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    failures.push(`What was prepared in the volume could not be removed: ${reportOf(error).message}`);
    return false;
  }
}

/** After a replacement, before anybody opens the database: what SQLite had beside the old one. */
async function clearSides(record: DeliveryRecord, open: Opener): Promise<void> {
  for (const place of record.state === 'delivered' ? record.places : []) {
    const inside = await open(place);
    await (inside === null ? Promise.resolve() : removeSides(inside, place));
  }
}

async function removeStages(record: DeliveryRecord, open: Opener): Promise<void> {
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
  if (record === null || (isEnd(record.state) && record.containers.length === 0 && record.places.length === 0)) {
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
  const names = record.containers.map(({ name }) => name).join(', ');
  const failures = await startAll(docker, record.containers);
  record.containers = [];
  writeRecord(keeper, record);
  return [...(names === '' ? [] : [`Containers that an interrupted restore had stopped were started again: ${names}.`]), ...failures];
}
