// Whether a scheduled backup is due, and when to look again.
const HOUR_MS = 60 * 60 * 1000;
/** What has not changed may change at any time. */
const LOOK_AGAIN_MS = 10 * 60 * 1000;

export interface ScheduleFacts {
  /** Hours between backups; 0: no schedule. */
  readonly hours: number;
  /** The newest good backup; null: none. */
  readonly lastBackupAt: Date | null;
  /** Whether the live data differ from it; null: unknown. */
  readonly changed: boolean | null;
  readonly now: Date;
}

export interface ScheduleDecision {
  readonly backUp: boolean;
  /** Milliseconds until the question is to be asked again; null: not before the setting changes. */
  readonly askAgainMs: number | null;
}

/** Unknown counts as changed. A backup from the future (a clock that was set back) counts as made now. */
export function decideSchedule({ hours, lastBackupAt, changed, now }: ScheduleFacts): ScheduleDecision {
  if (!Number.isFinite(hours) || hours <= 0) {
    return { backUp: false, askAgainMs: null };
  }
  const interval = hours * HOUR_MS;
  const age = lastBackupAt === null ? interval : Math.max(0, now.getTime() - lastBackupAt.getTime());
  if (age < interval) {
    return { backUp: false, askAgainMs: interval - age };
  }
  return changed === false ? { backUp: false, askAgainMs: Math.min(interval, LOOK_AGAIN_MS) } : { backUp: true, askAgainMs: interval };
}
