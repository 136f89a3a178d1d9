// Writes a dump and reads it back into a database aside, at the same time where that is worth it.
import { existsSync, statSync } from 'node:fs';
import { Loader, loadDumpApart, PROGRAM, removeLoaded } from './apart';
import type { LoadOptions } from './load';
import { writeDump, type WriteDumpOptions, type WrittenDump } from './write';

/** Bytes of a database from which on its dump is read back while it is written. */
const WORTH_FOLLOWING = 4 * 1024 * 1024;
/** A dump of less is read back with a limit of time, which its length tells. */
const SMALL_DUMP = 1024 * 1024;

/** What was written, and what became of it when it was read. */
export interface ReadBack {
  readonly written: WrittenDump;
  /** Fulfilled when all of it is in the other database; SQLite may still be checking that. */
  readonly filled: Promise<unknown>;
  /** Fulfilled when it passed the checks, too. To be waited for. */
  readonly checked: Promise<unknown>;
}

/**
 * Dumps the database at rest into the new file `dump` and loads that into the new database `loaded`. Fails as `writeDump` does,
 * and what it promises as `loadDump` does; the database that was loaded is the caller's to remove.
 */
export async function writeAndReadBack(databaseFile: string, dump: string, loaded: string, options: WriteDumpOptions): Promise<ReadBack> {
  const isFollowed =
    options.compression === undefined && statSync(databaseFile).size >= WORTH_FOLLOWING && existsSync(PROGRAM) && !existsSync(loaded);
  const written = isFollowed ? await followed(databaseFile, dump, loaded, options) : await writeDump(databaseFile, dump, options);
  if ('filled' in written) {
    return written;
  }
  const checked = loadDumpApart(dump, loaded, { ...options, isForALook: true });
  checked.catch(() => undefined);
  return { written, filled: checked, checked };
}

/** A small dump is not read back yet: that is to be done with its limit. */
async function followed(databaseFile: string, dump: string, loaded: string, options: WriteDumpOptions): Promise<ReadBack | WrittenDump> {
  let isWritten = false;
  let onFilled: () => void = () => undefined;
  const full = new Promise<void>((resolve) => (onFilled = resolve));
  const onProgress: LoadOptions['onProgress'] = (progress) => {
    // Of two things at once people are told of the one that they asked for.
    if (isWritten) {
      options.onProgress?.(progress);
    }
  };
  const { signal } = options;
  const loader = new Loader(
    { dump, target: loaded, budget: null, isGrowing: true, isForALook: true },
    { ...(signal && { signal }), onProgress, onFilled },
  );
  try {
    let length = 0;
    const written = await writeDump(databaseFile, dump, {
      ...options,
      onWritten: (now) => {
        length = now;
        loader.reached(now, false);
      },
    });
    isWritten = true;
    if (length <= SMALL_DUMP) {
      loader.end();
      await loader.gone;
      removeLoaded(loaded);
      return written;
    }
    loader.reached(length, true);
    const checked = loader.loaded.finally(loader.end);
    checked.catch(() => undefined);
    const filled = Promise.race([full, checked]);
    filled.catch(() => undefined);
    return { written, filled, checked };
  } catch (error) {
    loader.end();
    await loader.gone;
    throw error;
  }
}
