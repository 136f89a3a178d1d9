// Which other backup is proposed in the place of a damaged one. Knows no editor.
import type { BackupEntry } from '../../engine/engine';
import { momentOf } from '../text/time';

/** The good one that was made at the nearest moment and holds the same parts; null: there is none. */
export function nearestGood(backups: readonly BackupEntry[], name: string): BackupEntry | null {
  const damaged = backups.find((entry) => entry.name === name);
  const wanted = timeOf(damaged);
  const distance = (entry: BackupEntry): number => Math.abs(timeOf(entry) - wanted);
  const fitting = backups.filter((entry) => entry.name !== name && isGood(entry) && holdsAsMuch(entry, damaged));
  return fitting.reduce<BackupEntry | null>((best, entry) => (best === null || distance(entry) < distance(best) ? entry : best), null);
}

/** What was kept before a restore is what somebody wanted to get away from. */
function isGood({ status, manifest, verification }: BackupEntry): boolean {
  return (
    status === 'ok' &&
    manifest?.trigger !== 'safety' &&
    manifest?.database?.damaged !== true &&
    verification?.ok !== false &&
    (manifest?.partial ?? []).length === 0
  );
}

function holdsAsMuch({ manifest }: BackupEntry, wanted: BackupEntry | undefined): boolean {
  const hasDatabase = typeof manifest?.database_file === 'string' || typeof wanted?.manifest?.database_file !== 'string';
  return hasDatabase && (manifest?.uploads_included === true || wanted?.manifest?.uploads_included !== true);
}

/** One whose moment nobody knows is as good as the newest. */
function timeOf(entry: BackupEntry | undefined): number {
  return (entry?.manifest && momentOf(entry.manifest))?.getTime() ?? Date.now();
}
