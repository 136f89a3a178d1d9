// Verifies named backups or all of them, says who shares a damaged file, and keeps each result.
import { join } from 'node:path';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { findBackup, isGood, listBackups, type GoodBackup } from '../store/list';
import { isoWithOffset } from '../store/name';
import { writeVerification } from '../store/verification-record';
import { DAMAGED, verifyBackup, type Verification } from './verify';
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
  /** What could not be checked, a sentence each; no reason to distrust the backup. */
  readonly warnings: readonly string[];
}

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
    const { problems, warnings } = isGood(entry)
      ? await verified(env, entry, all, params, options)
      : { problems: [entry.reason ?? 'It is not a complete backup.'], warnings: [] };
    results.push({ name: entry.name, ok: problems.length === 0, problems, warnings });
  }
  return results;
}

async function verified(
  env: Environment,
  entry: GoodBackup,
  all: readonly BackupEntry[],
  params: VerifyParams,
  options: OperationOptions,
): Promise<Verification> {
  const found = await verifyBackup(env, entry, params.deep === true ? 'deep' : 'normal', options);
  const problems = await Promise.all(found.problems.map((problem) => withSharers(env, problem, entry, all)));
  if (entry.manifest.database?.damaged === true) {
    problems.push(DAMAGED);
  }
  const depth = params.deep === true ? 'deep' : 'normal';
  await writeVerification(env.disk, entry.path, { at: isoWithOffset(env.now()), depth, ok: problems.length === 0, problems });
  return { problems, warnings: found.warnings.filter((warning) => warning !== DAMAGED) };
}

/** A hard-linked file that is damaged in one backup is damaged in all that share it. */
async function withSharers(env: Environment, problem: string, entry: GoodBackup, all: readonly BackupEntry[]): Promise<string> {
  const path = /^(uploads[^ ]*?\/.*?) (?:was changed|has \d+ bytes)/.exec(problem)?.[1];
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
