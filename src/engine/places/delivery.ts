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
import type { Docker } from './docker';
import { Inside } from './inside';
import { writeRecord, type DeliveredPlace, type DeliveryRecord, type RecordKeeper } from './record';
import { startAll, stopAll, writersTo } from './stopping';
import { attempt, clearSides, isEnd, removeStages, settle, type Opener, type Outcome } from './settle';
import { belongsTo, keepOld, stageOf, stateOf, swapDatabase, swapUploads } from './swap';
import type { NewEntry } from './tar-writer';
import { closeLeft, findHome, openHomes, requireSame, type Home } from './volume';

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
    const started = await startAll(this.docker, record.containers);
    failures.push(...started.failures);
    record.containers = [...started.left];
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
