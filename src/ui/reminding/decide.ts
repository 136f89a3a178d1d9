// Whether to remind of a backup, to take it, to offer another state or to keep still: the rules, without the editor.
import type { BackupEntry, Status } from '../../engine/engine';
import type { Occasion } from '../text/reminder';

/** The setting patsBackup.beforeMigration. */
export type BeforeMigration = 'remind' | 'backup' | 'off';

export interface Situation {
  readonly mode: BeforeMigration;
  readonly occasion: Occasion;
  readonly status: Status;
  /** State keys of which the user was told before. */
  readonly told: readonly string[];
  /** A message of the kind is on the screen, unanswered. */
  readonly isAsked: boolean;
  /** An operation is running, whose end is a better moment to decide. */
  readonly isBusy: boolean;
}

export type Decision = 'nothing' | 'later' | 'remind' | 'backup';

/** Before a migration: one word per state, and only while that state has no backup. */
export function beforeMigration({ mode, occasion, status, told, isAsked, isBusy }: Situation): Decision {
  const hasData = (status.database ?? status.databasePlace ?? null) !== null && status.state !== 'no-database';
  const isDue = occasion === 'command' || status.pending.length > 0;
  const isBackedUp = status.lastBackup !== null && status.changedSinceBackup === false;
  if (mode === 'off' || !hasData || !isDue || isBackedUp || told.includes(status.stateKey) || (mode === 'remind' && isAsked)) {
    return 'nothing';
  }
  return isBusy ? 'later' : mode;
}

/** Whether a migration is pending now that was not before. Without a state before, all of them are new. */
export function becamePending(before: Status | undefined, after: Status): boolean {
  const known = new Set(before?.pending.map(({ revision }) => revision));
  return after.pending.some(({ revision }) => !known.has(revision));
}

/** Whether the database has a revision that the files of this checkout do not know. */
export function isForeign({ state }: Status): boolean {
  return state === 'unknown-revision' || state === 'ahead' || state === 'diverged';
}

export interface Offer {
  /** The newest good backup whose revisions these files know; null: there is none. */
  readonly backup: BackupEntry | null;
}

/** After a branch switch: what to offer, once per state; null: nothing to say. `backups` are newest first. */
export function afterSwitch(status: Status, backups: readonly BackupEntry[], told: readonly string[], isBusy: boolean): Offer | null {
  if (!isForeign(status) || isBusy || told.includes(status.stateKey)) {
    return null;
  }
  return { backup: backups.find(isUsable) ?? null };
}

function isUsable({ status, manifest, relation }: BackupEntry): boolean {
  const isKnown = relation?.relation === 'equal' || relation?.relation === 'behind';
  return status === 'ok' && isKnown && typeof manifest?.database_file === 'string' && manifest.database?.damaged !== true;
}

/** How many states are remembered: old ones never come back, since a key holds the time of the last write. */
const REMEMBERED = 50;

/** The list with one more state. */
export function remembering(told: readonly string[], stateKey: string): readonly string[] {
  return [...told.filter((key) => key !== stateKey), stateKey].slice(-REMEMBERED);
}
