// Lists what is in the backups folder: good backups, folders that are none and why, and SQL dumps.
import { join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { explainFileError, fileInUse } from '../files/explain';
import type { Project } from '../project/project';
import type { Environment } from './environment';
import type { Manifest } from './manifest';
import { MANIFEST_FILE } from './terms';
import { readManifest } from './manifest-file';
import { newestFirst } from './order';
import { missingPart, sizeOf, statsOf } from './parts';
import { readVerification } from './verification-record';
import type { FileRelation } from '../migrations/schema';
import type { Warned } from '../warnings';
import { flawsOf } from './flaws';
import type { VerificationRecord } from './verification-record';
import { inRow, said } from '../said';

export interface BackupEntry {
  readonly name: string;
  /** Absolute path of the backup's folder. */
  readonly path: string;
  readonly status: 'ok' | 'incomplete';
  /** Why an incomplete backup is none, in a sentence. */
  readonly reason?: string;
  /** Another program has its manifest open: whether it is complete cannot be said now. */
  readonly inUse?: boolean;
  readonly sizeBytes: number;
  readonly manifest?: Manifest;
  /** How its revisions relate to the migration files of this checkout. */
  readonly relation?: FileRelation;
  /** The last verification; null: never. */
  readonly verification?: VerificationRecord | null;
}

/** A SQL dump in the backups folder. */
export interface DumpEntry {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** ISO 8601, the file's modification time. */
  readonly modifiedAt: string;
}

/** An interrupted restore that was neither finished nor taken back yet. */
export interface WaitingRestore {
  /** What waits, why, and where the files are, in sentences. */
  readonly message: string;
  readonly remedy: string;
  /** The backup that was being restored; null: unknown. */
  readonly backup: string | null;
  /** Holds the state before; it must stay. */
  readonly safetyBackup: string | null;
  /** Live data may be half of one state and half of another: nothing is backed up or restored before it is settled. */
  readonly blocks: boolean;
}

export interface BackupList extends Warned {
  readonly backupsFolder: string;
  /** A restore that waits to be finished or taken back; null or absent: there is none. */
  readonly waiting?: WaitingRestore | null;
  /** Newest first. */
  readonly backups: readonly BackupEntry[];
  readonly dumps: readonly DumpEntry[];
}

/** The manifest plus the backup's absolute path, and what it must be read with. */
/** `pausedMs`: how long containers stood still for the copy, in milliseconds; absent: none did. */
export type CreatedBackup = Manifest & Warned & { readonly path: string; readonly pausedMs?: number };

/** Milliseconds after which others get their turn. */
const LONGEST_TURN = 15;
const DUMP = /\.sql(\.gz|\.zst)?$/i;

/** Everything in a backups folder, newest first. A missing folder is an empty list. */
export async function listBackups(disk: Disk, backupsFolder: string): Promise<BackupList> {
  const backups: BackupEntry[] = [];
  const dumps: DumpEntry[] = [];
  let since = performance.now();
  for (const name of (await namesIn(disk, backupsFolder)).filter((entry) => !entry.startsWith('.'))) {
    const path = join(backupsFolder, name);
    const stats = statsOf(disk, path);
    if (stats === null) {
      continue;
    }
    if (performance.now() - since > LONGEST_TURN) {
      await new Promise((next) => setImmediate(next));
      since = performance.now();
    }
    if (stats.isFile() && DUMP.test(name)) {
      dumps.push({ name, path, sizeBytes: Number(stats.size), modifiedAt: stats.mtime.toISOString() });
    } else if (stats.isDirectory()) {
      backups.push(await readEntry(disk, backupsFolder, name));
    } else if (stats.isSymbolicLink()) {
      backups.push(linkEntry(backupsFolder, name));
    }
  }
  dumps.sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt));
  return { backupsFolder, backups: newestFirst(backups), dumps, warnings: [] };
}

/** One entry of the list by its folder's name. Fails with BACKUP_NOT_FOUND. */
export async function findBackup(disk: Disk, backupsFolder: string, name: string): Promise<BackupEntry> {
  const isOneSegment = name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name);
  const stats = isOneSegment ? await statOf(disk, join(backupsFolder, name), backupsFolder) : null;
  if (stats?.isSymbolicLink() === true) {
    return linkEntry(backupsFolder, name);
  }
  if (stats?.isDirectory() !== true) {
    throw new BackupError(
      'BACKUP_NOT_FOUND',
      said`There is no backup named "${name}" in ${backupsFolder}.`,
      'List the backups to see their names.',
    );
  }
  return readEntry(disk, backupsFolder, name);
}

