// What the backup protocols need from outside: the file system, the clock, and who listens to their named steps.
import { realDisk, type Disk } from '../files/disk';
import type { Platform } from '../platform/platform';

/** In the order in which they are reached; a process may die at any of them. */
export const BACKUP_STEPS = [
  'locked',
  'stage-made',
  'snapshot-taken',
  'uploads-copied',
  'checked',
  'manifest-written',
  'published',
] as const;
export const RESTORE_STEPS = [
  'verified',
  'staged',
  'prepared',
  'safety-taken',
  'committing',
  'uploads-cleared',
  'uploads-placed',
  'database-replaced',
  'restored',
  'done',
  'cleaned',
] as const;
/** Reached between "uploads-placed" and "database-replaced" when somebody has committed since the safety backup. */
export const RETAKE_STEPS = ['locked-out', 'safety-given-up', 'safety-retaken'] as const;
/** Of deleting and pruning: before the first backup goes, and after each. */
export const REMOVAL_STEPS = ['removing', 'removed'] as const;
export type Step =
  (typeof BACKUP_STEPS)[number] | (typeof RESTORE_STEPS)[number] | (typeof RETAKE_STEPS)[number] | (typeof REMOVAL_STEPS)[number];

export interface Environment {
  readonly disk: Disk;
  /** The rules of the system; those of this one unless told. */
  readonly platform?: Platform;
  /** Milliseconds for which a restore waits for programs that use the database; some seconds unless told. */
  readonly patience?: number;
  now(): Date;
  /** Hears every step as it is reached. */
  step(name: Step): void;
  /** Called before anything is changed that others see. Fails with CANCELLED when somebody was told already that nothing was. */
  beginChange?(): void;
  /** Hears what an operation that reads put in order first, in words, and what waits to be. */
  onRecovered?(actions: readonly string[], waiting: { readonly message: string; readonly remedy: string } | null): void;
}

export const realEnvironment: Environment = {
  disk: realDisk,
  now: () => new Date(),
  step: () => undefined,
};
