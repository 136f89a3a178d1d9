// Which backup is to be read again in the background, and when to look again.
import type { BackupEntry } from '../../engine/engine';

const DAY_MS = 24 * 60 * 60 * 1000;
/** One after the other, with time between them for everything else. */
const NEXT_MS = 60_000;

export interface VerificationFacts {
  /** Days after which the content of a backup counts as unknown; 0: nothing is read. */
  readonly days: number;
  readonly backups: readonly BackupEntry[];
  /** When this window last tried, by name, in milliseconds: a record cannot be kept everywhere. */
  readonly triedAt: ReadonlyMap<string, number>;
  readonly now: Date;
}

export interface VerificationDecision {
  /** The backup to be read; null: none is due. */
  readonly name: string | null;
  /** Milliseconds until the question is to be asked again; null: not before the setting changes. */
  readonly askAgainMs: number | null;
}

/** The longest unread one first. What is known to be damaged, or is no whole backup, is not read again. */
export function decideVerification({ days, backups, triedAt, now }: VerificationFacts): VerificationDecision {
  if (!Number.isFinite(days) || days <= 0) {
    return { name: null, askAgainMs: null };
  }
  const interval = days * DAY_MS;
  const candidates = backups
    .filter(({ status, verification }) => status === 'ok' && verification?.ok !== false)
    .map((entry) => ({ name: entry.name, age: now.getTime() - Math.max(lastReadAt(entry, now), triedAt.get(entry.name) ?? -Infinity) }))
    .sort((a, b) => b.age - a.age);
  const [oldest] = candidates;
  if (oldest === undefined || oldest.age < interval) {
    return { name: null, askAgainMs: Math.max(NEXT_MS, interval - (oldest?.age ?? 0)) };
  }
  return { name: oldest.name, askAgainMs: NEXT_MS };
}

/** What was made or read lately need not be read; times in the future say nothing. */
function lastReadAt({ manifest, verification }: BackupEntry, now: Date): number {
  const made = manifest?.uploads_included === false ? manifest.created_at : manifest?.content_read_at;
  const times = [verification?.readAt, made].map((time) => Date.parse(time ?? '')).filter((time) => time <= now.getTime());
  return Math.max(-Infinity, ...times);
}
