// One operation after the other on the same live data, inside this process; between processes there are locks.
import { resolvedPath } from './files/paths';

const last = new Map<string, Promise<unknown>>();

/** Runs `work` when all that was begun before on the same path has ended. */
export async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const key = resolvedPath(path);
  const before = last.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  const ended = mine.then(
    () => undefined,
    () => undefined,
  );
  last.set(key, ended);
  void ended.then(() => {
    if (last.get(key) === ended) {
      last.delete(key);
    }
  });
  return mine;
}

/** As `inTurn`, but not at all (null) while something runs on that path. */
export async function ifFree<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  return last.has(resolvedPath(path)) ? null : inTurn(path, work);
}
