// What a backup is made of, by its manifest: whether it is there, and how large it is.
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../files/disk';
import { walkTree } from '../files/tree';
import { said } from '../said';
import type { Manifest } from './manifest';

/** Why a backup is incomplete, a sentence; null: all that its manifest names is there. */
export function missingPart(disk: Disk, path: string, manifest: Manifest): string | null {
  const database = manifest.database_file;
  if (database !== null) {
    if (/[/\\\0]/.test(database) || database === '.' || database === '..' || database === '') {
      return 'Its manifest names a database file outside the backup.';
    }
    const stats = statsOf(disk, join(path, database));
    if (stats?.isFile() !== true) {
      return said`Its database ${database} is missing.`;
    }
  }
  const uploads = manifest.uploads ?? [];
  if (['folder', 'source'].some((key) => new Set(uploads.map((upload) => upload[key])).size < uploads.length)) {
    return 'Its manifest names an uploads folder twice.';
  }
  for (const folder of uploadFolders(manifest)) {
    if (/[/\\\0]/.test(folder) || folder === '.' || folder === '..' || folder === '') {
      return 'Its manifest names an uploads folder outside the backup.';
    }
    const stats = statsOf(disk, join(path, folder));
    if (stats?.isDirectory() !== true) {
      return said`Its folder ${folder}/ is missing.`;
    }
  }
  return null;
}

/** Names of the upload folders inside a backup. */
export function uploadFolders(manifest: Manifest): readonly string[] {
  if (!manifest.uploads_included) {
    return [];
  }
  return manifest.uploads === undefined ? ['uploads'] : manifest.uploads.map((upload) => upload.folder);
}

/** Bytes of all files: as the manifest says, or as they are where it says nothing. */
export async function sizeOf(disk: Disk, path: string, manifest?: Manifest): Promise<number> {
  return manifest?.files === undefined ? walkedSize(disk, path) : recordedSize(manifest);
}

function recordedSize(manifest: Manifest): number {
  const database = manifest.database?.size ?? 0;
  const { files } = manifest;
  if (files === undefined) {
    return database;
  }
  return database + (Array.isArray(files) ? files.reduce((sum, file) => sum + file.size, 0) : files.size);
}

async function walkedSize(disk: Disk, path: string): Promise<number> {
  const tree = await walkTree(disk, path);
  return tree.files.reduce((sum, file) => sum + file.size, 0);
}

/** null: it is not there, or nobody may look. */
export function statsOf(disk: Disk, path: string): BigIntStats | null {
  try {
    return disk.statNow(path) ?? null;
  } catch {
    return null;
  }
}
