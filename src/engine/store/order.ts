// The order of the backups in a folder: by time, and by number where the clock jumped.
import type { Manifest } from './manifest';

interface Ordered {
  readonly name: string;
  readonly manifest?: Manifest;
}

/** More backups than anybody makes: what lies beyond was written by somebody else, and would leave no room for the next number. */
const GREATEST_SEQUENCE = 1_000_000_000;

/** A backup's place in the order of the folder; undefined: it has none, or none that can be believed. */
function sequenceOf(manifest: Manifest | undefined): number | undefined {
  const { sequence } = manifest ?? {};
  return sequence === undefined || sequence > GREATEST_SEQUENCE ? undefined : sequence;
}

/** The place of the next backup. */
export function nextSequence(entries: readonly Pick<Ordered, 'manifest'>[]): number {
  return 1 + entries.reduce((greatest, { manifest }) => Math.max(greatest, sequenceOf(manifest) ?? 0), 0);
}

/** When a backup was made, in milliseconds since 1970. */
export function createdAt(manifest: Manifest): number {
  const time = Date.parse(manifest.created_at);
  return Number.isNaN(time) ? timeOfTimestamp(manifest.timestamp) : time;
}

/**
 * By time, except that backups that carry a sequence number keep its order when the clock jumped back between them.
 * Incomplete folders without a manifest come last.
 */
export function newestFirst<Entry extends Ordered>(entries: readonly Entry[]): Entry[] {
  const madeAt = ({ manifest }: Ordered): number => (manifest === undefined ? -Infinity : createdAt(manifest));
  // Folders that were filled apart may hold the same numbers.
  const numbered = entries
    .filter((entry) => sequenceOf(entry.manifest) !== undefined)
    .sort((a, b) => (sequenceOf(a.manifest) ?? 0) - (sequenceOf(b.manifest) ?? 0) || madeAt(a) - madeAt(b) || a.name.localeCompare(b.name));
  const effective = new Map<Entry, number>();
  let latest = -Infinity;
  for (const entry of numbered) {
    latest = Math.max(latest, madeAt(entry));
    effective.set(entry, latest);
  }
  const timeOf = (entry: Entry): number => effective.get(entry) ?? madeAt(entry);
  const placeOf = (entry: Entry): number => sequenceOf(entry.manifest) ?? -1;
  return [...entries].sort((a, b) => compare(timeOf(b), timeOf(a)) || placeOf(b) - placeOf(a) || b.name.localeCompare(a.name));
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function timeOfTimestamp(timestamp: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/.exec(timestamp) ?? [];
  return new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)).getTime() || 0;
}
