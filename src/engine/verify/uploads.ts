// The uploads of a backup: each file of its list, and nothing else.
import pMap from 'p-map';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { hashTogether } from '../files/many';
import { isSafeRelative } from '../files/paths';
import { sameMillisecond, walkTree, type TreeFile } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { said } from '../said';
import type { Environment } from '../store/environment';
import { type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import type { FileEntry } from '../store/manifest';
import { readFileList, readFolderList } from '../store/manifest-file';
import { compareNames } from '../store/spelling';
import { warning, type Warned } from '../warnings';
import { fileProblem, type Depth, type Findings } from './file';

const AT_ONCE = 4;

/** What is wrong with them, and what could not be checked; damaged files are added to what was found. */
export async function verifyUploads(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  findings: Findings,
): Promise<{ readonly problems: readonly string[] } & Warned> {
  const { manifest, path } = backup;
  const problems: string[] = [];
  const found = new Map<string, TreeFile>();
  for (const folder of uploadFolders(manifest)) {
    const tree = await walkTree(env.disk, join(path, folder));
    for (const file of tree.files) {
      found.set(`${folder}/${file.path}`, file);
    }
    problems.push(...tree.links.map((link) => said`${folder}/${link.path} is a link, which a backup never holds.`));
    problems.push(...tree.special.map((entry) => said`${folder}/${entry.path} does not belong in a backup: it is ${entry.reason}.`));
    problems.push(...tree.unreadable.map((entry) => said`${folder}/${entry.path} cannot be read: ${entry.reason}.`));
  }
  let files: readonly FileEntry[] | null;
  try {
    files = await readFileList(env.disk, path, manifest);
    await readFolderList(env.disk, path, manifest);
  } catch (error) {
    if (error instanceof BackupError && error.code === 'FILE_IN_USE') {
      findings.inUse.push(error.message);
      return { problems, warnings: [] };
    }
    if (error instanceof BackupError) {
      return { problems: [...problems, error.message], warnings: [] };
    }
    throw error;
  }
  if (files === null) {
    const warnings = manifest.uploads_included
      ? [warning('NOT_CHECKED', 'This backup has no list of its uploads, so that they could only be counted.')]
      : [];
    return { problems, warnings };
  }
  const folders = new Set(uploadFolders(manifest));
  const isListed = (file: FileEntry): boolean => isSafeRelative(file.path) && folders.has(file.path.split('/', 1)[0] ?? '');
  const listed = files.filter(isListed);
  problems.push(
    ...files
      .filter((file) => !isListed(file))
      .map((file) => said`The manifest names "${file.path}", which lies outside the backup's uploads.`),
  );
  const names = compareNames(
    listed.map((file) => file.path),
    [...found.keys()],
  );
  for (const [spelt, name] of names.listed) {
    const file = found.get(spelt);
    if (file !== undefined) {
      found.set(name, file);
    }
  }
  const onDisk = new Map([...names.listed].map(([spelt, name]) => [name, spelt]));
  const placeOf = (file: FileEntry): string => join(path, onDisk.get(file.path) ?? file.path);
  const isTrusted = (file: FileEntry, there: TreeFile): boolean =>
    depth === 'normal' && there.size === file.size && sameMillisecond(there.mtime, BigInt(file.mtime));
  const toRead = listed.filter((file) => {
    const there = found.get(file.path);
    return there?.size === file.size && !isTrusted(file, there);
  });
  // In the background file by file, with a pause after each.
  const hashes = await hashTogether(
    options.pause === undefined ? env.disk.many : null,
    toRead.map((file) => ({ path: placeOf(file), size: file.size })),
    (bytes) => {
      throwIfCancelled(options.signal);
      options.onProgress?.({ phase: 'verify', doneBytes: bytes, totalBytes: bytes });
    },
  );
  const isGood = (file: FileEntry): boolean => {
    const there = found.get(file.path);
    return there !== undefined && (isTrusted(file, there) || hashes.get(placeOf(file)) === file.sha256);
  };
  const others = listed.filter((file) => !isGood(file));
  const results = await pMap(
    others,
    async (file) =>
      found.has(file.path) ? fileProblem(env, placeOf(file), file, file.path, options, findings) : said`${file.path} is missing.`,
    { concurrency: options.pause === undefined ? AT_ONCE : 1 },
  );
  for (const [index, problem] of results.entries()) {
    if (problem !== null) {
      problems.push(problem);
      findings.damaged.push({ path: others[index]?.path ?? '', problem });
    }
  }
  problems.push(...names.added.map((name) => said`${name} was added after the backup was made.`));
  return { problems, warnings: [] };
}