/** null: there is no such entry. Fails with NO_PERMISSION where this user may not look, and as the disk does. */
async function statOf(disk: Disk, path: string, folder: string): Promise<Awaited<ReturnType<Disk['stat']>> | null> {
  try {
    return await disk.stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'].includes(errnoOf(error))) {
      return null;
    }
    throw explainFileError(error, folder);
  }
}

/** Never followed: what it leads to is not this project's. */
function linkEntry(backupsFolder: string, name: string): BackupEntry {
  return { name, path: join(backupsFolder, name), status: 'incomplete', reason: 'It is a link, not a folder.', sizeBytes: 0 };
}

export type GoodBackup = BackupEntry & {
  readonly manifest: Manifest;
  /** Made for one restore alone, and checked in this very operation: its database is taken from where it lies, not copied. */
  readonly isForThis?: true;
};

/** As `findBackup`; an incomplete one fails with BACKUP_INCOMPLETE. */
export async function findGoodBackup(disk: Disk, backupsFolder: string, name: string): Promise<GoodBackup> {
  const entry = await findBackup(disk, backupsFolder, name);
  if (entry.inUse === true) {
    throw fileInUse(join(entry.path, MANIFEST_FILE));
  }
  if (!isGood(entry)) {
    throw new BackupError(
      'BACKUP_INCOMPLETE',
      inRow([said`"${name}" is not a complete backup.`, ...(entry.reason === undefined ? [] : [entry.reason])], ' '),
      'Choose another backup.',
    );
  }
  return entry;
}

export function isGood(entry: BackupEntry): entry is GoodBackup {
  return entry.status === 'ok' && entry.manifest !== undefined;
}

/**
 * Whether undo may go back to it: its own manifest records the restore that it was taken for, and a restore that did not
 * take place leaves none. A copy under another name, and what was imported, belong to no restore of this project.
 */
export function isUndoTarget(entry: BackupEntry): entry is GoodBackup {
  return (
    isGood(entry) &&
    entry.manifest.trigger === 'safety' &&
    entry.manifest.safety !== undefined &&
    entry.manifest.backup_name === entry.name &&
    entry.manifest.imported_at === undefined
  );
}

/** The revisions that a backup's database says it has; empty: none, or unknown. */
export function revisionsOf(manifest: Manifest): readonly string[] {
  const { migrations, alembic_revision: rows } = manifest;
  return (
    migrations?.revisions ??
    (rows === null
      ? []
      : rows
          .split(',')
          .map((row) => row.trim())
          .filter((row) => row !== ''))
  );
}

async function namesIn(disk: Disk, backupsFolder: string): Promise<string[]> {
  try {
    return await disk.list(backupsFolder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return [];
    }
    if (errnoOf(error) === 'ENOTDIR') {
      throw new BackupError('WRITE_FAILED', said`${backupsFolder} is not a folder.`, 'Set patsBackup.backupsFolder to a folder.', {
        cause: error,
      });
    }
    throw explainFileError(error, backupsFolder);
  }
}

async function readEntry(disk: Disk, backupsFolder: string, name: string): Promise<BackupEntry> {
  const path = join(backupsFolder, name);
  const reading = readManifest(disk, path);
  if ('reason' in reading) {
    const { inUse } = reading;
    return { name, path, status: 'incomplete', reason: reading.reason, ...(inUse && { inUse }), sizeBytes: await sizeOf(disk, path) };
  }
  const { manifest } = reading;
  const reason = missingPart(disk, path, manifest);
  const sizeBytes = await sizeOf(disk, path, manifest);
  const verification = readVerification(disk, path);
  return {
    name,
    path,
    status: reason === null ? 'ok' : 'incomplete',
    ...(reason === null ? {} : { reason }),
    sizeBytes,
    manifest,
    verification,
  };
}

/** The manifest of one backup. Fails with BACKUP_NOT_FOUND or BACKUP_INCOMPLETE. */
export async function showBackup(env: Environment, project: Project, { name }: { readonly name: string }): Promise<CreatedBackup> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  return { ...backup.manifest, path: backup.path, warnings: flawsOf(backup.manifest, backup.verification ?? null) };
}

/** Fails with BACKUP_NOT_FOUND or BACKUP_INCOMPLETE, before anything is changed. */
export async function requireGoodBackup(env: Environment, project: Project, { name }: { readonly name: string }): Promise<void> {
  await findGoodBackup(env.disk, project.backups, name);
}
