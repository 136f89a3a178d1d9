// What interrupted runs left: journals of restores, wherever their backups folder is, and stages that have none any more.
import { dirname, join } from 'node:path';
import { isDeliveryLeft } from '../containers/deliveries';
import { isOfAnother, minuteOf, userName } from '../files/owner';
import { resolvedPath } from '../files/paths';
import type { Project } from '../project/project';
import { isOwnStage } from '../store/backups-folder';
import type { Environment } from '../store/environment';
import type { WaitingRestore } from '../store/list';
import { JOURNAL_FILE, readJournal, type RestoreJournal } from './journal';
import { foreignStagesIn, holdsLiveData, idOf, stagesIn, type ForeignStage, type FoundStage } from './stage';
import { dated, said } from '../said';

export interface Leftovers {
  /** Restores of this user that were interrupted, each with the backups folder that has its journal. */
  readonly restores: readonly { readonly backups: string; readonly journal: RestoreJournal }[];
  /** What somebody else wrote, or what has lost its journal: shown, never acted upon. */
  readonly waiting: readonly WaitingRestore[];
  /** Stages without a journal that hold nothing of anybody's. */
  readonly garbage: readonly string[];
}

/** Reads the backups folder and the folders of the live data; changes nothing. */
export async function findLeftovers(env: Environment, project: Project): Promise<Leftovers> {
  const stages = await liveStages(env, project);
  const folders = new Set([resolvedPath(project.backups), ...stages.flatMap(({ backups }) => (backups === null ? [] : [backups]))]);
  const restores: { backups: string; journal: RestoreJournal }[] = [];
  const waiting: WaitingRestore[] = [];
  const unusable = new Set<string>();
  for (const backups of folders) {
    const reading = await readJournal(env.disk, backups);
    if (reading.kind === 'own') {
      // What a stage says of another backups folder holds for its own restore alone: there may be one of another project.
      if (backups === resolvedPath(project.backups) || stages.some((stage) => idOf(stage.root) === reading.journal.id)) {
        restores.push({ backups, journal: reading.journal });
      }
    } else if (reading.kind === 'foreign') {
      unusable.add(backups);
      waiting.push(foreign(join(backups, JOURNAL_FILE), reading));
    }
  }
  const orphans = stages.filter(({ root, backups }) => {
    const hasJournal = restores.some(({ journal }) => idOf(root) === journal.id);
    return !hasJournal && !unusable.has(backups ?? resolvedPath(project.backups));
  });
  const holders = new Set<string>();
  for (const stage of orphans) {
    if (await holdsLiveData(env.disk, stage.root)) {
      holders.add(idOf(stage.root));
      waiting.push(orphan(stage));
    }
  }
  for (const stage of await foreignStages(env, project)) {
    waiting.push(foreignStage(stage));
  }
  const garbage = orphans.map(({ root }) => root).filter((root) => !holders.has(idOf(root)));
  return { restores, waiting, garbage };
}

/** Whether there is anything that `recover` would look at. */
export async function hasLeftovers(env: Environment, project: Project): Promise<boolean> {
  const { restores, waiting, garbage } = await findLeftovers(env, project);
  if (restores.length + waiting.length + garbage.length > 0 || isDeliveryLeft(project)) {
    return true;
  }
  const names = await env.disk.list(project.backups).catch(() => []);
  return names.some((name) => isOwnStage(project.backups, name));
}

async function liveStages(env: Environment, project: Project): Promise<FoundStage[]> {
  return (await Promise.all(stageFolders(project).map((folder) => stagesIn(env.disk, folder)))).flat();
}

/** One for each restore: the others belong to the same. */
async function foreignStages(env: Environment, project: Project): Promise<ForeignStage[]> {
  const all = (await Promise.all(stageFolders(project).map((folder) => foreignStagesIn(env.disk, folder)))).flat();
  const byRestore = new Map<string, ForeignStage>();
  for (const stage of all) {
    const known = byRestore.get(idOf(stage.root));
    if (known === undefined || (stage.mayHoldLiveData && !known.mayHoldLiveData)) {
      byRestore.set(idOf(stage.root), stage);
    }
  }
  return [...byRestore.values()];
}

function stageFolders({ database, uploads }: Project): string[] {
  return [...new Set([...(database === null ? [] : [dirname(resolvedPath(database))]), ...uploads.map(resolvedPath)])];
}

function foreign(
  file: string,
  { why, written }: { readonly why: string; readonly written?: { readonly uid: number; readonly at: Date } },
): WaitingRestore {
  if (written !== undefined && isOfAnother(written.uid)) {
    return ofAnother(written.uid, written.at, said`Its journal is ${file}.`, said`delete ${file}`);
  }
  return {
    message:
      written === undefined
        ? said`${file} says that a restore was interrupted, but it is not acted upon: ${why}.`
        : said`${file} says that a restore was interrupted on ${dated(written.at, minuteOf(written.at))}, but it is not acted upon: ${why}.`,
    remedy:
      'If a restore of yours was interrupted, look for the replaced files in the folders ".pats-restore-..." beside the database and in the uploads, and for the state before in the newest pre_restore backup. Then delete the journal.',
    backup: null,
    safetyBackup: null,
    blocks: true,
  };
}

function foreignStage({ root, uid, since, mayHoldLiveData }: ForeignStage): WaitingRestore {
  if (isOfAnother(uid)) {
    return ofAnother(uid, since, said`What it has prepared or replaced is in ${root}.`, said`delete ${root}`);
  }
  return {
    message: said`${root} looks like a part of a restore that was interrupted on ${dated(since, minuteOf(since))}, but it is not acted upon: it was made on another machine, in another folder or with another home.`,
    remedy: mayHoldLiveData
      ? 'It holds files that were live: finish the restore where it was begun, or move the files back yourself. Then delete the folder.'
      : 'It holds nothing that was live. Delete the folder.',
    backup: null,
    safetyBackup: null,
    blocks: mayHoldLiveData,
  };
}

/** Only that user's own runs know how far it came; nobody else settles it, or backs up what may be half of it. */
function ofAnother(uid: number, since: Date, where: string, otherwise: string): WaitingRestore {
  const name = userName(uid);
  return {
    message: said`A restore by another user (${name}) is not finished since ${dated(since, minuteOf(since))}: it is still running, or was interrupted. ${where}`,
    remedy: said`Have ${/^number/.test(name) ? said`the user ${name}` : name} run "pats-backup recover" in this project, with the backups folder of that restore. Only if nobody needs it any more: ${otherwise}.`,
    backup: null,
    safetyBackup: null,
    blocks: true,
  };
}

function orphan({ root, backups }: FoundStage): WaitingRestore {
  return {
    message: said`A restore was interrupted, and its journal${backups === null ? '' : said` in ${backups}`} is missing. Files that were live are in ${root}.`,
    remedy: 'Make that backups folder available again, or move the files back yourself and delete the folder.',
    backup: null,
    safetyBackup: null,
    blocks: true,
  };
}
