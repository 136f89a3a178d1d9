// The restore's journal: what a restore is about to replace and how far it came. It is the one truth about an interrupted one.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { errnoOf, type Disk } from '../files/disk';
import { resolvedPath } from '../files/paths';
import { markedName, markOf } from '../store/own-state';

export const JOURNAL_FILE = '.restore-journal.json';
const VERSION = 2;
const LARGEST = 16 * 1024 * 1024;

/** Of a file that may be renamed: device, inode and time of birth. */
const identity = () => z.string();

const journalSchema = () =>
  z.object({
    version: z.literal(VERSION),
    id: z.string().regex(/^[0-9a-f]{8}$/),
    /**
     * staging, prepared: nothing was replaced. committing: uploads are being moved, which can be taken back. replacing: the
     * database's turn has come; whether it was replaced is told by what stands here about it. retaking: nobody can commit,
     * and its snapshot in the safety backup is taken again: that is not whole, and nothing was replaced. done: only cleaning
     * is left.
     */
    state: z.enum(['staging', 'prepared', 'committing', 'replacing', 'retaking', 'done']),
    backup: z.string(),
    /** What is replaced are copies of what is in containers: the key of the way back. */
    container: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    safetyBackup: z.string(),
    database: z
      .object({
        mode: z.enum(['in-place', 'swap', 'rewrite', 'create', 'remove']),
        live: z.string(),
        /** Folders that the restore made for it, the lowest first. */
        made: z.array(z.string()),
        /** In place: of the live database before it is replaced; SQLite raises it in the transaction of the copy. */
        schemaVersion: z.number().int().nullable(),
        /** By rename: of the staged file, which is the live one afterwards. */
        staged: identity().nullable(),
      })
      .nullable(),
    uploads: z.array(
      z.object({
        live: z.string(),
        /** Its folder's name in the safety backup. */
        folder: z.string(),
        /** The restore made the live folder. */
        made: z.boolean(),
        /** Paths below the live folder that stay where they are: the database, and what is no file. */
        keep: z.array(z.string()),
        /** Paths below the live folder that alone are replaced. */
        only: z.array(z.string()).optional(),
      }),
    ),
  });
export type RestoreJournal = z.infer<ReturnType<typeof journalSchema>>;
export type JournaledDatabase = NonNullable<RestoreJournal['database']>;
export type JournaledUploads = RestoreJournal['uploads'][number];

/** A journal is acted upon only when this user's runs wrote it, in this very place. */
export type JournalReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'own'; readonly journal: RestoreJournal }
  /** `written`: by whom and when, as far as the file itself says. */
  | { readonly kind: 'foreign'; readonly why: string; readonly written?: { readonly uid: number; readonly at: Date } };

export function newJournal(parts: Omit<RestoreJournal, 'version' | 'state'>): RestoreJournal {
  return { version: VERSION, state: 'staging', ...parts };
}

/** What a restore is called in its journal, and in its stages. */
export function newId(): string {
  return randomBytes(4).toString('hex');
}

/** Durably replaces the journal. */
export async function writeJournal(disk: Disk, backups: string, journal: RestoreJournal): Promise<void> {
  const temporary = join(backups, markedName(backups, '.tmp-journal'));
  // In the order of the schema, so that what is parsed again is the text that was signed.
  const text = JSON.stringify(journalSchema().parse(journal));
  try {
    await disk.writeText(temporary, `${JSON.stringify({ ...journal, mark: markFor(backups, text) }, null, 2)}\n`);
    await disk.rename(temporary, join(backups, JOURNAL_FILE));
  } catch (error) {
    // A leftover is swept by the next run.
    await disk.remove(temporary).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(backups);
}

/** Whether live data may have been replaced, and nobody has said that all of it was. */
export function isUnderWay({ state }: Pick<RestoreJournal, 'state'>): boolean {
  return state === 'committing' || state === 'replacing' || state === 'retaking';
}

/** Writes the next state; when that fails, the journal in memory says what the one on the disk says. */
export async function setState(disk: Disk, backups: string, journal: RestoreJournal, state: RestoreJournal['state']): Promise<void> {
  await writeJournal(disk, backups, { ...journal, state });
  journal.state = state;
}

export async function removeJournal(disk: Disk, backups: string): Promise<void> {
  await disk.remove(join(backups, JOURNAL_FILE));
  await disk.syncFolder(backups);
}

/** The journal in a backups folder. What this user did not write there is told apart, and nothing in it is believed. */
export async function readJournal(disk: Disk, backups: string): Promise<JournalReading> {
  const file = join(backups, JOURNAL_FILE);
  let text: string;
  let written: { uid: number; at: Date } | undefined;
  const foreign = (why: string): JournalReading => ({ kind: 'foreign', why, ...(written && { written }) });
  try {
    const stats = await disk.stat(file).catch((error: unknown) => {
      // Who may not look into the folder cannot tell; whatever needs the folder says so itself.
      if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error))) {
        return null;
      }
      throw error;
    });
    if (stats === null) {
      return { kind: 'none' };
    }
    written = { uid: Number(stats.uid), at: stats.mtime };
    if (!stats.isFile() || stats.size > LARGEST) {
      return foreign('it is not a file that a restore writes');
    }
    text = await disk.readText(file);
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error)) ? { kind: 'none' } : foreign('it cannot be read by this user');
  }
  const parsed = parse(text);
  const result = journalSchema().safeParse(parsed);
  if (!result.success) {
    const isOld = typeof parsed === 'object' && parsed !== null && 'version' in parsed && parsed.version === 1;
    return foreign(isOld ? 'an earlier release wrote it, without a mark' : 'its content is not that of a journal');
  }
  const mark = typeof parsed === 'object' && parsed !== null && 'mark' in parsed ? parsed.mark : undefined;
  if (mark !== markFor(backups, JSON.stringify(result.data))) {
    return foreign('it was written by another user, on another machine or in another folder');
  }
  return { kind: 'own', journal: result.data };
}

function markFor(backups: string, text: string): string {
  return markOf('journal', resolvedPath(backups), text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
