// Retention: which backups stay and which go, each with its reason. Decides only; `prune` carries it out.
import { isGood, isUndoTarget, type GoodBackup } from '../store/list';
import { createdAt } from '../store/order';
import type { Trigger } from '../store/terms';
import type { StoredFiles } from '../store/storage';
import type { BackupEntry } from '../store/list';
import { said } from '../said';

/** Every rule that is set keeps backups; what no rule keeps goes. Counts are backups, hours, days, ISO weeks, months. */
export interface RetentionPolicy {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  /** Keep what is younger than so many days. */
  readonly keepDays?: number;
  /** Bytes that all backups together may take; the oldest unprotected ones go until they do. */
  readonly maxBytes?: number;
}

export interface PruneDecision {
  readonly name: string;
  readonly action: 'keep' | 'remove';
  readonly reason: string;
}

export interface Retention {
  /** For every backup whose trigger has no policy of its own; null: those stay. */
  readonly general: RetentionPolicy | null;
  readonly perTrigger: Partial<Record<Trigger, RetentionPolicy>>;
}

/** What nobody asked for stays bounded even without a setting; what a person made stays until they say otherwise. */
export const DEFAULT_RETENTION: Retention = {
  general: null,
  perTrigger: {
    auto: { keepLast: 50 },
    'pre-migration': { keepLast: 20 },
    safety: { keepLast: 10 },
    scheduled: { keepLast: 20, keepDaily: 14 },
    agent: { keepLast: 20 },
  },
};

const DAY = 24 * 60 * 60 * 1000;

/**
 * Decides about every entry of the list (newest first, as `listBackups` gives it). Pinned backups, the newest good one,
 * the newest safety backup, damaged copies and incomplete folders always stay, and those in `irreplaceable`, which has
 * the reason for each.
 */
export function planRetention(
  entries: readonly BackupEntry[],
  retention: Retention,
  now: Date,
  stored: StoredFiles,
  irreplaceable: ReadonlyMap<string, string> = new Map(),
): PruneDecision[] {
  const decisions = new Map<string, PruneDecision>();
  const keep = (name: string, reason: string): void => {
    decisions.set(name, { name, action: 'keep', reason });
  };
  const good = entries.filter(isGood);
  for (const entry of entries) {
    const reason = protectedBecause(entry, good, irreplaceable);
    if (reason !== null) {
      keep(entry.name, reason);
    }
  }
  for (const [policy, group] of groupsOf(good, retention)) {
    const reasons = policy === null ? null : keptBy(policy, group, now);
    for (const entry of group.filter((each) => !decisions.has(each.name))) {
      const reason = reasons === null ? 'no retention is set for it' : reasons.get(entry.name);
      decisions.set(
        entry.name,
        reason === undefined
          ? { name: entry.name, action: 'remove', reason: notKept(policy, retention.perTrigger, entry) }
          : { name: entry.name, action: 'keep', reason },
      );
    }
  }
  const maxBytes = retention.general?.maxBytes;
  if (maxBytes !== undefined) {
    limitBytes(good, decisions, maxBytes, stored, irreplaceable);
  }
  return entries.map((entry) => decisions.get(entry.name) ?? { name: entry.name, action: 'keep', reason: 'it is not a complete backup' });
}

function protectedBecause(entry: BackupEntry, good: readonly GoodBackup[], irreplaceable: ReadonlyMap<string, string>): string | null {
  const { manifest } = entry;
  if (!isGood(entry) || manifest === undefined) {
    return 'it is not a complete backup: remove it by hand';
  }
  if (manifest.pinned === true) {
    return 'it is pinned';
  }
  if (manifest.database?.damaged === true) {
    return 'it holds a damaged database: remove it by hand';
  }
  if (good.find((each) => each.manifest.database?.damaged !== true && each.manifest.trigger !== 'safety')?.name === entry.name) {
    return 'it is the newest good backup';
  }
  if (good.find(isUndoTarget)?.name === entry.name) {
    return 'needed by Undo';
  }
  return irreplaceable.get(entry.name) ?? null;
}

/** Backups that share a policy, newest first. */
function groupsOf(good: readonly GoodBackup[], retention: Retention): [RetentionPolicy | null, GoodBackup[]][] {
  const groups = new Map<string, [RetentionPolicy | null, GoodBackup[]]>();
  for (const entry of good) {
    const { trigger } = entry.manifest;
    const own = trigger === undefined ? undefined : retention.perTrigger[trigger];
    const key = own === undefined ? '' : (trigger ?? '');
    const group = groups.get(key) ?? [own ?? retention.general, []];
    group[1].push(entry);
    groups.set(key, group);
  }
  return [...groups.values()].map(([policy, group]) => [policy !== null && hasRule(policy) ? policy : null, group]);
}

