// The part of a restore that changes nothing live: what it is going to do, and everything staged beside the live data.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { folderInBackup } from '../create/uploads-part';
import { BackupError } from '../errors';
import { explained } from '../files/explain';
import { Wishes } from '../files/wish';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { giveOwner } from './attributes';
import { identityOf, stageDatabaseToRestore } from './database';
import { recordContents } from './contents';
import { readJournal, type RestoreJournal } from './journal';
import { databaseStage, makeStageRoot, uploadsStage } from './stage';
import { requireStagedUploads } from './staged';
import type { RestoreTarget } from './target';
import { keepTimeBefore, makeUploadsFolder, stageUploadsToRestore } from './uploads';
import type { Warning } from '../warnings';

/** A restore whose old copies still wait for room or permissions: its journal must not be written over. */
export async function requireNoJournal(env: Environment, { backups }: Project): Promise<void> {
  if ((await readJournal(env.disk, backups)).kind !== 'none') {
    throw new BackupError(
      'RESTORE_INTERRUPTED',
      'The restore before this one has not been cleaned up yet.',
      'Nothing was changed. Run "pats-backup recover": it says what is in the way.',
    );
  }
}

/** What a restore of this target is going to do. */
export function plannedJournal(
  backup: string,
  safetyBackup: string,
  target: RestoreTarget,
): Pick<RestoreJournal, 'backup' | 'safetyBackup' | 'database' | 'uploads'> {
  return {
    backup,
    safetyBackup,
    database:
      target.database === null
        ? null
        : { ...target.database, made: missingFolders(target.database.live), schemaVersion: null, staged: null },
    uploads: target.uploads.map(({ live, keep, only }, index) => ({
      live,
      folder: folderInBackup(index),
      made: !existsSync(live),
      keep: [...keep],
      ...(only && { only: [...only] }),
    })),
  };
}

/** The folders above a file that are not there yet, the lowest first. */
function missingFolders(file: string): string[] {
  const folder = dirname(file);
  return existsSync(folder) ? [] : [folder, ...missingFolders(folder)];
}

/** Puts everything that is to be live beside the live data, and makes sure that it is what the manifest says. */
export async function stageEverything(
  env: Environment,
  backups: string,
  journal: RestoreJournal,
  target: RestoreTarget,
  backup: GoodBackup,
  isDamageAccepted: boolean,
  options: OperationOptions,
): Promise<Warning[]> {
  const { database } = journal;
  if (database !== null) {
    await explained(database.live, async () => {
      await makeDatabaseFolder(env, dirname(database.live), backup);
      await makeStageRoot(env.disk, databaseStage(journal, database.live).root, backups);
      await stageDatabaseToRestore(env, journal, database, backup, isDamageAccepted);
      database.staged = identityOf(databaseStage(journal, database.live).fresh);
    });
  }
  const warnings: Warning[] = [];
  for (const [index, uploads] of target.uploads.entries()) {
    const journaled = journal.uploads[index];
    if (journaled !== undefined) {
      await explained(uploads.live, async () => {
        await makeUploadsFolder(env, uploads, backup);
        const { mtimeNs } = await env.disk.stat(uploads.live);
        await makeStageRoot(env.disk, uploadsStage(journal, uploads.live).root, backups);
        await keepTimeBefore(env, journal, uploads.live, mtimeNs);
        const staged = await stageUploadsToRestore(env, journal, uploads, backup, options);
        warnings.push(...staged.warnings);
        if (!isDamageAccepted) {
          await requireStagedUploads(env, journal, uploads, backup, staged, options);
        }
        await recordContents(env, journal, journaled);
      });
    }
  }
  return warnings;
}

/** A folder that is made anew belongs to the database's owner: the application writes its journals there. */
async function makeDatabaseFolder(env: Environment, folder: string, { manifest }: GoodBackup): Promise<void> {
  const isNew = !existsSync(folder);
  await env.disk.ensureFolder(folder);
  if (isNew) {
    await giveOwner(env, folder, manifest.database ?? {}, folder, new Wishes());
  }
}
