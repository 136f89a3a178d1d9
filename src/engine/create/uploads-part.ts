// The uploads' part of a new backup: unchanged files are hard-linked from the backup before, the others copied and hashed.
import { join, relative } from 'node:path';
import { isInside, resolvedPath } from '../files/paths';
import { walkTree } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { sourceOf } from '../project/paths';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import type { FileEntry, Manifest } from '../store/manifest';
import { readFileList } from '../store/manifest-file';
import type { Sharing } from './sharing';
import { NOTHING_REUSABLE, unchanged, type Reusable, type UploadsScan } from './upload-file';
import { furtherNames, stageUploadFolder, type StagedFolder } from './upload-folder';

export { NOTHING_REUSABLE, type UploadsScan } from './upload-file';

/** Everything that the uploads add to a backup, with its record. */
export interface UploadsPart extends StagedFolder {
  readonly uploads: NonNullable<Manifest['uploads']>;
}

/** Looks at every upload folder. `exclude` holds absolute paths that are no uploads, e.g. the database. */
export async function scanUploads(
  env: Environment,
  project: Pick<Project, 'root' | 'uploads' | 'copies'>,
  exclude: readonly string[],
): Promise<UploadsScan[]> {
  const scans: UploadsScan[] = [];
  for (const [index, root] of project.uploads.entries()) {
    const folder = folderInBackup(index);
    const source = sourceOf(project, root);
    // Both are absolute; only that of the folder may go through links.
    const real = resolvedPath(root);
    const excluded = exclude.filter((path) => isInside(real, path)).map((path) => join(root, relative(real, path)));
    scans.push({ root, source, folder, tree: await walkTree(env.disk, root, excluded) });
  }
  return scans;
}

/** The name that the uploads folder at this place of the project's list has in a backup. */
export function folderInBackup(index: number): string {
  return index === 0 ? 'uploads' : `uploads-${index + 1}`;
}

/** The files of an earlier backup that a new one can share; empty when it has no usable list. */
export async function reusableFiles(
  env: Environment,
  sharing: Sharing | null,
  scans: readonly UploadsScan[],
  rotten: string[],
): Promise<Reusable> {
  const files = new Map<string, FileEntry>();
  if (sharing === null) {
    return NOTHING_REUSABLE;
  }
  const { from: previous, reads } = sharing;
  const folders = new Set(
    scans
      .filter((scan) => previous.manifest.uploads?.some((u) => u.source === scan.source && u.folder === scan.folder))
      .map((s) => s.folder),
  );
  // An unusable list only means that everything is copied.
  for (const file of (await readFileList(env.disk, previous.path, previous.manifest).catch(() => null)) ?? []) {
    if (folders.has(file.path.slice(0, file.path.indexOf('/')))) {
      files.set(file.path, file);
    }
  }
  return { files, from: previous.path, reads, rotten };
}

/** Bytes that must be copied because no earlier backup has them. */
export function bytesToCopy(scans: readonly UploadsScan[], reusable: Reusable): number {
  let bytes = 0;
  for (const { folder, tree } of scans) {
    const further = furtherNames(tree.files);
    for (const file of tree.files.filter(({ path }) => !further.has(path))) {
      bytes += unchanged(reusable, `${folder}/${file.path}`, file) === undefined ? file.stored : 0;
    }
  }
  return bytes;
}

/** Puts the scanned uploads into the stage. */
export async function stageUploads(
  env: Environment,
  scans: readonly UploadsScan[],
  reusable: Reusable,
  stage: string,
  options: OperationOptions,
): Promise<UploadsPart> {
  const totalBytes = scans.reduce((sum, scan) => sum + scan.tree.files.reduce((bytes, file) => bytes + file.size, 0), 0);
  let doneBytes = 0;
  const parts: StagedFolder[] = [];
  for (const scan of scans) {
    const part = await stageUploadFolder({ env, scan, reusable, stage }, (bytes) => {
      throwIfCancelled(options.signal);
      doneBytes += bytes;
      options.onProgress?.({ phase: 'uploads', doneBytes, totalBytes });
    });
    parts.push(part);
  }
  return {
    uploads: scans.map(({ source, folder, tree }) => ({ source, folder, existed: tree.exists })),
    files: parts.flatMap(({ files }) => files),
    folders: parts.flatMap(({ folders }) => folders),
    links: parts.flatMap(({ links }) => links),
    unkept: [...new Set(parts.flatMap(({ unkept }) => unkept))],
    skipped: parts.flatMap(({ skipped }) => skipped),
    partial: parts.flatMap(({ partial }) => partial),
  };
}
