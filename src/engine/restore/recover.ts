// Recovery: an interrupted restore that had happened is cleaned up, any other one is taken back; stages of backups are swept.
import { basename, join } from 'node:path';
import { isDeliveryLeft, outcomeOfDelivery, settleDelivery } from '../containers/deliveries';
import { makeBackup } from '../create/create';
import { BackupError, reportOf } from '../errors';
import { isInside, resolvedPath } from '../files/paths';
import type { Project } from '../project/project';
import { replaceInPlace } from '../sqlite/in-place';
import { ChangedMeanwhile, LastLook } from '../sqlite/last-look';
import { sweepScratch } from '../sqlite/scratch';
import { ifOnlyWriter, removeBackup, sweepStages, type Live } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import { findGoodBackup, type WaitingRestore } from '../store/list';
import { abandon, finish, goBack, leave } from './commit';
import { wasReplaced } from './evidence';
import { isUnderWay, type JournaledDatabase, type RestoreJournal } from './journal';
import { findLeftovers, hasLeftovers } from './leftovers';
import { removeTree, requireRealStages } from './stage';
import { said } from '../said';

/** What an earlier, interrupted run had left and what was done about it, in words for people; empty: nothing. */
export interface Recovery {
  /** With `dryRun`: what would be done. */
  readonly actions: readonly string[];
  /** A restore that could not be finished or taken back, and why; null: none. */
  readonly waiting: WaitingRestore | null;
  /** Another run is at work on this project: what was left is its matter, and is not told here. */
  readonly isBusy?: true;
}

export interface RecoverParams {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
}

const UNDO = '"Undo" brings back the state before it.';
/** Who writes less often than a backup takes is soon waited for. */
const MOST_ATTEMPTS = 5;
const NOTHING: Recovery = { actions: [], waiting: null };

/** What locks protect: the live database; without one, what else is live. */
export function liveKey(project: Project): string {
  return project.database ?? project.uploads[0] ?? project.root;
}

/** The same for the locks: nothing is made beside a database outside of the project that only files of the project name. */
export function liveOf(project: Project): Live {
  const key = liveKey(project);
  const isNamed = project.databaseOrigin === 'flag' || isInside(resolvedPath(project.root), resolvedPath(key));
  return project.database !== null && isNamed ? key : { key, isElsewhere: true };
}

/** Recovers unless another writer is at work (then nothing was left behind). Never fails: what is in the way is in the answer. */
export async function recoverIfIdle(env: Environment, project: Project, { dryRun = false }: RecoverParams = {}): Promise<Recovery> {
  try {
    if (!(await hasLeftovers(env, project))) {
      return NOTHING;
    }
    const work = (): Promise<Recovery> => (dryRun ? foresee(env, project) : recover(env, project));
    return (await ifOnlyWriter(project.backups, liveOf(project), work)) ?? { ...NOTHING, isBusy: true };
  } catch (error) {
    const { waiting } = await foresee(env, project).catch(() => NOTHING);
    return { actions: [], waiting: waiting ?? stuck(null, error, false) };
  }
}

/** Finishes or takes back interrupted restores and sweeps stages. The caller holds the lock. Fails only where nothing may be changed any more. */
export async function recover(env: Environment, project: Project): Promise<Recovery> {
  const actions: string[] = [];
  const { restores, waiting, garbage } = await findLeftovers(env, project);
  const left: WaitingRestore[] = [...waiting];
  if (restores.length > 0) {
    env.beginChange?.();
  }
  for (const { backups, journal } of restores) {
    try {
      actions.push(await settle(env, project, backups, journal));
    } catch (error) {
      left.push(stuck(journal, error, journal.state !== 'done'));
    }
  }
  try {
    // Killed before there was a journal, or after all was in order but what had been stopped.
    actions.push(...(isDeliveryLeft(project) ? await settleDelivery(project) : []));
  } catch (error) {
    left.push(stuck(null, error, false));
  }
  for (const root of garbage) {
    // What cannot be removed holds nothing that anybody needs.
    await removeTree(env, root).catch(() => undefined);
  }
  sweepScratch();
  try {
    const swept = await sweepStages(env.disk, project.backups);
    if (swept > 0) {
      actions.push(swept === 1 ? 'Removed what an interrupted run had left.' : said`Removed ${swept} leftovers of interrupted runs.`);
    }
  } catch (error) {
    actions.push(said`What an interrupted run had left could not be removed: ${reportOf(error).message}`);
  }
  return { actions, waiting: foremost(left) };
}

/** What `recover` would do. Changes nothing, and does not open the database. */
export async function foresee(env: Environment, project: Project): Promise<Recovery> {
  const { restores, waiting } = await findLeftovers(env, project);
  const actions = [
    ...restores.map(({ journal }) => plannedFor(journal)),
    ...(isDeliveryLeft(project) ? ['What an interrupted restore has stopped will be started again.'] : []),
  ];
  const [first] = restores;
  const own = first === undefined ? null : waitingFor(first.journal);
  return { actions, waiting: foremost(own === null ? waiting : [...waiting, own]) };
}

/** What keeps others from working is told before what does not. */
function foremost(all: readonly WaitingRestore[]): WaitingRestore | null {
  return all.find(({ blocks }) => blocks) ?? all[0] ?? null;
}

