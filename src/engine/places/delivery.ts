// Brings copies that were changed on this machine back into the containers that they are from: all of it, or nothing.
import { rmSync } from 'node:fs';
import { posix } from 'node:path';
import { BackupError, reportOf } from '../errors';
import type { Docker } from './docker';
import { Inside } from './inside';
import { writeRecord, type DeliveredPlace, type DeliveryRecord, type RecordKeeper } from './record';
import { attempt, clearSides, isEnd, removeStages, settle, type Opener, type Outcome } from './settle';
import { indexOfCopy, planFor, stageAt, syncAll, type CopiedPlace, type OpenPlace } from './staging';
import { startAll, stopAll, writersTo } from './stopping';
import { stageOf, swapDatabase, swapUploads } from './swap';
import { findHome, openHomes, requireSame, type Home } from './home';
import { closeLeft } from './volume';
import { said } from '../said';

const ATTEMPTS = 3;

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
          said`The container ${others[0]?.name ?? ''} keeps being started.`,
          'Nothing was changed. Stop whatever starts it, then restore again.',
        );
      }
      const known = new Set(this.#record.containers.map(({ id: each }) => each));
      this.#record.containers.push(...others.filter(({ id: each }) => !known.has(each)));
      this.#write();
      await stopAll(this.docker, others);
    }
    // What is replaced is copied now: that times and sizes are as they were is not enough for that.
    this.#forget();
    await this.refresh(homes.map(({ container }) => container));
    // From here on they are not what was copied.
    this.#forget();
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
      const planned = await planFor(this.#open);
      record.places = planned.map(({ place }) => place);
      record.state = 'staging';
      this.#write();
      for (const { place, open } of planned) {
        await stageAt(record.id, place, open);
      }
      await syncAll();
      await this.#requireNobody();
      record.state = 'swapping';
      this.#write();
      for (const { place, open } of planned) {
        await (place.database === null ? swapUploads : swapDatabase)(open.inside, place, stageOf(record.id, place));
      }
      await syncAll();
      record.state = 'delivered';
      this.#write();
    } catch (error) {
      const outcome = await this.#settled(error);
      if (outcome === 'lost') {
        throw new BackupError(
          'RESTORE_INTERRUPTED',
          said`${reportOf(error).message} What was to be replaced was changed or removed meanwhile.`,
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

  #forget(): void {
    for (const { target } of this.places) {
      rmSync(`${target}.stamp`, { force: true });
    }
  }

  async #homes(): Promise<readonly Home[]> {
    return Promise.all(this.places.map(async ({ place, isDatabase }) => findHome(this.docker, place, !isDatabase)));
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

  /** Somebody may have started a container since. */
  async #requireNobody(): Promise<void> {
    const [other] = await writersTo(
      this.docker,
      this.#open.map(({ home }) => home),
    );
    if (other !== undefined) {
      throw new BackupError(
        'DATABASE_LOCKED',
        said`The container ${other.name} was started meanwhile.`,
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
        said`${reportOf(failure).message} Going back did not succeed either. ${message}`,
        'Start Docker, then run "pats-backup recover".',
        { cause: failure },
      );
    }
  }
}
