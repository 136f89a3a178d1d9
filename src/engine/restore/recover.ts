// What an interrupted run left: a restore is finished or undone, stages of backups are swept.
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import type { Project } from '../project/project';
import { STAGE_PREFIX, ifOnlyWriter, sweepStages } from '../store/backups-folder';
import { makeBackup } from '../create/create';
import type { Environment } from '../store/environment';
import { fingerprintOf } from '../create/fingerprint';
import { cleanRestore, commitRestore, discardRestore, revertRestore } from './commit';
import { isReplaced } from './database';
import { JOURNAL_FILE, readJournal, type JournaledDatabase, type RestoreJournal } from './journal';

/** What an earlier, interrupted run had left and what was done about it, in words for people; empty: nothing. */
export interface Recovery {
  readonly actions: readonly string[];
}

/** Whether an interrupted run left something. Reads one folder. */
async function hasLeftovers(env: Environment, project: Project): Promise<boolean> {
  try {
    const names = await env.disk.list(project.backups);
    return names.some((name) => name === JOURNAL_FILE || name.startsWith(STAGE_PREFIX));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(errnoOf(error))) {
      return false;
    }
    throw error;
  }
}

/** Recovers unless another writer is at work (then nothing was left behind) or this user may not write. */
export async function recoverIfIdle(env: Environment, project: Project): Promise<Recovery> {
  if (!(await hasLeftovers(env, project))) {
    return { actions: [] };
  }
  return (await ifOnlyWriter(project.backups, () => recover(env, project))) ?? { actions: [] };
}

/** As `recoverIfIdle`; an unusable journal must not hide the backups: whoever wants to change something hears of it. */
export async function recoverReadable(env: Environment, project: Project): Promise<void> {
  try {
    await recoverIfIdle(env, project);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'JOURNAL_UNREADABLE') {
      throw error;
    }
  }
}

/** Finishes or undoes an interrupted restore and sweeps stages. The caller holds the lock. */
export async function recover(env: Environment, project: Project): Promise<Recovery> {
  const actions: string[] = [];
  const journal = await readJournal(env.disk, project);
  if (journal !== null) {
    actions.push(await finish(env, project, journal));
  }
  const swept = await sweepStages(env.disk, project.backups);
  if (swept > 0) {
    actions.push(swept === 1 ? 'Removed what an interrupted run had left.' : `Removed ${swept} leftovers of interrupted runs.`);
  }
  return { actions };
}

async function finish(env: Environment, project: Project, journal: RestoreJournal): Promise<string> {
  switch (journal.state) {
    case 'staging':
    case 'prepared':
      await discardRestore(env, project.backups, journal);
      return `The restore of "${journal.backup}" had been interrupted before it changed anything. Its preparations were removed.`;
    case 'reverting':
      return revert(env, project, journal);
    case 'committing':
      return goOn(env, project, journal);
    case 'done':
      await cleanRestore(env, project.backups, journal);
      return `The restore of "${journal.backup}" had finished; its old copies were removed.`;
  }
}

async function revert(env: Environment, project: Project, journal: RestoreJournal): Promise<string> {
  await revertRestore(env, project.backups, journal);
  await discardRestore(env, project.backups, journal);
  return `The restore of "${journal.backup}" had been interrupted and could not be finished: the state before it was put back.`;
}

async function goOn(env: Environment, project: Project, journal: RestoreJournal): Promise<string> {
  const { database } = journal;
  try {
    if (database !== null && !database.replaced) {
      database.replaced = await isReplaced(env, journal, database);
      if (!database.replaced) {
        await keepLaterChanges(env, project, journal, database);
      }
    }
    await commitRestore(env, project.backups, journal, {});
    return `The interrupted restore of "${journal.backup}" was finished. "Undo" brings back the state before it.`;
  } catch (error) {
    // The way back was taken, because the way forward is closed, e.g. by a program that holds the database.
    if (error instanceof BackupError && journal.state === 'prepared') {
      await discardRestore(env, project.backups, journal);
      return `The restore of "${journal.backup}" had been interrupted and could not be finished (${error.message}): the state before it was put back.`;
    }
    throw error;
  }
}

/** Somebody went on working between the crash and now: that state is kept in a safety backup of its own. */
async function keepLaterChanges(env: Environment, project: Project, journal: RestoreJournal, database: JournaledDatabase): Promise<void> {
  const isUntouched = fingerprintOf(database.live).join() === database.fingerprint.join();
  if (isUntouched || database.mode === 'create') {
    return;
  }
  await makeBackup(
    env,
    { ...project, database: database.live },
    {
      trigger: 'safety',
      note: `Before the interrupted restore of ${journal.backup} was finished`,
      allowDamaged: true,
      database: true,
      uploads: false,
      safety: { restored: journal.backup, database: 'present', uploads: 'untouched' },
    },
    {},
  );
}
