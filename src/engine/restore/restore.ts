// Restores a backup: verify, journal, stage, safety backup, last look, replace, check. Whatever fails before it has happened goes back.
import { setImmediate } from 'node:timers/promises';
import { safetyName } from '../create/create';
import { retakeDatabase } from '../create/retake';
import { BackupError, reportOf } from '../errors';
import { requireFitting } from '../files/fitting';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { here } from '../platform/platform';
import type { Project } from '../project/project';
import { ChangedMeanwhile } from '../sqlite/last-look';
import type { TakenBack } from '../sqlite/take-back';
import { removeBackup } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { findGoodBackup, type GoodBackup } from '../store/list';
import { keepGood, verifyAndKeep } from '../verify/keep';
import { requireAllRead, type Verification } from '../verify/verify';
import { warningsOf } from '../warnings';
import { abandon, goBack, replaceEverything } from './commit';
import { noteLockedOut } from './contents';
import { settleDatabase } from './database';
import { isUnderWay, newId, newJournal, setState, writeJournal, type RestoreJournal } from './journal';
import { LiveWatch } from './live-watch';
import { requireNoObstacles } from './obstacles';
import {
  narrowed,
  NOTHING_TAKEN,
  partOf,
  partResult,
  partWarnings,
  restagePart,
  scopeOf,
  stagePart,
  type PartResult,
  type RestorePart,
} from './part';
import { afterwards, outcome, type SchemaAfter } from './outcome';
import { unfitNamesOf } from './unfit';
import { liveRevisions, missingFrom } from './plan';
import { plannedJournal, requireNoJournal, stageEverything } from './preparing';
import { isAboutBackup, readsUploadsOnce } from './read-once';
import { requireRoom } from './room';
import { takeSafetyBackup } from './safety';
import { requireSeen } from './seen';
import {
  keptWarnings,
  movedAwayWarnings,
  restoreTarget,
  targetProject,
  writableTarget,
  type RestoreParams,
  type RestoreTarget,
} from './target';
import { said } from '../said';

/** What would be found in what was checked a moment ago; its hash is compared again when it is staged. */
const SOUND: Verification = { problems: [], warnings: [], damaged: [], inUse: [] };

/** How often a safety backup is taken before an application that keeps writing is given the right of way. */
const ATTEMPTS = 3;

export interface RestoreResult extends SchemaAfter {
  /** Name of the backup that was restored. */
  readonly restored: string;
  /** Name of the safety backup that "undo" goes back to. */
  readonly safetyBackup: string;
  readonly revisionBefore: string | null;
  /** What came back, where only a part was restored. */
  readonly part?: PartResult;
}

/** Restores one backup. The caller holds the lock of the backups folder and has recovered what was left there. */
export async function restoreBackup(
  env: Environment,
  project: Project,
  params: RestoreParams,
  options: OperationOptions,
): Promise<RestoreResult> {
  const backup = await findGoodBackup(env.disk, project.backups, params.name);
  return restoreFrom(env, project, backup, params, options);
}

/** The steps of a restore, in their order; the backup may lie anywhere. */
export async function restoreFrom(
  env: Environment,
  project: Project,
  backup: GoodBackup,
  params: Omit<RestoreParams, 'name'>,
  options: OperationOptions,
): Promise<RestoreResult> {
  const part = partOf(params);
  const wish = async (): Promise<RestoreTarget> => narrowed(env, restoreTarget(project, backup, scopeOf(part, params.scope)), backup, part);
  const seen = await wish();
  const isReadOnce = readsUploadsOnce(project, seen, backup, params, part);
  const verification =
    backup.isForThis === true ? SOUND : await verifyAndKeep(env, project.backups, backup, 'full', options, isReadOnce ? 'normal' : 'full');
  requireAllRead(verification);
  refuseDamage(backup, verification.problems, params.ignoreDamage ?? false);
  env.step('verified');
  await requireNoJournal(env, project);
  const id = newId();
  const { delivery } = project;
  if (delivery !== undefined) {
    // Later is too late: an application that is stopped tidies its database up.
    await requireSeen(env, seen, params.seen);
  }
  // The application has gone on until now: what it has done is part of what is replaced.
  await delivery?.hold(id);
  const wanted = delivery === undefined ? seen : await wish();
  const aimed = targetProject(project, wanted);
  await requireRoom(env, aimed, wanted, backup, { isPart: part !== null, isAsListed: verification.problems.length === 0 });
  await requireNoObstacles(env, wanted);
  requireFitting(await unfitNamesOf(env, wanted, backup), 'Nothing was changed. Restore on the system where it was made, or on Linux.');
  const target = writableTarget(wanted, env.patience);
  const revisionBefore = liveRevisions(aimed).join(', ') || null;
  const journal = newJournal({
    id,
    ...(delivery && { container: delivery.key }),
    ...plannedJournal(backup.name, await safetyName(env, aimed), target),
  });
  const warnings = [
    ...verification.warnings,
    ...movedAwayWarnings(target),
    ...keptWarnings(target),
    ...missingFrom(backup, target),
    ...warningsOf('BACKUP_DAMAGED', verification.problems),
  ];
  let taken = NOTHING_TAKEN;
  try {
    await writeJournal(env.disk, project.backups, journal);
    warnings.push(...(await stageEverything(env, project.backups, journal, target, backup, params.ignoreDamage ?? false, options)));
    await (isReadOnce ? keepGood(env, project.backups, backup, 'full') : undefined);
    env.step('staged');
    throwIfCancelled(options.signal);
    await setState(env.disk, project.backups, journal, 'prepared');
    env.step('prepared');
    taken = await replaceUnchanged(env, aimed, journal, target, { part, seen: delivery === undefined ? params.seen : undefined }, options);
    await bringBack(env, aimed, journal);
  } catch (error) {
    const failure = await takenBack(env, project.backups, journal, error);
    if (isReadOnce && isAboutBackup(journal, failure)) {
      // Everything that is wrong with it is said and kept, not only what was met first.
      const found = await verifyAndKeep(env, project.backups, backup, 'full', options);
      requireAllRead(found);
      refuseDamage(backup, found.problems, false);
    }
    throw failure;
  }
  // The restore has happened: nothing from here on is a failure of it.
  warnings.push(...partWarnings(taken), ...(await afterwards(env, aimed, journal)));
  warnings.push(...warningsOf('NOT_STARTED', (await delivery?.release()) ?? []));
  const result = { restored: backup.name, safetyBackup: journal.safetyBackup, revisionBefore, ...(await outcome(aimed, warnings)) };
  return part === null ? result : { ...result, part: partResult(taken, target) };
}

