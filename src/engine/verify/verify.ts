// Verifies a backup: what its manifest promises against what lies in its folder, then SQLite's own checks.
import pMap from 'p-map';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { hashTogether } from '../files/many';
import { isSafeRelative } from '../files/paths';
import { sameMillisecond, walkTree, type TreeFile } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { isInUse } from '../platform/busy';
import { here } from '../platform/platform';
import { checkDatabase, type CheckResult } from '../sqlite/checks';
import { digestTables, type TableDigest } from '../sqlite/digest';
import type { Environment } from '../store/environment';
import { wasDamaged } from '../store/flaws';
import { uploadFolders, type GoodBackup } from '../store/list';
import type { FileEntry } from '../store/manifest';
import { readFileList, readFolderList } from '../store/manifest-file';
import { compareNames } from '../store/spelling';
import { warning, warningsOf, type Warning } from '../warnings';
import { said } from '../said';

export interface Verification {
  /** What is wrong, a sentence each; empty: the backup is as it was made. */
  readonly problems: readonly string[];
  /** What could not be checked or was known when the backup was made. */
  readonly warnings: readonly Warning[];
  /** The files that are not what the manifest says, each with its problem. */
  readonly damaged: readonly DamagedFile[];
  /** What could not be read, because another program has it open, a sentence each: it may be whole or not. */
  readonly inUse: readonly string[];
}

export interface DamagedFile {
  /** In the backup, `/`-separated. */
  readonly path: string;
  /** The same sentence as among the problems. */
  readonly problem: string;
}

type Part = Omit<Verification, 'damaged' | 'inUse'>;

/** What is found on the way, file by file. */
interface Findings {
  readonly damaged: DamagedFile[];
  readonly inUse: string[];
}

/**
 * `normal`: hashes the database, compares uploads by size and time. `contents`: hashes everything, and asks SQLite only
 * about a database without a hash. `full`: that and quick_check. `deep`: integrity_check too.
 */
export type Depth = 'normal' | 'contents' | 'full' | 'deep';

const AT_ONCE = 4;
/** Tables that are named when the manifest is wrong about them. */
const MOST_PROBLEMS = 20;
/** Bytes from which on reading takes longer than starting a thread. */
const WORTH_A_THREAD = 32 * 1024 * 1024;
/** Milliseconds in which a thread gets under way: nothing is heard of it while SQLite checks. */
const TO_BEGIN = 5;

/**
 * Reads a backup and reports; only cancellation and failures of this machine are thrown. `uploadsDepth` is for a caller that
 * reads the uploads itself and compares them with the manifest.
 */
export async function verifyBackup(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  uploadsDepth = depth,
): Promise<Verification> {
  const found: Findings = { damaged: [], inUse: [] };
  const database = await verifyDatabase(env, backup, depth, options, found);
  const uploads = await verifyUploads(env, backup, uploadsDepth, options, found);
  return { problems: [...database.problems, ...uploads.problems], warnings: [...database.warnings, ...uploads.warnings], ...found };
}

/** Fails with FILE_IN_USE when something could not be read: nothing is restored or sent out unseen. */
export function requireAllRead({ inUse }: Verification): void {
  const [first] = inUse;
  if (first !== undefined) {
    throw new BackupError('FILE_IN_USE', first, 'Nothing was changed. Close it in that program, then try again.');
  }
}

