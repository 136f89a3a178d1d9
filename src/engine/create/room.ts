// Whether a backup fits on the file system of the backups folder, and what it would add to it.
import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { asListed, resolvedPath } from '../files/paths';
import type { Project } from '../project/project';
import { readSettings } from '../project/settings';
import type { Environment } from '../store/environment';
import { listBackups, type BackupEntry } from '../store/list';
import { liveLockPath } from '../store/live-lock';
import { decideSharing, verifyEveryOf, type Sharing } from './sharing';
import { bytesToCopy, reusableFiles, scanUploads } from './uploads-part';
import { said } from '../said';

/** Bytes that a file system must have left beyond what a backup needs. */
export const SPACE_MARGIN = 16 * 1024 * 1024;

/** Bytes that a backup of these parts would add to the backups folder. */
export async function bytesNeeded(
  env: Environment,
  project: Project,
  parts: { readonly database: boolean; readonly uploads: boolean },
): Promise<number> {
  const sharing = await sharingOf(project, (await listBackups(env.disk, project.backups)).backups, env.now());
  return (parts.database ? liveSize(project) : 0) + (parts.uploads ? await uploadsToCopy(env, project, sharing) : 0);
}

/** From which backup files may be shared. */
export async function sharingOf(project: Project, earlier: readonly BackupEntry[], now: Date): Promise<Sharing | null> {
  return decideSharing(earlier, verifyEveryOf((await readSettings(project.root)).verifyEvery), now);
}

/** Bytes of uploads that no earlier backup has, by a look at all of them. */
export async function uploadsToCopy(env: Environment, project: Project, sharing: Sharing | null): Promise<number> {
  const scans = await scanUploads(env, project, databaseFiles(project));
  return bytesToCopy(scans, await reusableFiles(env, sharing, scans, []));
}

/** How many times what the backup before holds fits beside the database, so that room for its uploads is beyond doubt. */
const AMPLE = 4;

export async function hasAmpleRoom(env: Environment, folder: string, databaseBytes: number, sharing: Sharing | null): Promise<boolean> {
  return sharing !== null && (await env.disk.freeBytes(folder)) > databaseBytes + AMPLE * sharing.from.sizeBytes + SPACE_MARGIN;
}

/** Fails with NO_SPACE when `bytes` more do not fit on the file system of an existing folder, where `written` are of the same work. */
export async function requireSpace(env: Environment, folder: string, bytes: number, written = 0): Promise<void> {
  const left = await env.disk.freeBytes(folder);
  if (left < bytes + SPACE_MARGIN) {
    const free = left + written;
    const mb = (value: number): string => said`${Math.ceil(value / 1024 / 1024)} MB`;
    throw new BackupError(
      'NO_SPACE',
      said`${mb(written + bytes + SPACE_MARGIN)} are needed in ${folder}, but only ${mb(free)} are free.`,
      'Free some disk space or delete old backups. Nothing was changed.',
    );
  }
}

/** The database with its journals and its lock, and a link to it: never part of the uploads, wherever they lie. */
export function databaseFiles({ database }: Pick<Project, 'database'>): string[] {
  if (database === null) {
    return [];
  }
  const file = asListed(resolvedPath(database));
  const link = join(resolvedPath(dirname(database)), basename(database));
  return [...new Set([link, ...['', '-wal', '-shm', '-journal'].map((suffix) => file + suffix), liveLockPath(database)])];
}

/** Bytes of the live database with its journals. */
export function liveSize(project: Project): number {
  return databaseFiles(project).reduce((sum, file) => sum + (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