/**
 * Takes the safety backup and replaces what it holds. What was committed in between is kept when nobody can commit any
 * more: the database of the safety backup alone is taken again. Where that cannot be, everything goes back and it begins
 * again, a bounded number of times.
 */
async function replaceUnchanged(
  env: Environment,
  aimed: Project,
  journal: RestoreJournal,
  target: RestoreTarget,
  { part, seen }: { readonly part: RestorePart | null; readonly seen: string | undefined },
  options: OperationOptions,
): Promise<TakenBack> {
  const { backups } = aimed;
  const watch = new LiveWatch(target.database?.live ?? null, target.database?.mode ?? null, (env.platform ?? here).isWindows);
  try {
    for (let attempt = 1; ; attempt++) {
      watch.mark();
      await requireSeen(env, target, seen);
      await takeSafetyBackup(env, aimed, target, journal, options);
      env.step('safety-taken');
      let taken = part === null ? NOTHING_TAKEN : await stagePart(env, backups, journal, part);
      const onChanged = async (schemaVersion: number): Promise<void> => {
        env.step('locked-out');
        if (journal.database !== null) {
          journal.database.schemaVersion = schemaVersion;
        }
        await setState(env.disk, backups, journal, 'retaking');
        env.step('safety-given-up');
        await noteLockedOut(env, journal);
        await retakeDatabase(env, aimed, journal.safetyBackup);
        taken = part === null ? NOTHING_TAKEN : await restagePart(env, backups, journal, part);
        await setState(env.disk, backups, journal, 'replacing');
        env.step('safety-retaken');
      };
      try {
        if (!watch.looksAgain && watch.hasChanged()) {
          throw new ChangedMeanwhile();
        }
        const version = watch.ready();
        if (journal.database !== null) {
          journal.database.schemaVersion = version;
        }
        await announceReplacement(env, options);
        // From here on a cancellation is too late.
        await replaceEverything(env, backups, journal, watch, { onChanged, ...(options.onProgress && { onProgress: options.onProgress }) });
        return taken;
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile)) {
          throw error;
        }
        if (attempt === ATTEMPTS) {
          throw keepsWriting(target, error);
        }
      }
      await goBack(env, journal);
      await setState(env.disk, backups, journal, 'prepared');
      await removeBackup(env.disk, backups, journal.safetyBackup);
    }
  } finally {
    watch.close();
  }
}

/** What was replaced may be the copy of what a container holds. */
async function bringBack(env: Environment, { delivery }: Project, journal: RestoreJournal): Promise<void> {
  if (delivery !== undefined) {
    if (journal.database !== null) {
      await settleDatabase(env, journal, journal.database);
    }
    await delivery.deliver();
  }
}

/** Who can cancel hears that it is too late, before it is. */
async function announceReplacement(env: Environment, options: OperationOptions): Promise<void> {
  throwIfCancelled(options.signal);
  options.onProgress?.({ phase: 'replace', doneBytes: 0, totalBytes: 0 });
  // Lets the message out, and a cancellation that crossed it in.
  await setImmediate();
  throwIfCancelled(options.signal);
  env.beginChange?.();
}

/** The failure of a restore that did not happen: everything is as before, or the error says what is where. */
async function takenBack(env: Environment, backups: string, journal: RestoreJournal, failure: unknown): Promise<unknown> {
  if (failure instanceof BackupError && failure.code === 'RESTORE_INTERRUPTED') {
    return failure;
  }
  try {
    if (isUnderWay(journal)) {
      await goBack(env, journal);
    }
  } catch (error) {
    const { message, remedy } = reportOf(error);
    const first = failure instanceof Error ? failure.message : String(failure);
    return new BackupError('RESTORE_INTERRUPTED', said`${first} Going back did not succeed either. ${message}`, remedy, { cause: failure });
  }
  // What cannot be removed now is removed by the next run: the journal stays.
  await abandon(env, backups, journal).catch(() => undefined);
  return failure;
}

function keepsWriting({ database }: RestoreTarget, cause: unknown): BackupError {
  return new BackupError(
    'DATABASE_LOCKED',
    said`The application keeps writing to ${database?.live ?? 'the database'}: it changed after each of ${ATTEMPTS} safety backups.`,
    'Nothing was changed. Stop the application, then restore again.',
    { cause },
  );
}

function refuseDamage(backup: GoodBackup, problems: readonly string[], ignoreDamage: boolean): void {
  if (problems.length > 0 && !ignoreDamage) {
    const more = problems.length > 1 ? said` (and ${problems.length - 1} more)` : '';
    throw new BackupError(
      'BACKUP_DAMAGED',
      said`The backup "${backup.name}" is damaged: ${problems[0] ?? ''}${more}`,
      'Nothing was changed. Choose another backup, or verify this one to see everything that is wrong.',
    );
  }
}
