// Watches the live database from before its safety backup until it is replaced, in the way that fits what it is.
import { fingerprintOf } from '../create/fingerprint';
import { BackupError } from '../errors';
import { here } from '../platform/platform';
import { backToWal, ChangedMeanwhile, LastLook } from '../sqlite/last-look';
import { sideFileProblem } from '../sqlite/side-files';
import { isLeftBehind, visitDatabase } from '../sqlite/visit';
import { isBroken, type ReplaceMode } from './target';

/** A database that SQLite can open is watched through SQLite; any other file by sizes and times. */
export class LiveWatch {
  private last: LastLook | null = null;
  private fingerprint = '';
  private version: number | null = null;
  private isInOrder = false;

  constructor(
    private readonly live: string | null,
    private readonly mode: ReplaceMode | null,
    /** Windows renames nothing that is open, also by ourselves. */
    private readonly mustLetGo = here.isWindows,
  ) {}

  /** From now on a commit counts. What an application that crashed has left is not opened yet: nobody has it open. */
  mark(): void {
    this.close();
    if (this.live === null) {
      return;
    }
    this.fingerprint = fingerprintOf(this.live).join();
    if (isSound(this.live) && !isLeftBehind(this.live)) {
      this.open(this.live);
    }
  }

  /**
   * When the safety backup is taken and nothing has changed: a database that is replaced through SQLite is open from here
   * on. Returns its schema version; null: it is replaced as a file. The first time that SQLite puts in order what a crashed
   * application has left, it fails with ChangedMeanwhile: nobody could tell that from a commit of this very moment.
   */
  ready(): number | null {
    if (this.last === null && this.live !== null && this.mode === 'in-place') {
      // What SQLite will not read goes when it opens the database: only the safety backup that is there holds it.
      const isSpoilt = sideFileProblem(this.live) !== null;
      this.open(this.live);
      if (!this.isInOrder && !isSpoilt) {
        this.isInOrder = true;
        throw new ChangedMeanwhile();
      }
    }
    return this.version;
  }

  private open(live: string): void {
    const look = new LastLook(live);
    try {
      this.version = look.mark();
      this.last = look;
    } catch (error) {
      look.close();
      if (this.mode === 'in-place' || !isBroken(error)) {
        throw error;
      }
    }
  }

  hasChanged(): boolean {
    return this.last === null ? this.live !== null && fingerprintOf(this.live).join() !== this.fingerprint : this.last.hasChanged();
  }

  /** Whether the replacement looks itself when it has the lock, and keeps what was written until then. */
  get looksAgain(): boolean {
    return this.last !== null && this.mode === 'in-place';
  }

  /** For a replacement through SQLite, which looks itself when it has the lock. */
  look(): LastLook {
    if (this.last === null) {
      throw new Error('The live database is not watched through SQLite.');
    }
    return this.last;
  }

  /** Runs `work` while nobody can commit, as far as there is anybody who could; false: somebody did, and it was not run. */
  async alone(work: () => Promise<void>): Promise<boolean> {
    const done = async (): Promise<true> => {
      await work();
      return true;
    };
    if (this.last === null) {
      return this.hasChanged() ? false : done();
    }
    // A program that has it open would go on writing to a file that is no longer there; the log would be another one's.
    try {
      if (this.last.isWal && !this.last.leaveWal()) {
        return false;
      }
    } catch (error) {
      if (!isBroken(error)) {
        throw error;
      }
      // No program can use what SQLite itself cannot take out of its mode: it is replaced as the file that it is.
      const isSame = !this.last.hasChanged();
      this.close();
      return isSame ? done() : false;
    }
    return this.mustLetGo ? await this.afterLettingGo(this.last, done) : ((await this.last.alone(done)) ?? false);
  }

  /** Nobody can commit while we look. What somebody commits in the instant in which it is closed is told by sizes and times. */
  private async afterLettingGo(last: LastLook, work: () => Promise<true>): Promise<boolean> {
    const live = this.live ?? '';
    const seen = await last.alone(() => Promise.resolve(fingerprintOf(live).join()));
    if (seen === null) {
      return false;
    }
    const { hasLeftWal } = last;
    last.letGo();
    this.last = null;
    this.fingerprint = seen;
    let isDone = false;
    try {
      isDone = !this.hasChanged() && (await work());
      return isDone;
    } finally {
      if (!isDone && hasLeftWal) {
        backToWal(live);
      }
    }
  }

  close(): void {
    this.last?.close();
    this.last = null;
    this.version = null;
  }
}

/** Looked at as every reader does: what SQLite might repair or remove beside a damaged file is left alone. */
function isSound(live: string): boolean {
  try {
    visitDatabase(live, (db) => db.prepare('SELECT count(*) FROM sqlite_schema').get());
    return true;
  } catch (error) {
    if (error instanceof BackupError && error.code === 'DATABASE_LOCKED') {
      throw error;
    }
    return false;
  }
}
