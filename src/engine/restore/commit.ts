// The part of a restore that replaces live data: forward in named steps, back by renames, and what is left to do at the end.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { errnoOf } from '../files/disk';
import { explained } from '../files/explain';
import { isInside, resolvedPath } from '../files/paths';
import { walkTree } from '../files/tree';
import { isDiskFailure } from '../sqlite/explain';
import { ChangedMeanwhile, NotKept } from '../sqlite/last-look';
import { isTaken, removeBackup } from '../store/backups-folder';
import { stateFolder } from '../store/own-state';
import type { Environment } from '../store/environment';
import { replaceDatabase, revertDatabase, settleDatabase, type Replacing } from './database';
import { markPlaced, wasReplaced } from './evidence';
import { removeJournal, setState, type JournaledDatabase, type RestoreJournal } from './journal';
import { keepLateUploads, keepSavedUploads } from './late';
import type { LiveWatch } from './live-watch';
import { clearUploads, isEmptyFolder, placeUploads, returnSpecial, revertUploads } from './moving';
import { removeTree, stageRoots, uploadsStage } from './stage';
import { isBroken } from './target';
import { setTime, timeBeforeOf, topTimeOf } from './uploads';
import { said } from '../said';

/**
 * Replaces what the journal names. The uploads go first, because renames can be taken back; the database comes last, in
 * one transaction or rename, and with it the restore has happened. Whatever fails before that leaves the way back open.
 */
export async function replaceEverything(
  env: Environment,
  backups: string,
  journal: RestoreJournal,
  watch: LiveWatch,
  options: Replacing,
): Promise<void> {
  const { database } = journal;
  await setState(env.disk, backups, journal, 'committing');
  env.step('committing');
  for (const uploads of journal.uploads) {
    await explained(uploads.live, async () => {
      await clearUploads(env, journal, uploads);
      env.step('uploads-cleared');
      await placeUploads(env, journal, uploads);
      env.step('uploads-placed');
    });
  }
  if (database === null) {
    // A copy is not where the restore happens: the container is.
    await (journal.container === undefined ? markPlaced(env, journal) : Promise.resolve());
  } else {
    await setState(env.disk, backups, journal, 'replacing');
    await explained(database.live, () => replaceOrSwap(env, backups, journal, database, watch, options));
    env.step('database-replaced');
  }
  env.step('restored');
}

/**
 * What SQLite cannot write to, because it is damaged deeper than a look has shown, is replaced as a whole file. A disk may
 * fail once: programs that have the database open do not lose it for that, and it is tried again in place. One that fails
 * for good says nothing about the file: the restore goes back. But a failure may come after the commit: what was replaced
 * is done, and where that cannot be told nothing goes back, nor does the safety backup go.
 */
async function replaceOrSwap(
  env: Environment,
  backups: string,
  journal: RestoreJournal,
  database: JournaledDatabase,
  watch: LiveWatch,
  options: Replacing,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const failure = await attempt(() => replaceDatabase(env, journal, database, watch, options));
    if (failure === null) {
      return;
    }
    const { error } = failure;
    if (error instanceof NotKept) {
      if (tries > 1 || !(isDiskFailure(error.cause) || ['EIO', 'ESTALE'].includes(errnoOf(error.cause)))) {
        throw error.cause;
      }
      continue;
    }
    const mayBeDone = database.mode !== 'in-place' || isDiskFailure(error) || isBroken(error);
    if (!mayBeDone) {
      throw error;
    }
    const verdict = await wasReplaced(env, backups, journal).catch(() => 'unclear' as const);
    if (verdict === 'replaced') {
      return;
    }
    if (database.mode !== 'in-place') {
      // Told by names alone: what could fail after the rename is only the lock that was to be given up.
      throw error;
    }
    if (isDamage(error) || (tries > 1 && isBroken(error))) {
      database.mode = 'swap';
      await setState(env.disk, backups, journal, 'replacing');
    } else if (verdict === 'unclear') {
      throw leftOpen(error);
    } else if (tries > 1) {
      throw error;
    }
  }
}

function leftOpen(cause: unknown): BackupError {
  return new BackupError(
    'RESTORE_INTERRUPTED',
    said`${reportOf(cause).message} Whether the database was replaced cannot be told now. Its safety backup is kept.`,
    'Check the disk, then run "pats-backup recover".',
    { cause },
  );
}

