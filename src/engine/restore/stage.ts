// The stages of a restore: hidden folders beside the live data, each under a name that only this user's runs can make.
import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { resolvedPath } from '../files/paths';
import { RESTORE_STAGE_PREFIX } from '../files/tree';
import { hasOwnMark, nameWithMark } from '../store/own-state';
import type { Environment } from '../store/environment';
import type { RestoreJournal } from './journal';
import { said } from '../said';

/** Names the backups folder whose journal the stage belongs to, for a run that uses another one. */
const OWNER_FILE = 'journal-in.txt';

const STAGE_NAME = new RegExp(`^\\${RESTORE_STAGE_PREFIX}[0-9a-f]{8}-(?:database|uploads)-[0-9a-f]{16}$`);

/** Where the new database waits, on the file system of the live one, and where an old one is kept that is moved or rewritten. */
export interface DatabaseStage {
  readonly root: string;
  readonly fresh: string;
  /** `fresh`, when the live database was replaced by it: from then on the restore has happened. */
  readonly placed: string;
  readonly old: string;
  /** Where only a part is restored: the backup's database, from which `fresh` is made. */
  readonly whole: string;
}

/**
 * Where uploads wait. Inside the live folder, which may be a mount point of its own. What is there tells how far moving
 * came, so that going back needs nothing to be written: see moving.ts.
 */
export interface UploadsStage {
  readonly root: string;
  /** The new files; what is not in place yet. */
  readonly incoming: string;
  /** The old files while they are moved out. */
  readonly outgoing: string;
  /** The same folder when all of them are out. */
  readonly replaced: string;
  /** Of the first folder, where no database is restored: `incoming`, when all is in place and the restore has happened. */
  readonly placed: string;
  /** On the way back: what was live then. */
  readonly aside: string;
  /** On the way back: `incoming`, when everything live is aside. */
  readonly rest: string;
  /** What is staged, with sizes and times, so that a file that somebody saved is told from a restored one. */
  readonly contents: string;
  /** A file of that name was made when nobody could commit any more, and the database of the safety backup was taken again. */
  readonly lockedOut: string;
}

export function databaseStage(journal: Pick<RestoreJournal, 'id'>, live: string): DatabaseStage {
  const root = rootIn(dirname(live), `${journal.id}-database`);
  return { root, fresh: join(root, 'new.db'), placed: join(root, 'placed.db'), old: join(root, 'old.db'), whole: join(root, 'whole.db') };
}

export function uploadsStage(journal: Pick<RestoreJournal, 'id'>, live: string): UploadsStage {
  const root = rootIn(live, `${journal.id}-uploads`);
  return {
    root,
    incoming: join(root, 'new'),
    outgoing: join(root, 'old'),
    replaced: join(root, 'replaced'),
    placed: join(root, 'placed'),
    aside: join(root, 'aside'),
    rest: join(root, 'rest'),
    contents: join(root, 'contents.json'),
    lockedOut: join(root, 'locked-out.txt'),
  };
}

function rootIn(folder: string, what: string): string {
  return join(folder, nameWithMark(folder, `${RESTORE_STAGE_PREFIX}${what}`));
}

/** Every stage folder of a restore. */
export function stageRoots(journal: RestoreJournal): string[] {
  const { database } = journal;
  return [
    ...journal.uploads.map(({ live }) => uploadsStage(journal, live).root),
    ...(database === null ? [] : [databaseStage(journal, database.live).root]),
  ];
}

/** Makes a stage folder that says whose it is. */
export async function makeStageRoot(disk: Disk, root: string, backups: string): Promise<void> {
  await disk.makeFolder(root);
  await disk.writeText(join(root, OWNER_FILE), resolvedPath(backups));
}

/** A stage that a run of this user left beside live data. */
export interface FoundStage {
  readonly root: string;
  /** The backups folder with its journal; null: it does not say. */
  readonly backups: string | null;
}

