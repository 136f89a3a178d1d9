// What a verification found is kept with the backup, whichever deed asked for it, and with those that share the bad files.
import { dirname } from 'node:path';
import type { OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import { findBackup, listBackups, type GoodBackup } from '../store/list';
import { isoWithOffset } from '../store/name';
import { writeVerification, type VerificationRecord } from '../store/verification-record';
import { sharersOf, type Sharer } from './sharers';
import { verifyBackup, type Depth, type Verification } from './verify';
import { said } from '../said';

/** From the quickest to the closest look. */
export const DEPTHS: readonly Depth[] = ['normal', 'contents', 'full', 'deep'];

/**
 * As `verifyBackup`. Damage is kept as the backup's last verification, for lists and retention to see; so is a good result
 * of a look at every file that was no less close than the last one. Of what lies outside of the backups folder nothing is kept.
 * `uploadsDepth` as for `verifyBackup`: who reads them calls `keepGood` then.
 */
export async function verifyAndKeep(
  env: Environment,
  folder: string,
  backup: GoodBackup,
  depth: Depth,
  options: OperationOptions,
  uploadsDepth = depth,
): Promise<Verification> {
  const found = await verifyBackup(env, backup, depth, options, uploadsDepth);
  const { problems, inUse } = found;
  if (dirname(backup.path) !== folder) {
    return found;
  }
  if (problems.length > 0) {
    const damaged = found.damaged.map(({ path }) => path);
    const sharers = await sharersOf(env, backup, damaged, (await listBackups(env.disk, folder)).backups);
    await keepFindings(env, backup, depth, { problems: [...problems], damaged });
    for (const { path, problem } of found.damaged) {
      await markSharers(env, folder, sharers.get(path) ?? [], depth, said`${problem} It is the same file as in ${backup.name}.`);
    }
  } else if (inUse.length === 0 && depth !== 'normal' && uploadsDepth !== 'normal') {
    await keepGood(env, folder, backup, depth);
  }
  return found;
}

/** Keeps that every file of a backup was read and is good. */
export async function keepGood(env: Environment, folder: string, backup: GoodBackup, depth: Depth): Promise<void> {
  if (dirname(backup.path) === folder && !wasCloser(backup.verification ?? null, depth) && !wasDamagedWhenMade(backup)) {
    await keepFindings(env, backup, depth, { problems: [], damaged: [] });
  }
}

function wasCloser(last: VerificationRecord | null, depth: Depth): boolean {
  return last?.ok === false && DEPTHS.indexOf(last.depth) > DEPTHS.indexOf(depth);
}

function wasDamagedWhenMade({ manifest }: GoodBackup): boolean {
  return manifest.database?.damaged === true;
}

type Findings = Pick<VerificationRecord, 'problems'> & { readonly damaged: string[] };

/** Keeps what was found as the backup's last verification; false: it cannot be written there. */
export async function keepFindings(env: Environment, entry: GoodBackup, depth: Depth, { problems, damaged }: Findings): Promise<boolean> {
  const at = isoWithOffset(env.now());
  const ok = problems.length === 0;
  const readAt = !ok ? undefined : depth === 'normal' ? entry.verification?.readAt : at;
  return writeVerification(env.disk, entry.path, {
    at,
    depth: recorded(depth),
    ok,
    problems,
    damaged,
    ...(readAt === undefined ? {} : { readAt }),
  });
}

function recorded(depth: Depth): VerificationRecord['depth'] {
  return depth === 'contents' ? 'full' : depth;
}

/** The same file is bad in every backup that promises the same of it. */
export async function markSharers(
  env: Environment,
  folder: string,
  sharers: readonly Sharer[],
  depth: Depth,
  problem: string,
): Promise<void> {
  for (const { backup, file } of sharers) {
    const last = (await findBackup(env.disk, folder, backup.name)).verification ?? null;
    const failed = last?.ok === false ? last : null;
    if (failed?.damaged?.includes(file.path) === true) {
      continue;
    }
    await writeVerification(env.disk, backup.path, {
      at: isoWithOffset(env.now()),
      depth: failed !== null && DEPTHS.indexOf(failed.depth) > DEPTHS.indexOf(depth) ? failed.depth : recorded(depth),
      ok: false,
      problems: [...(failed?.problems ?? []), problem],
      ...(failed !== null && failed.damaged === undefined ? {} : { damaged: [...(failed?.damaged ?? []), file.path] }),
    });
  }
}

/** The names of the backups, each once. */
export function namesOf(sharers: readonly Sharer[] = []): string[] {
  return [...new Set(sharers.map(({ backup }) => backup.name))];
}
