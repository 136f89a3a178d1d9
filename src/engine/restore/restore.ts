// Restores a backup: verify, safety backup, stage, journal, replace, check. A failure goes back; a crash goes on or back.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { explained } from '../files/explain';
import { walkTree } from '../files/tree';
import type { SchemaState } from '../migrations/schema';
import { readSchemaState, syncCommands } from '../migrations/state/state';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { removeBackup } from '../store/backups-folder';
import { makeBackup, requireSpace } from '../create/create';
import type { Environment } from '../store/environment';
import { fingerprintOf } from '../create/fingerprint';
import { findGoodBackup, type GoodBackup } from '../store/list';
import { stageDatabaseToRestore } from './database';
import { commitRestore, discardRestore } from './commit';
import { newRestoreId, uploadsStage, writeJournal, type RestoreJournal } from './journal';
import { movedAwayWarnings, restoreTarget, targetProject, writableTarget, type RestoreTarget } from './target';
import { stageUploadsToRestore } from './uploads';
import { liveRevisions, missingFrom } from './plan';
import { locate } from '../history/unknown-revision';
import { verifyBackup } from '../verify/verify';
import { warning, warningsOf, type Warned, type Warning } from '../warnings';
import type { RestoreParams } from './target';

export interface RestoreResult extends Warned {
  /** Name of the backup that was restored. */
  readonly restored: string;
  /** Name of the safety backup that "undo" goes back to. */
  readonly safetyBackup: string;
  readonly revisionBefore: string | null;
  readonly revisionAfter: string | null;
  /** Shell commands that bring schema and files together again; empty when nothing is to do. */
  readonly commands: readonly string[];
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
  const wanted = restoreTarget(project, backup, params.scope);
  const aimed = targetProject(project, wanted);
  const verification = await verifyBackup(env, backup, 'full', options);
  refuseDamage(backup, verification.problems, params.ignoreDamage ?? false);
  env.step('verified');
  await requireRoom(env, wanted, backup);
  const target = writableTarget(wanted);
  const revisionBefore = liveRevisions(aimed).join(', ') || null;
  const safetyBackup = await takeSafetyBackup(env, aimed, target, backup.name, options);
  const warnings = [
    ...verification.warnings,
    ...movedAwayWarnings(target),
    ...missingFrom(backup, target),
    ...warningsOf('BACKUP_DAMAGED', verification.problems),
  ];
  const journal = newJournal(backup.name, safetyBackup, target);
  try {
    env.step('safety-taken');
    await writeJournal(env.disk, project.backups, journal);
    warnings.push(...(await stageEverything(env, journal, target, backup, options)));
    env.step('staged');
    throwIfCancelled(options.signal);
    await writeJournal(env.disk, project.backups, prepared(journal));
    env.step('prepared');
    throwIfCancelled(options.signal);
    // From here on a cancellation is too late: the restore finishes.
    await commitRestore(env, project.backups, journal, { ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }) });
  } catch (error) {
    // If this fails too, the journal stays, and the next run does it.
    await giveUp(env, project.backups, journal).catch(() => undefined);
    throw error;
  }
  const folder = { ...aimed };
  const { state, checkout } = await locate(readSchemaState(folder), folder);
  return {
    restored: backup.name,
    safetyBackup,
    revisionBefore,
    revisionAfter: liveRevisions(aimed).join(', ') || null,
    commands: checkout === null ? syncCommands(state) : [checkout],
    warnings: [...warnings, ...unfitting(state)],
  };
}

/** Why the restored revision does not fit the files of this checkout, and who has it. */
function unfitting({ state, problems }: SchemaState): Warning[] {
  const isForeign = ['unknown-revision', 'ahead', 'diverged'].includes(state);
  return isForeign ? problems.filter(({ file }) => file === undefined).map(({ message }) => warning('REVISION_UNKNOWN', message)) : [];
}

