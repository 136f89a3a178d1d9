// Verifies named backups or all of them, says who shares a damaged file, and keeps each result.
import { join } from 'node:path';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { findBackup, isGood, listBackups, type GoodBackup } from '../store/list';
import { isoWithOffset } from '../store/name';
import { writeVerification } from '../store/verification-record';
import { verifyBackup } from './verify';
import type { BackupEntry } from '../store/list';

export interface VerifyParams {
  /** Without names: every backup. */
  readonly names?: readonly string[];
  readonly deep?: boolean;
}

export interface VerifyResult {
  readonly name: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
}

const DAMAGED = 'The database was already damaged when this backup was made.';

/** One result for each backup, in the order asked for; without names newest first. */
export async function verifyBackups(
  env: Environment,
  project: Project,
  params: VerifyParams,
  options: OperationOptions,
): Promise<VerifyResult[]> {
  const all = (await listBackups(env.disk, project.backups)).backups;
  const names = params.names ?? [];
  const entries = names.length === 0 ? all : await Promise.all(names.map((name) => findBackup(env.disk, project.backups, name)));
  const results: VerifyResult[] = [];
  for (const entry of entries) {
    const problems = isGood(entry) ? await problemsOf(env, entry, all, params, options) : [entry.reason ?? 'It is not a complete backup.'];
    results.push({ name: entry.name, ok: problems.length === 0, problems });
  }
  return results;
}

async function problemsOf(
  env: Environment,
  entry: GoodBackup,
  all: readonly BackupEntry[],
  params: VerifyParams,
  options: OperationOptions,
): Promise<string[]> {
  const found = await verifyBackup(env, entry, params.deep === true ? 'deep' : 'normal', options);
  const problems = await Promise.all(found.problems.map((problem) => withSharers(env, problem, entry, all)));
  if (entry.manifest.database?.damaged === true) {
    problems.push(DAMAGED);
  }
  const depth = params.deep === true ? 'deep' : 'normal';
  await writeVerification(env.disk, entry.path, { at: isoWithOffset(env.now()), depth, ok: problems.length === 0, problems });
  return problems;
}

/** A hard-linked file that is damaged in one backup is damaged in all that share it. */
async function withSharers(env: Environment, problem: string, entry: GoodBackup, all: readonly BackupEntry[]): Promise<string> {
  const end = Math.max(problem.lastIndexOf(' was changed '), problem.lastIndexOf(' has '));
  const path = problem.startsWith('uploads') && end > 0 ? problem.slice(0, end) : undefined;
  if (path === undefined) {
    return problem;
  }
  const inodeIn = async (backup: BackupEntry): Promise<bigint | null> =>
    env.disk.stat(join(backup.path, path)).then(
      (stats) => stats.ino,
      () => null,
    );
  const inode = await inodeIn(entry);
  const sharers: string[] = [];
  for (const other of all.filter((each) => each.name !== entry.name)) {
    if (inode !== null && (await inodeIn(other)) === inode) {
      sharers.push(other.name);
    }
  }
  return sharers.length === 0 ? problem : `${problem} The same file is part of ${sharers.join(', ')}.`;
}