/** null: it succeeded. Somebody else's commit is thrown. */
async function attempt(work: () => Promise<void>): Promise<{ readonly error: unknown } | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof ChangedMeanwhile) {
      throw error;
    }
    return { error };
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof BackupError && ['DATABASE_DAMAGED', 'NOT_A_DATABASE'].includes(error.code);
}

/** A copy of what a container holds is made anew before anybody looks at it again. */
function isCopy(live: string): boolean {
  const state = stateFolder();
  return state !== null && isInside(resolvedPath(join(state, 'containers')), live);
}

/** Puts everything back; nothing is written but names. Only while the database was not replaced. May be run again. */
export async function goBack(env: Environment, journal: RestoreJournal): Promise<void> {
  const { database } = journal;
  if (database !== null && !isCopy(database.live)) {
    await explained(database.live, () => revertDatabase(env, journal, database));
  }
  for (const uploads of journal.uploads.filter(({ live }) => !isCopy(live)).reverse()) {
    await explained(uploads.live, () => revertUploads(env, journal, uploads));
  }
}

/** After `goBack`, or before anything was replaced: stages, safety backup and journal go, as if nothing had been begun. */
export async function abandon(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  const times = await Promise.all(journal.uploads.map(async ({ live }) => ({ live, time: await timeBeforeOf(env, journal, live) })));
  await removeStages(env, journal);
  for (const { live, time } of times) {
    await (time === null ? Promise.resolve() : setTime(env, time, live));
  }
  for (const { live } of journal.uploads.filter(({ made }) => made)) {
    await removeMade(env, live);
  }
  for (const folder of journal.database?.made ?? []) {
    await removeMade(env, folder);
  }
  if (await isTaken(env.disk, backups, journal.safetyBackup)) {
    await removeBackup(env.disk, backups, journal.safetyBackup);
  }
  await removeJournal(env.disk, backups);
}

async function removeMade(env: Environment, folder: string): Promise<void> {
  if (await isEmptyFolder(env, folder)) {
    await env.disk.removeEmpty(folder);
  }
}

/**
 * After the restore has happened. What was moved out is removed only when the safety backup holds all of it. Returns
 * warnings; it fails only when something must be kept that could not be: then the journal stays, and the next run goes on.
 */
export async function finish(env: Environment, backups: string, journal: RestoreJournal): Promise<string[]> {
  if (journal.state !== 'done') {
    if (journal.database !== null || journal.container !== undefined) {
      await markPlaced(env, journal);
    }
    if (journal.database !== null && journal.container === undefined) {
      await settleDatabase(env, journal, journal.database);
    }
    await setState(env.disk, backups, journal, 'done');
  }
  env.step('done');
  const warnings: string[] = [];
  for (const uploads of journal.uploads) {
    const { replaced, root } = uploadsStage(journal, uploads.live);
    if (await isTaken(env.disk, root, 'replaced')) {
      const tree = await walkTree(env.disk, replaced);
      await returnSpecial(env, uploads, replaced, tree);
      await keepLateUploads(env, backups, journal.safetyBackup, uploads, replaced, tree);
      warnings.push(...(await keepSavedUploads(env, backups, journal, uploads)));
      await env.disk.rename(replaced, `${replaced}-kept`);
    }
  }
  const times = await Promise.all(journal.uploads.map(async ({ live }) => ({ live, time: await topTimeOf(env, journal, live) })));
  try {
    await removeStages(env, journal);
    for (const { live, time } of times) {
      await (time === null ? Promise.resolve() : setTime(env, time, live));
    }
  } catch (error) {
    // All of it is in the safety backup: whatever keeps it from being removed is no matter of the restore.
    const why = errnoOf(error) || String(error);
    const left = stageRoots(journal).filter((root) => existsSync(root));
    warnings.push(
      left.length === 0
        ? reportOf(error).message
        : said`The old copies in ${left.join(' and ')} could not be removed (${why}). The next backup tries again; if that fails too, delete them as their owner or as root.`,
    );
  }
  await removeJournal(env.disk, backups);
  env.step('cleaned');
  return warnings;
}

/** The data is gone, by no deed of ours: the safety backup, which holds it, stays. */
export async function leave(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  await removeStages(env, journal);
  await removeJournal(env.disk, backups);
}

async function removeStages(env: Environment, journal: RestoreJournal): Promise<void> {
  const failures: unknown[] = [];
  for (const root of stageRoots(journal)) {
    await removeTree(env, root).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
