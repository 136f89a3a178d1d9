// A cheap answer to "has the live database been written since?": sizes and times of its files.
import { statSync } from 'node:fs';
import { resolvedPath } from '../files/paths';

/** Equal fingerprints: nobody wrote. Different ones: somebody may have. */
export function fingerprintOf(database: string): string[] {
  const file = resolvedPath(database);
  return ['', '-wal', '-journal'].map((suffix) => {
    const stats = statSync(file + suffix, { bigint: true, throwIfNoEntry: false });
    // An empty log says nothing: opening a database may leave one.
    return stats === undefined || (suffix !== '' && stats.size === 0n) ? '-' : `${stats.size}:${stats.mtimeNs}`;
  });
}