function refuseDamage(backup: GoodBackup, problems: readonly string[], ignoreDamage: boolean): void {
  if (problems.length > 0 && !ignoreDamage) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    throw new BackupError(
      'BACKUP_DAMAGED',
      `The backup "${backup.name}" is damaged: ${problems[0] ?? ''}${more}`,
      'Nothing was changed. Choose another backup, or verify this one to see everything that is wrong.',
    );
  }
}

/** The staged copies need room beside the live data; a database in place needs it once more for SQLite's journal. */
async function requireRoom(env: Environment, target: RestoreTarget, backup: GoodBackup): Promise<void> {
  if (target.database !== null) {
    await requireSpace(env, existingParent(target.database.live), 2 * (backup.manifest.database?.size ?? backup.sizeBytes));
  }
  for (const uploads of target.uploads) {
    const tree = await walkTree(env.disk, join(backup.path, uploads.folder));
    await requireSpace(
      env,
      existingParent(uploads.live),
      tree.files.reduce((sum, file) => sum + file.stored, 0),
    );
  }
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(join(path, '..'));
}

async function takeSafetyBackup(
  env: Environment,
  aimed: Project,
  target: RestoreTarget,
  restored: string,
  options: OperationOptions,
): Promise<string> {
  const { database } = target;
  const isThere = database !== null && database.mode !== 'create';
  const safety = await makeBackup(
    env,
    aimed,
    {
      trigger: 'safety',
      note: `Before the restore of ${restored}`,
      allowDamaged: true,
      database: isThere,
      uploads: target.uploads.length > 0,
      safety: {
        restored,
        database: database === null ? 'untouched' : isThere ? 'present' : 'absent',
        uploads: target.uploads.length > 0 ? 'present' : 'untouched',
      },
    },
    { ...options, onProgress: (progress) => options.onProgress?.({ ...progress, phase: 'safety' }) },
  );
  const partial = safety.partial ?? [];
  if (partial.length > 0) {
    await removeBackup(env.disk, aimed.backups, safety.backup_name);
    const [first] = partial;
    throw new BackupError(
      'READ_FAILED',
      `The safety backup would not hold everything: ${first?.path ?? ''}: ${first?.reason ?? ''}.`,
      'Nothing was changed. Make the file readable or move it away, then restore again.',
    );
  }
  return safety.backup_name;
}

function newJournal(backup: string, safetyBackup: string, target: RestoreTarget): RestoreJournal {
  return {
    version: 1,
    id: newRestoreId(),
    state: 'staging',
    backup,
    safetyBackup,
    database: target.database === null ? null : { ...target.database, fingerprint: [], replaced: false },
    uploads: target.uploads.map(({ live, keep }) => ({ live, made: !existsSync(live), entries: [], keep: [...keep], cleared: false })),
  };
}

async function stageEverything(
  env: Environment,
  journal: RestoreJournal,
  target: RestoreTarget,
  backup: GoodBackup,
  options: OperationOptions,
): Promise<Warning[]> {
  if (journal.database !== null) {
    const { database } = journal;
    await explained(database.live, () => stageDatabaseToRestore(env, journal, database, backup));
  }
  const warnings: Warning[] = [];
  for (const [index, uploads] of target.uploads.entries()) {
    warnings.push(...(await explained(uploads.live, () => stageUploadsToRestore(env, journal, uploads, backup, options))));
    const entry = journal.uploads[index];
    if (entry !== undefined) {
      entry.entries = await env.disk.list(uploadsStage(journal, uploads.live).incoming);
    }
  }
  return warnings;
}

function prepared(journal: RestoreJournal): RestoreJournal {
  journal.state = 'prepared';
  if (journal.database !== null) {
    journal.database.fingerprint = fingerprintOf(journal.database.live);
  }
  return journal;
}

/** Nothing was replaced, or everything was put back: the stages go, and the safety backup that nobody needs. */
async function giveUp(env: Environment, backups: string, journal: RestoreJournal): Promise<void> {
  if (journal.state === 'staging' || journal.state === 'prepared') {
    await discardRestore(env, backups, journal);
    await removeBackup(env.disk, backups, journal.safetyBackup);
  }
}
