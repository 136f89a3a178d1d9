// Tables that need not be read, because both manifests say that they hold the same.
import { folded } from '../sqlite/same-name';
import type { ProjectState } from './state';

/** Their numbers of rows, by name in small letters. To make digests of what has none takes as long as to compare it. */
export function equalTables(from: ProjectState, to: ProjectState): Map<string, number> {
  const after = new Map(to.digests.map((digest) => [folded(digest.name), digest]));
  const same = from.digests.filter(({ name, sha256, rows }) => {
    const other = after.get(folded(name));
    return other?.sha256 === sha256 && other.rows === rows;
  });
  return new Map(same.map(({ name, rows }) => [folded(name), rows]));
}