async function verifyDatabase(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  found: Findings,
): Promise<Part> {
  const { manifest, path } = backup;
  if (manifest.database_file === null) {
    return { problems: [], warnings: [] };
  }
  const problems: string[] = [];
  const record = manifest.database ?? null;
  const file = join(path, manifest.database_file);
  const check = (): CheckResult => {
    options.onProgress?.({ phase: 'check', doneBytes: 0, totalBytes: record?.size ?? 0 });
    return checkDatabase(file, depth === 'deep' ? 'deep' : 'quick', { withWal: record === null });
  };
  let checked: (() => CheckResult) | undefined;
  /** SQLite checks what another thread reads. What it says counts only if the bytes are those of the backup. */
  const hashedWhileChecked = async (): Promise<string> => {
    const hashing = env.disk.hashApart(file, options.signal);
    // What fails before somebody waits for it would end the process.
    hashing.catch(() => undefined);
    await sleep(TO_BEGIN);
    checked = outcomeOf(check);
    return hashing;
  };
  const parts =
    record === null ? [] : [{ name: manifest.database_file, size: record.size, sha256: record.sha256 }, ...(record.side_files ?? [])];
  for (const part of parts) {
    if (
      part.name !== manifest.database_file &&
      !['-wal', '-journal'].some((suffix) => part.name === `${manifest.database_file ?? ''}${suffix}`)
    ) {
      problems.push(said`The manifest names "${part.name}", which is no file of the database.`);
      continue;
    }
    const isMain = part.name === manifest.database_file && record?.damaged !== true;
    const hash =
      isMain && depth !== 'contents' && options.pause === undefined && part.size >= WORTH_A_THREAD ? hashedWhileChecked : undefined;
    const problem = await fileProblem(env, join(path, part.name), part, part.name, options, found, hash);
    if (problem !== null) {
      problems.push(problem);
      found.damaged.push({ path: part.name, problem });
    }
  }
  if (record !== null && record.damaged !== true && (await hasContent(env, join(path, `${manifest.database_file}-wal`)))) {
    problems.push(said`${manifest.database_file}-wal was added after the backup was made.`);
  }
  if (record?.damaged === true) {
    return { problems, warnings: [wasDamaged()] };
  }
  if (problems.length > 0 || found.inUse.length > 0) {
    return { problems, warnings: [] };
  }
  if (depth === 'contents' && record !== null) {
    // It passed SQLite's checks when it was made, and is the same still.
    return { problems: [], warnings: [] };
  }
  const result = (checked ?? check)();
  const name = manifest.database_file;
  // What is damaged may take any time to read: tables can share their pages.
  const recorded =
    depth === 'deep' && result.problems.length === 0 ? await recordedOtherwise(file, name, record?.tables ?? [], options) : [];
  return {
    problems: result.problems.map((line) => (line.startsWith(name) ? line : `${name}: ${line}`)),
    warnings: [
      ...warningsOf('NOT_CHECKED', result.warnings),
      ...warningsOf('INDEXES_DIFFER', result.indexes),
      ...warningsOf('RECORDED_WRONG', recorded),
    ],
  };
}

/** Comparisons believe what the manifest says of a table; nothing that a restore brings back depends on it. */
async function recordedOtherwise(
  file: string,
  name: string,
  recorded: readonly TableDigest[],
  options: OperationOptions,
): Promise<string[]> {
  const found =
    recorded.length === 0
      ? []
      : await digestTables(file, () => {
          throwIfCancelled(options.signal);
        });
  const digests = new Map(found.map((table) => [table.name, table]));
  return recorded
    .filter((table) => {
      const there = digests.get(table.name);
      return there?.rows !== table.rows || there.sha256 !== table.sha256;
    })
    .slice(0, MOST_PROBLEMS)
    .map(
      (table) =>
        said`The manifest says of the table ${table.name} what is not in ${name}: comparisons may be wrong about it, a restore is not.`,
    );
}

/** Runs `work` now; its result, or its failure, when somebody asks. */
function outcomeOf<T>(work: () => T): () => T {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function hasContent(env: Environment, file: string): Promise<boolean> {
  return env.disk.stat(file).then(
    (stats) => stats.size > 0n,
    () => false,
  );
}

async function fileProblem(
  env: Environment,
  file: string,
  expected: { readonly size: number; readonly sha256: string },
  name: string,
  options: OperationOptions,
  { inUse }: Findings,
  hash?: () => Promise<string>,
): Promise<string | null> {
  throwIfCancelled(options.signal);
  try {
    const stats = await env.disk.stat(file);
    if (!stats.isFile()) {
      return said`${name} is not a file.`;
    }
    if (stats.size !== BigInt(expected.size)) {
      return said`${name} has ${stats.size} bytes instead of ${expected.size}.`;
    }
    let done = 0;
    const onBytes = (bytes: number): void => {
      throwIfCancelled(options.signal);
      done += bytes;
      options.onProgress?.({ phase: 'verify', doneBytes: done, totalBytes: expected.size });
    };
    const sha256 = await (hash ?? (() => env.disk.hash(file, onBytes, options.pause)))();
    return sha256 === expected.sha256 ? null : said`${name} was changed after the backup was made: its sha256 differs.`;
  } catch (error) {
    throwIfCancelled(options.signal);
    if (error instanceof BackupError) {
      throw error;
    }
    if (isInUse(error, here)) {
      inUse.push(notRead(name));
      return null;
    }
    return errnoOf(error) === 'ENOENT' ? said`${name} is missing.` : said`${name} cannot be read (${errnoOf(error)}).`;
  }
}

function notRead(name: string): string {
  return said`${name} could not be checked: another program has it open.`;
}

async function verifyUploads(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  findings: Findings,
): Promise<Part> {
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
