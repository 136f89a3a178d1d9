// What came out of an exported file: only what a backup consists of is kept, and that is brought to the disk.
import { join } from 'node:path';
import type { Disk } from '../files/disk';
import { walkTree } from '../files/tree';
import { type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import type { Manifest } from '../store/manifest';
import { FILES_FILE, FOLDERS_FILE, MANIFEST_FILE } from '../store/terms';

/** Removes what lies beside the parts of the backup, e.g. somebody's record of a verification or a folder of git. */
export async function keepOnlyParts(disk: Disk, { path, manifest }: GoodBackup): Promise<void> {
  const parts = partsOf(manifest);
  for (const name of (await disk.list(path)).filter((each) => !parts.has(each))) {
    await disk.remove(join(path, name));
  }
}

/** Returns when every file of the backup, and every name, is on the disk. */
export async function syncUnpacked(disk: Disk, { path }: GoodBackup): Promise<void> {
  const tree = await walkTree(disk, path);
  await disk.syncTree(
    path,
    tree.files.map((file) => join(path, file.path)),
    [...[...tree.folders].reverse().map((folder) => join(path, folder)), path],
  );
}

function partsOf(manifest: Manifest): Set<string> {
  const { database_file: database, database: record, files, folders } = manifest;
  return new Set([
    MANIFEST_FILE,
    ...(files === undefined || Array.isArray(files) ? [] : [FILES_FILE]),
    ...(folders === undefined || Array.isArray(folders) ? [] : [FOLDERS_FILE]),
    ...(database === null ? [] : [database]),
    ...(record?.side_files ?? []).map(({ name }) => name),
    ...uploadFolders(manifest),
  ]);
}
