// Verifies named backups or all of them, says who shares a damaged file, and keeps each result.
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { flawsOf, wasDamaged } from '../store/flaws';
import { findBackup, isGood, listBackups, type BackupEntry, type GoodBackup } from '../store/list';
import type { VerificationRecord } from '../store/verification-record';
import { warning, warningsOf, type Warned } from '../warnings';
import { DEPTHS, keepFindings, markSharers, namesOf } from './keep';
import { sharersOf } from './sharers';
import { verifyBackup, type Depth } from './verify';
import { said } from '../said';

export interface VerifyParams {
  /** Without names: every backup. */
  readonly names?: readonly string[];
  readonly deep?: boolean;
  /** Reads every file, but slowly, and gives way to every other operation. */
  readonly background?: boolean;
}

export interface VerifyResult extends Warned {
  readonly name: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
  /** Files that are not what the manifest says. */
  readonly damaged: readonly {
    /** In the backup, `/`-separated. */
    readonly path: string;
    /** Names of other backups of which the same file is part: it is bad in them, too. */
    readonly sharedWith: readonly string[];
  }[];
}

/** One result for each backup, in the order asked for; without names newest first. */
export async function verifyBackups(
  env: Environment,
  project: Project,
  params: VerifyParams,
  options: OperationOptions,
): Promise<VerifyResult[]> {
  const { disk } = env;
  const all = (await listBackups(disk, project.backups)).backups;
  const { names = [] } = params;
  const asked = names.length === 0 ? all.map(({ name }) => name) : names;
  await Promise.all(asked.map((name) => findBackup(disk, project.backups, name)));
  const results: VerifyResult[] = [];
  for (const name of asked) {
    // Read again: what was found so far may be about this one, too, and it may have been deleted since.
    const entry = await findBackup(disk, project.backups, name).catch(() => null);
    const result = entry === null ? null : await verifyEntry(env, project, entry, all, params, options);
    if (result !== null) {
      results.push(result);
    }
  }
  return results;
}

/** null: it was deleted meanwhile, so that nothing can be said about it. */
async function verifyEntry(
  env: Environment,
  project: Project,
  entry: BackupEntry,
  all: readonly BackupEntry[],
  params: VerifyParams,
  options: OperationOptions,
): Promise<VerifyResult | null> {
  const { name } = entry;
  if (entry.inUse === true) {
    return { name, ok: true, problems: [], damaged: [], warnings: [warning('FILE_IN_USE', entry.reason ?? '')] };
  }
  if (!isGood(entry)) {
    return { name, ok: false, problems: [entry.reason ?? 'It is not a complete backup.'], damaged: [], warnings: [] };
  }
  const depth = depthOf(params, entry.verification ?? null);
  const found = await verifyBackup(env, entry, depth, options);
  if (found.problems.length > 0 && !(await isThere(env, entry))) {
    return null;
  }
  const sharers = await sharersOf(
    env,
    entry,
    found.damaged.map(({ path }) => path),
    all,
  );
  const damaged = found.damaged.map(({ path }) => ({ path, sharedWith: namesOf(sharers.get(path)) }));
  const problems = found.problems.map((problem) => {
    const file = found.damaged.find((each) => each.problem === problem);
    return withSharers(problem, namesOf(sharers.get(file?.path ?? '')));
  });
  if (entry.manifest.database?.damaged === true) {
    problems.push(wasDamaged().message);
  }
  // What could not be read is no result: the last one stands.
  const isPart = found.inUse.length > 0 && problems.length === 0;
  const isKept = isPart || (await keepFindings(env, entry, depth, { problems, damaged: damaged.map(({ path }) => path) }));
  for (const { path, problem } of found.damaged) {
    await markSharers(env, project.backups, sharers.get(path) ?? [], depth, said`${problem} It is the same file as in ${name}.`);
  }
  const known = flawsOf(entry.manifest).filter(({ code }) => code === 'FILES_MISSING');
  const warnings = [...found.warnings.filter(({ code }) => code !== 'DATABASE_WAS_DAMAGED'), ...known];
  const unkept = isKept ? [] : [warning('RECORD_NOT_KEPT', 'The result cannot be kept with the backup: its folder cannot be written.')];
  return {
    name,
    ok: problems.length === 0,
    problems,
    damaged,
    warnings: [...warningsOf('FILE_IN_USE', found.inUse), ...warnings, ...unkept],
  };
}

/** What failed is looked at as closely as then, lest a quick look calls good what a deep one has found bad. */
function depthOf({ deep, background }: VerifyParams, last: VerificationRecord | null): Depth {
  const wish: Depth = deep === true ? 'deep' : background === true ? 'contents' : 'normal';
  return last?.ok === false && DEPTHS.indexOf(last.depth) > DEPTHS.indexOf(wish) ? last.depth : wish;
}

async function isThere(env: Environment, entry: GoodBackup): Promise<boolean> {
  return env.disk.stat(entry.path).then(
    () => true,
    () => false,
  );
}

function withSharers(problem: string, names: readonly string[]): string {
  return names.length === 0 ? problem : said`${problem} The same file is part of ${names.join(', ')}.`;
}
