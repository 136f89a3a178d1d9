// The restore's journal: what a restore is about to replace and how far it came, so that a crash can be finished or undone.
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { isInside, resolvedPath } from '../files/paths';
import { RESTORE_STAGE_PREFIX } from '../files/tree';
import type { Project } from '../project/project';

export const JOURNAL_FILE = '.restore-journal.json';
const LARGEST = 16 * 1024 * 1024;

const fingerprint = z.array(z.string());

const journalSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** staging, prepared: nothing was replaced yet. committing: go forward. reverting: go back. done: only cleaning is left. */
  state: z.enum(['staging', 'prepared', 'committing', 'reverting', 'done']),
  backup: z.string(),
  safetyBackup: z.string(),
  database: z
    .object({
      mode: z.enum(['in-place', 'swap', 'create', 'remove']),
      live: z.string(),
      /** Of the live database just before it was replaced. */
      fingerprint,
      replaced: z.boolean(),
    })
    .nullable(),
  uploads: z.array(
    z.object({
      live: z.string(),
      /** The restore made the folder. */
      made: z.boolean(),
      /** Names at the top of the restored folder. */
      entries: z.array(z.string()),
      /** Names at the top of the live folder that stay where they are: the database. */
      keep: z.array(z.string()),
      cleared: z.boolean(),
    }),
  ),
});
export type RestoreJournal = z.infer<typeof journalSchema>;
export type JournaledDatabase = NonNullable<RestoreJournal['database']>;
export type JournaledUploads = RestoreJournal['uploads'][number];

export function newRestoreId(): string {
  return randomBytes(4).toString('hex');
}

/** Where the new database waits, on the file system of the live one. */
export function stagedDatabase(journal: RestoreJournal, live: string): string {
  return join(dirname(live), `${RESTORE_STAGE_PREFIX}${journal.id}.db`);
}

/** Where the new uploads wait and the old ones go. Inside the live folder, which may be a mount point of its own. */
export function uploadsStage(
  journal: RestoreJournal,
  live: string,
): { readonly root: string; readonly incoming: string; readonly outgoing: string } {
  const root = join(live, `${RESTORE_STAGE_PREFIX}${journal.id}`);
  return { root, incoming: join(root, 'new'), outgoing: join(root, 'old') };
}

/** Durably replaces the journal. */
export async function writeJournal(disk: Disk, backups: string, journal: RestoreJournal): Promise<void> {
  const temporary = join(backups, `.tmp-journal-${randomBytes(4).toString('hex')}`);
  await disk.writeText(temporary, `${JSON.stringify(journal, null, 2)}\n`);
  await disk.rename(temporary, join(backups, JOURNAL_FILE));
  await disk.syncFolder(backups);
}

export async function removeJournal(disk: Disk, backups: string): Promise<void> {
  await disk.remove(join(backups, JOURNAL_FILE));
  await disk.syncFolder(backups);
}

/**
 * The journal that an interrupted restore left; null: there is none. Fails with JOURNAL_UNREADABLE when it cannot be
 * understood or speaks of paths that are not this project's: then a person must look.
 */
export async function readJournal(disk: Disk, project: Project): Promise<RestoreJournal | null> {
  const file = join(project.backups, JOURNAL_FILE);
  let text: string;
  try {
    const stats = await disk.stat(file);
    if (!stats.isFile() || stats.size > LARGEST) {
      throw unreadable(file, 'It is not a file that a restore writes.');
    }
    text = await disk.readText(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return null;
    }
    throw error instanceof BackupError ? error : unreadable(file, 'It cannot be read.', error);
  }
  const result = journalSchema.safeParse(parse(text));
  if (!result.success) {
    throw unreadable(file, 'Its content is not that of a journal.', result.error);
  }
  const journal = result.data;
  const lives = [journal.database?.live, ...journal.uploads.map((upload) => upload.live)].filter((path) => path !== undefined);
  const stranger = lives.find((path) => !belongsTo(project, path));
  if (stranger !== undefined) {
    throw unreadable(file, `It speaks of ${stranger}, which is not part of this project as it is configured now.`);
  }
  const badName = journal.uploads
    .flatMap((upload) => [...upload.entries, ...upload.keep])
    .find((name) => name !== basename(name) || name === '..' || name === '.');
  if (badName !== undefined) {
    throw unreadable(file, `It names "${badName}", which is no entry of an uploads folder.`);
  }
  return journal;
}

function belongsTo(project: Project, path: string): boolean {
  const known = [project.database, ...project.uploads].filter((own) => own !== null).map(resolvedPath);
  if (known.includes(path)) {
    return true;
  }
  const root = resolvedPath(project.root);
  const isSource = ['.git', 'node_modules'].some((folder) => isInside(join(root, folder), path));
  return path !== root && isInside(root, path) && resolvedPath(path) === path && !isSource;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, why: string, cause?: unknown): BackupError {
  return new BackupError(
    'JOURNAL_UNREADABLE',
    `A restore was interrupted, and its journal ${file} cannot be used. ${why}`,
    'Nothing was touched. Use the paths the restore was started with, or compare the data with the newest pre_restore backup and then delete the journal.',
    { cause },
  );
}