/** The stages of this user in a folder. Names of others mean nothing. */
export async function stagesIn(disk: Disk, folder: string): Promise<FoundStage[]> {
  const found: FoundStage[] = [];
  for (const name of await disk.list(folder).catch(() => [])) {
    const root = join(folder, name);
    if (name.startsWith(RESTORE_STAGE_PREFIX) && hasOwnMark(folder, name) && isRealFolder(root)) {
      const backups = isRealFile(join(root, OWNER_FILE)) ? await disk.readText(join(root, OWNER_FILE)).catch(() => null) : null;
      found.push({ root, backups });
    }
  }
  return found;
}

/** What looks like a stage of another user, of another machine or of a copied project. */
export interface ForeignStage {
  readonly root: string;
  readonly uid: number;
  readonly since: Date;
  /** What was live may be in it; also said of one that this user may not look into. */
  readonly mayHoldLiveData: boolean;
}

/** Folders in a folder that are named as stages are, without a mark of this user. Nothing in them is believed. */
export async function foreignStagesIn(disk: Disk, folder: string): Promise<ForeignStage[]> {
  const found: ForeignStage[] = [];
  for (const name of await disk.list(folder).catch(() => [])) {
    const root = join(folder, name);
    const stats = STAGE_NAME.test(name) && !hasOwnMark(folder, name) ? lstatSync(root, { throwIfNoEntry: false }) : undefined;
    if (stats?.isDirectory() === true) {
      const isOpen = await disk.list(root).then(
        () => true,
        () => false,
      );
      found.push({ root, uid: stats.uid, since: stats.mtime, mayHoldLiveData: !isOpen || (await holdsLiveData(disk, root)) });
    }
  }
  return found;
}

/** The restore that a stage folder belongs to. */
export function idOf(root: string): string {
  return basename(root).slice(RESTORE_STAGE_PREFIX.length).split('-', 1)[0] ?? '';
}

/** Whether a stage without a journal may still hold what was live. */
export async function holdsLiveData(disk: Disk, root: string): Promise<boolean> {
  for (const name of await disk.list(root).catch(() => [])) {
    const isOld = ['old', 'replaced', 'aside'].includes(name) ? (await disk.list(join(root, name)).catch(() => ['?'])).length > 0 : false;
    if (isOld || name.startsWith('old.db')) {
      return true;
    }
  }
  return false;
}

/** No part of a stage may be a link, nor lie behind one: what is moved and removed there must be what the restore made. */
export function requireRealStages(journal: RestoreJournal): void {
  const parts = [
    ...journal.uploads.flatMap(({ live }) => {
      const { root, incoming, outgoing, replaced, placed, aside, rest } = uploadsStage(journal, live);
      return [live, root, incoming, outgoing, replaced, placed, aside, rest];
    }),
    ...(journal.database === null ? [] : [dirname(journal.database.live), databaseStage(journal, journal.database.live).root]),
  ];
  const bad = parts.find((part) => !(lstatSync(part, { throwIfNoEntry: false })?.isDirectory() ?? true) || resolvedPath(part) !== part);
  if (bad !== undefined) {
    throw new BackupError(
      'RESTORE_INTERRUPTED',
      said`${bad} should be a folder of an interrupted restore, but is a link or a file. Nothing was touched.`,
      'Move it away, then run "pats-backup recover".',
    );
  }
}

/** Removes a tree of our own; folders that may not be written are no obstacle, unless they belong to somebody else. */
export async function removeTree({ disk }: Environment, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(errnoOf(error))) {
      throw error;
    }
    await unlock(disk, path);
    await disk.remove(path);
  }
}

async function unlock(disk: Disk, path: string): Promise<void> {
  if (!isRealFolder(path)) {
    return;
  }
  await disk.setMode(path, 0o700);
  for (const name of await disk.list(path)) {
    await unlock(disk, join(path, name));
  }
}

export function isStageName(path: string): boolean {
  return basename(path).startsWith(RESTORE_STAGE_PREFIX);
}

function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isRealFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
