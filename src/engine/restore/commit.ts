// The part of a restore that replaces live data: forward in named steps, or back while the database was not replaced yet.
import { explained } from '../files/explain';
import type { OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import { discardStagedDatabase, isReplaced, replaceDatabase } from './database';
import { removeJournal, writeJournal, type RestoreJournal } from './journal';
import { clearUploads, discardUploadsStage, placeUploads, revertUploads } from './uploads';

/**
 * Replaces what the journal names. The uploads go first, because renames can be taken back; the database comes last, in
 * one transaction or rename. When it fails before that, everything is put back, the journal's state is "prepared" again,
 * and the error is thrown.
 */
export async function commitRestore(env: Environment, backups: string, journal: RestoreJournal, options: OperationOptions): Promise<void> {
  await setState(env, backups, journal, 'committing');
  env.step('committing');
  try {
    await replaceEverything(env, backups, journal, options);
  } catch (error) {
    // The failure may have come just after the replacement, which cannot be taken back: the next run goes on from there.
    const { database } = journal;
    const isTooLate = database !== null && (database.replaced || (await isReplaced(env, journal, database)));
    if (!isTooLate) {
      await revertRestore(env, backups, journal);
    }
    throw error;
  }
  env.step('restored');
  await setState(env, backups, journal, 'done');
  env.step('done');
  await cleanRestore(env, backups, journal);
  env.step('cleaned');
}

async function replaceEverything(env: Environment, backups: string, journal: RestoreJournal, options: OperationOptions): Promise<void> {
  for (const uploads of journal.uploads) {
    await explained(uploads.live, async () => {
      if (!uploads.cleared) {
        await clearUploads(env, journal, uploads);
        uploads.cleared = true;
        await writeJournal(env.disk, backups, journal);
      }
      env.step('uploads-cleared');
      await placeUploads(env, journal, uploads);
      env.step('uploads-placed');
    });
  }
  const { database } = journal;
  if (database !== null && !database.replaced) {
    await explained(database.live, () => replaceDatabase(env, journal, database, options));
    database.replaced = true;
    env.step('database-replaced');
    await writeJournal(env.disk, backups, journal);
  }
}

/** Puts the old uploads back. Only while the database was not replaced. */
export async function revertRestore(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  await setState(env, backups, journal, 'reverting');
  for (const uploads of journal.uploads) {
    await explained(uploads.live, () => revertUploads(env, journal, uploads));
    uploads.cleared = false;
  }
  await setState(env, backups, journal, 'prepared');
}

/** Removes the stages of a restore that replaced nothing, and its journal. */
export async function discardRestore(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  await removeStages(env, journal, false);
  await removeJournal(env.disk, backups);
}

/** Removes what a finished restore no longer needs, and its journal. */
export async function cleanRestore(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  await removeStages(env, journal, true);
  await removeJournal(env.disk, backups);
}

async function removeStages(env: Environment, journal: RestoreJournal, wasRestored: boolean): Promise<void> {
  for (const uploads of journal.uploads) {
    await discardUploadsStage(env, journal, uploads, wasRestored);
  }
  if (journal.database !== null) {
    await discardStagedDatabase(env, journal, journal.database);
  }
}

async function setState(env: Environment, backups: string, journal: RestoreJournal, state: RestoreJournal['state']): Promise<void> {
  journal.state = state;
  await writeJournal(env.disk, backups, journal);
}
