// What became of a restore whose process ended under it: the journal and the backups say so, and nobody guesses.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupEntry, Engine, ProjectRequest, Recovery, RestoreResult } from '../engine/engine';
import { BackupError, cancelled } from '../engine/errors';
import { warning } from '../engine/warnings';
import type { Beginning } from './beginning';
import { said } from '../engine/said';

/** The end of a process under a restore. */
export interface EndedUnder {
  readonly beginning: Beginning;
  /** It was ended because the user had cancelled, and it did not hear. */
  readonly wasCancelled: boolean;
  readonly cause: unknown;
  /** What a person does to have the rest settled, in the words of the place where it is read. */
  readonly recover: string;
}

type Answers = Pick<Engine, 'recover' | 'list' | 'status'>;

/** Another run that has the lock settles what was left, or waits for a person itself. */
const PATIENCE = 60_000;
const LOOK_AGAIN = 500;

/**
 * Has another process finish the restore or take it back. Returns the result of one that took place; otherwise fails with
 * what is true: it did not (ENGINE_STOPPED, CANCELLED), it waits for somebody (RESTORE_INTERRUPTED), or nobody can tell yet.
 */
export async function restoreAftermath(engine: Answers, project: ProjectRequest, ended: EndedUnder): Promise<RestoreResult> {
  const { beginning, wasCancelled, cause, recover } = ended;
  const recovery = await settled(engine, project).catch(() => null);
  const backups = await engine.list(project).then(
    (list) => list.backups,
    () => null,
  );
  if (recovery === null || recovery.isBusy === true || backups === null) {
    throw new BackupError(
      'RESTORE_INTERRUPTED',
      'The backup engine stopped during the restore, and it could not be found out yet whether the data was replaced.',
      said`${recover} It finishes the restore or takes it back, and says which.`,
      { cause },
    );
  }
  if (recovery.waiting !== null) {
    const { message, remedy } = recovery.waiting;
    throw new BackupError('RESTORE_INTERRUPTED', said`The backup engine stopped during the restore. ${message}`, remedy, { cause });
  }
  const safety = backups.find((entry) => isSafetyOf(entry) && beginning.isNew(entry.name));
  if (safety !== undefined) {
    return resultOf(engine, project, safety);
  }
  throw wasCancelled
    ? cancelled()
    : new BackupError(
        'ENGINE_STOPPED',
        ['The backup engine stopped, and the restore did not take place: the data is as it was before.', ...recovery.actions].join(' '),
        'Try again. The log says why the engine stopped.',
        { cause },
      );
}

/** What the first run after it did; waits for another one that has the lock. */
export async function settled(engine: Pick<Engine, 'recover'>, project: ProjectRequest): Promise<Recovery> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const recovery = await engine.recover(project, {});
    if (recovery.isBusy !== true || Date.now() > deadline) {
      return recovery;
    }
    await sleep(LOOK_AGAIN);
  }
}

/** A restore that did not take place leaves no safety backup: one that is there, and new, is that of this restore. */
function isSafetyOf({ name, manifest }: BackupEntry): boolean {
  return (
    manifest?.trigger === 'safety' && manifest.safety !== undefined && manifest.backup_name === name && manifest.imported_at === undefined
  );
}

async function resultOf(engine: Answers, project: ProjectRequest, { name, manifest }: BackupEntry): Promise<RestoreResult> {
  const status = await engine.status(project).catch(() => null);
  return {
    restored: manifest?.safety?.restored ?? '',
    safetyBackup: name,
    revisionBefore: manifest?.migrations?.revisions.join(', ') || null,
    revisionAfter: status?.revisions.join(', ') || null,
    commands: [],
    warnings: [
      warning('CLEAN_UP_FAILED', 'The backup engine stopped when everything had been replaced: the restore is done, and was cleaned up.'),
    ],
  };
}
