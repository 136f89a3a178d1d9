// Tables that need not be read, because their digests say that both states hold the same in them.
import { throwIfCancelled, type OperationOptions } from '../operation';
import { digestTables, type TableDigest } from '../sqlite/digest';
import type { ProjectState } from './state';

/** Their numbers of rows, by name in small letters. Where only one state has digests, those of the other are made. */
export async function equalTables(from: ProjectState, to: ProjectState, { signal }: OperationOptions): Promise<Map<string, number>> {
  if (from.digests.length + to.digests.length === 0) {
    return new Map();
  }
  const of = async ({ digests, database }: ProjectState): Promise<Map<string, TableDigest>> => {
    const made =
      database === null || digests.length > 0
        ? digests
        : await digestTables(database, () => {
            throwIfCancelled(signal);
          });
    return new Map(made.map((digest) => [digest.name.toLowerCase(), digest]));
  };
  const [before, after] = [await of(from), await of(to)];
  const same = [...before].filter(([name, { sha256, rows }]) => {
    const other = after.get(name);
    return other?.sha256 === sha256 && other.rows === rows;
  });
  return new Map(same.map(([name, { rows }]) => [name, rows]));
}
