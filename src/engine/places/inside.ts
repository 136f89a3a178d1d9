// A folder in a volume, changed through the archives that Docker unpacks there: no program of the image is run for it.
import { posix } from 'node:path';
import { BackupError } from '../errors';
import { FOLDER_BIT, type Docker, type PathStat } from './docker';
import { readTar, type TarEntry } from './tar';
import { tarOf, tarStream, type Attributes, type NewEntry } from './tar-writer';
import { said } from '../said';

type Small = Exclude<NewEntry, { readonly kind: 'file' }>;

const AT_ONCE = 4;
const NOBODY: Attributes = { mode: 0o700, uid: 0, gid: 0, mtime: 0n };

export class Inside {
  constructor(
    readonly docker: Docker,
    readonly container: string,
    readonly root: string,
  ) {}

  #at(path: string): string {
    return posix.join(this.root, path);
  }

  async stat(path: string): Promise<PathStat | null> {
    return this.docker.stat(this.container, this.#at(path));
  }

  async isFolder(path: string): Promise<boolean> {
    return ((await this.stat(path))?.mode ?? 0) >= FOLDER_BIT;
  }

  /** What stands in front of its bytes; null: there is nothing. */
  async entry(path: string): Promise<TarEntry | null> {
    const archive = await this.docker.archive(this.container, this.#at(path));
    if (archive === null) {
      return null;
    }
    try {
      for await (const entry of readTar(archive)) {
        return entry;
      }
      return null;
    } finally {
      archive.destroy();
    }
  }

  /** All entries of a folder, with `path` below it; null: there is none. */
  async *entries(path: string): AsyncGenerator<TarEntry> {
    const archive = await this.docker.archive(this.container, this.#at(path));
    if (archive === null) {
      return;
    }
    try {
      for await (const entry of readTar(archive)) {
        const at = entry.path.indexOf('/');
        if (at >= 0) {
          yield { ...entry, path: entry.path.slice(at + 1) };
        }
      }
    } finally {
      archive.destroy();
    }
  }

  /** Entries without bytes: sent, and so done, in one go. What is in an entry's way is replaced, whole folders too. */
  async put(entries: readonly Small[]): Promise<void> {
    if (entries.length > 0) {
      await this.docker.put(this.container, this.root, tarOf(entries));
    }
  }

  async write(entries: Iterable<NewEntry>): Promise<void> {
    await this.docker.put(this.container, this.root, tarStream(entries));
  }

  /** Makes the root itself, for the owner of the folder above. */
  async makeRoot(): Promise<void> {
    let above = posix.dirname(this.root);
    while ((await this.docker.stat(this.container, above)) === null && above !== '/') {
      above = posix.dirname(above);
    }
    const { uid, gid, mode } = (await new Inside(this.docker, this.container, above).entry('')) ?? { uid: 0, gid: 0, mode: 0o755 };
    const parts = posix.relative(above, this.root).split('/');
    const entries = parts.map((_part, index) => ({
      kind: 'folder' as const,
      path: parts.slice(0, index + 1).join('/'),
      ...{ uid, gid, mode, mtime: BigInt(Date.now()) * 1_000_000n },
    }));
    await this.docker.put(this.container, above, tarOf(entries));
  }

  /** Fails with READ_FAILED where the path is there all the same. */
  async remove(path: string): Promise<void> {
    if ((await this.stat(path)) === null) {
      return;
    }
    const failure = await this.#makeWay(path);
    if ((await this.stat(path)) !== null) {
      throw notRemoved(path, failure);
    }
  }

  /** The same for many that are there; looked at once, at the end. */
  async removeAll(paths: readonly string[]): Promise<void> {
    const left = new Set(paths);
    let failure: unknown;
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      [failure] = await Promise.all(paths.slice(at, at + AT_ONCE).map(async (path) => this.#makeWay(path)));
    }
    for await (const { path } of left.size === 0 ? [] : this.entries('')) {
      if (left.has(path)) {
        throw notRemoved(path, failure);
      }
    }
  }

  /**
   * Docker has no request that removes something. But it makes way for an entry before it makes it: a hard link to what
   * is not there can never be made. Gives its failure.
   */
  async #makeWay(path: string): Promise<unknown> {
    return this.put([{ kind: 'hard link', path, target: `.pats-restore-nothing-${process.pid}`, ...NOBODY }]).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}

function notRemoved(path: string, cause: unknown): BackupError {
  return new BackupError(
    'READ_FAILED',
    said`${posix.basename(path)} in the volume could not be removed.`,
    'Look at the container with "docker compose ps", then try again.',
    { cause },
  );
}