function plannedFor({ state, backup }: RestoreJournal): string {
  switch (state) {
    case 'staging':
    case 'prepared':
      return said`The restore of "${backup}" was interrupted before it changed anything. Its preparations will be removed.`;
    case 'committing':
    case 'retaking':
      return said`The restore of "${backup}" was interrupted. The state before it will be put back.`;
    case 'replacing':
      return said`The restore of "${backup}" was interrupted. If the database was replaced, the restore will be finished; otherwise the state before it will be put back.`;
    case 'done':
      return said`The restore of "${backup}" has finished. Its old copies will be removed.`;
  }
}

function waitingFor(journal: RestoreJournal): WaitingRestore {
  return {
    message: plannedFor(journal),
    remedy: 'Run "pats-backup recover".',
    backup: journal.backup,
    safetyBackup: journal.safetyBackup,
    blocks: isUnderWay(journal),
  };
}

function stuck(journal: RestoreJournal | null, error: unknown, blocks: boolean): WaitingRestore {
  const { message, remedy } = reportOf(error);
  const what =
    journal === null ? 'An interrupted run could not be looked at.' : said`The restore of "${journal.backup}" was interrupted and waits.`;
  return {
    message: said`${what} ${message}`,
    remedy: remedy.includes('recover') ? remedy : said`${remedy} Then run "pats-backup recover".`,
    backup: journal?.backup ?? null,
    safetyBackup: journal?.safetyBackup ?? null,
    blocks,
  };
}

/** The facts decide. In doubt everything goes back, and what came later is kept in a backup. */
async function settle(env: Environment, project: Project, backups: string, journal: RestoreJournal): Promise<string> {
  requireRealStages(journal);
  const name = `"${journal.backup}"`;
  if (journal.container !== undefined) {
    return settleInContainers(env, backups, journal, journal.container);
  }
  if (journal.state === 'staging' || journal.state === 'prepared') {
    await abandon(env, backups, journal);
    return said`The restore of ${name} had been interrupted before it changed anything. Its preparations were removed.`;
  }
  const wasDone = journal.state === 'done';
  const verdict = await wasReplaced(env, backups, journal);
  if (verdict === 'replaced') {
    const warnings = await finish(env, backups, journal);
    const what = wasDone ? 'had finished; its old copies were removed' : 'was interrupted when everything was in place, and is finished';
    return [said`The restore of ${name} ${what}.`, UNDO, ...warnings].join(' ');
  }
  let kept = '';
  if (verdict === 'unclear' && journal.database !== null) {
    kept = said` What was in the database until now is kept in the backup "${await putDatabaseBack(env, project, backups, journal, journal.database)}".`;
  }
  await goBack(env, journal);
  await abandon(env, backups, journal);
  return said`The restore of ${name} had been interrupted: the state before it was put back.${kept}`;
}

/** What was replaced here are copies: the restore happened where they were brought to, or it did not. */
async function settleInContainers(env: Environment, backups: string, journal: RestoreJournal, key: string): Promise<string> {
  const name = `"${journal.backup}"`;
  const outcome = await outcomeOfDelivery(key, journal.id);
  if (outcome === 'delivered') {
    const warnings = await finish(env, backups, journal);
    return [said`The restore of ${name} was interrupted when everything was in place, and is finished.`, UNDO, ...warnings].join(' ');
  }
  if (outcome === 'lost') {
    await leave(env, backups, journal);
    return said`The restore of ${name} had been interrupted, and what it was to replace was changed or removed since. The state before it is in the backup "${journal.safetyBackup}".`;
  }
  const isBegun = journal.state === 'committing' || journal.state === 'replacing';
  await (isBegun ? goBack(env, journal) : Promise.resolve());
  await abandon(env, backups, journal);
  return isBegun
    ? said`The restore of ${name} had been interrupted: the state before it was put back.`
    : said`The restore of ${name} had been interrupted before it changed anything. Its preparations were removed.`;
}

/** Somebody has changed the schema since the crash: the database of the safety backup goes in, what is there now is kept. */
async function putDatabaseBack(
  env: Environment,
  project: Project,
  backups: string,
  journal: RestoreJournal,
  { live }: JournaledDatabase,
): Promise<string> {
  const safety = await findGoodBackup(env.disk, backups, journal.safetyBackup);
  const source = join(safety.path, safety.manifest.database_file ?? basename(live));
  for (let attempt = 1; ; attempt++) {
    const look = new LastLook(live);
    let kept: string | null = null;
    try {
      look.mark();
      kept = (await keepLive(env, { ...project, backups, database: live, uploads: [] }, journal)).backup_name;
      await replaceInPlace(source, live, look);
      return kept;
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) {
        throw error;
      }
      // Nothing was replaced: what it holds is still there.
      await (kept === null ? Promise.resolve() : removeBackup(env.disk, backups, kept));
      if (attempt === MOST_ATTEMPTS) {
        throw new BackupError(
          'DATABASE_LOCKED',
          said`The application has changed the schema of ${live} since, and keeps writing to it. Nothing was changed.`,
          'Stop the application.',
          { cause: error },
        );
      }
    } finally {
      look.close();
    }
  }
}

function keepLive(env: Environment, project: Project, journal: RestoreJournal): ReturnType<typeof makeBackup> {
  const note = said`After the interrupted restore of ${journal.backup}, before it was taken back`;
  return makeBackup(env, project, { trigger: 'safety', note, allowDamaged: true, database: true, uploads: false }, {});
}
