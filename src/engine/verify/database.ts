// The database of a backup: its hash, then SQLite's checks, and what the manifest says of its tables.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TO_BEGIN, WORTH_A_THREAD } from '../files/hash-apart';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { said } from '../said';
import { checkDatabase, type CheckResult } from '../sqlite/checks';
import { digestTables, type TableDigest } from '../sqlite/digest';
import type { Environment } from '../store/environment';
import { wasDamaged } from '../store/flaws';
import type { GoodBackup } from '../store/list';
import { warningsOf, type Warned } from '../warnings';
import { fileProblem, type Depth, type Findings } from './file';

/** Tables that are named when the manifest is wrong about them. */
const MOST_PROBLEMS = 20;

/** What is wrong with it, and what could not be checked; damaged files are added to what was found. */
export async function verifyDatabase(
  env: Environment,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  found: Findings,
): Promise<{ readonly problems: readonly string[] } & Warned> {
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