function hasRule(policy: RetentionPolicy): boolean {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepDays } = policy;
  return [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepDays].some((rule) => rule !== undefined);
}

/** Why none of the rules keeps it, in the words of the one rule where there is only one. */
function notKept(policy: RetentionPolicy | null, own: Retention['perTrigger'], { manifest: { trigger } }: GoodBackup): string {
  const { keepLast, ...others } = policy ?? {};
  if (keepLast === 1 && !hasRule(others)) {
    return 'only the newest one is kept';
  }
  if (keepLast === undefined || keepLast === 0 || hasRule(others)) {
    return 'not kept by any retention rule';
  }
  return trigger === undefined || own[trigger] === undefined ? said`older than the ${keepLast} newest backups` : OLDER[trigger](keepLast);
}

const OLDER: Readonly<Record<Trigger, (kept: number) => string>> = {
  manual: (kept) => said`older than the ${kept} newest backups that you created`,
  auto: (kept) => said`older than the ${kept} newest backups by scripts`,
  'pre-migration': (kept) => said`older than the ${kept} newest backups before migrations`,
  safety: (kept) => said`older than the ${kept} newest safety backups`,
  scheduled: (kept) => said`older than the ${kept} newest scheduled backups`,
  agent: (kept) => said`older than the ${kept} newest backups by coding agents`,
};

/** The first rule that keeps each backup, by name. */
function keptBy(policy: RetentionPolicy, group: readonly GoodBackup[], now: Date): Map<string, string> {
  const reasons = new Map<string, string>();
  const note = (name: string, reason: string): void => {
    if (!reasons.has(name)) {
      reasons.set(name, reason);
    }
  };
  for (const entry of group.slice(0, policy.keepLast ?? 0)) {
    note(entry.name, said`it is one of the last ${policy.keepLast ?? 0}`);
  }
  for (const entry of policy.keepDays === undefined ? [] : group) {
    if (now.getTime() - createdAt(entry.manifest) < (policy.keepDays ?? 0) * DAY) {
      note(entry.name, said`it is younger than ${policy.keepDays ?? 0} days`);
    }
  }
  const buckets: [number | undefined, (time: Date) => string, (bucket: string) => string][] = [
    [policy.keepHourly, hourOf, (hour) => said`it is the newest of its hour (${hour})`],
    [policy.keepDaily, dayOf, (day) => said`it is the newest of its day (${day})`],
    [policy.keepWeekly, weekOf, (week) => said`it is the newest of its week (${week})`],
    [policy.keepMonthly, monthOf, (month) => said`it is the newest of its month (${month})`],
  ];
  for (const [count, bucketOf, why] of buckets) {
    const seen = new Set<string>();
    for (const entry of group) {
      const bucket = bucketOf(new Date(createdAt(entry.manifest)));
      if (seen.size < (count ?? 0) && !seen.has(bucket)) {
        seen.add(bucket);
        note(entry.name, why(bucket));
      }
    }
  }
  return reasons;
}

function limitBytes(
  good: readonly GoodBackup[],
  decisions: Map<string, PruneDecision>,
  maxBytes: number,
  stored: StoredFiles,
  irreplaceable: ReadonlyMap<string, string>,
): void {
  const isKept = (entry: GoodBackup): boolean => decisions.get(entry.name)?.action === 'keep';
  for (const entry of [...good].reverse()) {
    if (storedBytes(good.filter(isKept), stored) <= maxBytes) {
      return;
    }
    if (isKept(entry) && protectedBecause(entry, good, irreplaceable) === null) {
      decisions.set(entry.name, {
        name: entry.name,
        action: 'remove',
        reason: said`all backups together take more than ${maxBytes} bytes`,
      });
    }
  }
}

function storedBytes(entries: readonly GoodBackup[], stored: StoredFiles): number {
  const files = new Map<string, number>();
  for (const entry of entries) {
    for (const [id, bytes] of stored.get(entry.name) ?? []) {
      files.set(id, bytes);
    }
  }
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const two = (value: number): string => String(value).padStart(2, '0');

function hourOf(time: Date): string {
  return `${dayOf(time)} ${two(time.getHours())}:00`;
}

function dayOf(time: Date): string {
  return `${monthOf(time)}-${two(time.getDate())}`;
}

function monthOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}`;
}

/** ISO 8601 week of the local date: weeks begin on Monday and belong to the year of their Thursday. */
function weekOf(time: Date): string {
  const thursday = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 4 - (time.getDay() || 7));
  const firstDay = new Date(thursday.getFullYear(), 0, 1);
  const week = Math.ceil(((thursday.getTime() - firstDay.getTime()) / DAY + 1) / 7);
  return `${thursday.getFullYear()}-W${two(week)}`;
}
