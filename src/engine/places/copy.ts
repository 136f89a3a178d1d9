// The copy on this machine of a database in a container: of a moment in which the application stands still, or without that.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { lutimes, rename } from 'node:fs/promises';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError } from '../errors';
import { copyFiles, FILES, headerIn, isInRollbackMode, logHeader, removeNew, SIDES, statsOf, textOf, type CopyOf } from './copied-files';
import type { PathStat } from './docker';
import { whilePaused, type PauseKeeper } from './pause';
import { said } from '../said';

const ATTEMPTS = 3;
/** Bytes from which on it pays to copy the database before the pause: less is read in a few milliseconds. */
const LARGE = 4 * 1024 * 1024;
/** Milliseconds for which copies before the pause are tried, where the database keeps changing under them. */
const EARLY_MS = 6000;
/** Milliseconds without a write after which another one is sure to give the file another time: of seconds, which may be even ones alone, and of fine ones. */
const QUIET = { coarse: 2000, fine: 50 };
/** Clocks of two machines differ by less than these milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/** What is noted of a copy: the state of the files, the moment in milliseconds since 1970, and whether it serves again for who needs one of one moment. */
interface Stamp {
  readonly state: string;
  readonly at: number;
  readonly how: 'still' | 'look';
}

/** The moment of the copy that is there, milliseconds since 1970; null: there is none, or it is not whole. */
export function copiedAt(target: string): number | null {
  return stampIn(target)?.at ?? null;
}

/** Whether the database in the container is as it was when it was copied. */
export async function isUpToDate(of: CopyOf): Promise<boolean> {
  return stampIn(of.target)?.state === stampOf(await statsOf(of));
}

/**
 * Copies the database and its side files to `target`, while no container that could write to them moves. Nothing is done
 * if all are as they were copied before. Gives the milliseconds for which the application stood still at most. Fails with
 * DATABASE_LOCKED where containers keep being started meanwhile.
 */
export async function copyDatabase(of: CopyOf, keeper: PauseKeeper): Promise<number> {
  if (stampIn(of.target)?.how === 'still' && (await isUpToDate(of))) {
    return 0;
  }
  let longest = 0;
  let earlyUntil = Date.now() + EARLY_MS;
  for (let attempt = 1; attempt <= ATTEMPTS;) {
    const writers = await of.door.writers();
    const early = writers.length === 0 || Date.now() >= earlyUntil ? 'none' : await copyEarly(of);
    if (early === 'changed') {
      continue;
    }
    if (early === 'none') {
      earlyUntil = 0;
    }
    const at = Date.now();
    const { result, pausedMs } = await whilePaused(of.docker, writers, keeper, async () => {
      const before = await statsOf(of);
      // In WAL mode the database itself changes only from time to time: most of what is copied at rest is its log.
      const isEarly = early === textOf(before.at(-1));
      if (!isEarly && Date.now() < earlyUntil) {
        return 'again';
      }
      await copyFiles(of, isEarly ? SIDES : FILES);
      const [after, awake] = await Promise.all([statsOf(of), of.door.writers()]);
      // One that was started or woken meanwhile, by whomever, has not stood still.
      return awake.length === 0 && stampOf(before) === stampOf(after) ? after : null;
    });
    longest = Math.max(longest, pausedMs);
    if (result === 'again') {
      continue;
    }
    if (result !== null) {
      // Who writes after the pause, but in the same second, could leave the files as they look now.
      const isFinal = result.every((stat) => stat === null || !isCoarse(stat) || !isYoung(stat));
      await publish(of, result, { at, how: isFinal ? 'still' : 'look' });
      return longest;
    }
    attempt++;
  }
  removeNew(of.target);
  throw new BackupError(
    'DATABASE_LOCKED',
    said`Containers that use ${posix.basename(of.path)} keep being started while it is copied.`,
    'Wait until the application has started, then try again.',
  );
}

/**
 * The same without pausing anything, for who only looks. Taken is only what SQLite could have found after a crash at one
 * moment: the database did not change meanwhile, and its log only grew. Gives whether there is such a copy now.
 */
export async function lookAtDatabase(of: CopyOf): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const at = Date.now();
    const before = await statsOf(of);
    await copyFiles(of);
    const header = await logHeader(of);
    const after = await statsOf(of);
    const isSame = [1, 2].every((index) => textOf(before[index]) === textOf(after[index]));
    if (isSame && header === headerIn(`${of.target}-wal.new`)) {
      // What the log got meanwhile may be in the copy or not: its state before says so, and it is copied again.
      await publish(of, before, { at, how: 'look' });
      return true;
    }
  }
  removeNew(of.target);
  return false;
}

/**
 * Copies the database alone, while it is in use. Gives its state if it did not change meanwhile, nor just before; `changed`:
 * it did, but another time it may not; `none`: it does not pay.
 */
async function copyEarly(of: CopyOf): Promise<string> {
  const { docker, door, path, target } = of;
  const stat = (): Promise<PathStat | null> => docker.stat(door.container, door.pathOf(path));
  const before = await stat();
  if (before === null || before.size < LARGE) {
    return 'none';
  }
  if (!isCoarse(before) || isYoung(before)) {
    await sleep(isCoarse(before) ? QUIET.coarse : QUIET.fine);
    if (textOf(before) !== textOf(await stat())) {
      return 'changed';
    }
  }
  await copyFiles(of, ['']);
  if (textOf(before) === textOf(await stat())) {
    return textOf(before);
  }
  // With a rollback journal every transaction changes it.
  return isInRollbackMode(`${target}.new`) ? 'none' : 'changed';
}

/** Whether its time is one of whole seconds. */
function isCoarse({ mtime }: PathStat): boolean {
  return !/\.\d*[1-9]/.test(mtime);
}

/** Docker may have another clock. */
function isYoung({ mtime }: PathStat): boolean {
  return Math.abs(Date.now() - Date.parse(mtime)) < DAY;
}

async function publish({ target }: CopyOf, stats: readonly (PathStat | null)[], made: Pick<Stamp, 'at' | 'how'>): Promise<void> {
  // Until all are in place, they are no copy.
  rmSync(`${target}.stamp`, { force: true });
  for (const [index, suffix] of FILES.entries()) {
    await giveTime(`${target}${suffix}.new`, stats[index]?.mtime);
    await rename(`${target}${suffix}.new`, target + suffix).catch(() => {
      rmSync(target + suffix, { force: true });
    });
  }
  // The index of another log.
  rmSync(`${target}-shm`, { force: true });
  const state = stampOf(stats);
  if (state !== null) {
    writeFileSync(`${target}.stamp`, [state, made.at, made.how].join('\n'), { mode: 0o600 });
  }
}

/** One line that changes with the files; null: there is no database. */
function stampOf(stats: readonly (PathStat | null)[]): string | null {
  return stats.at(-1) === null ? null : stats.map(textOf).join(' ');
}

/** Of the live file, which tells later whether anybody has written: an archive has whole seconds only. */
async function giveTime(file: string, time: string | undefined): Promise<void> {
  if (time !== undefined && existsSync(file)) {
    await lutimes(file, new Date(time), new Date(time));
  }
}

/** null: there is no copy, or not all of it is in place. */
function stampIn(target: string): Stamp | null {
  try {
    const [state = '', at = '', how = ''] = readFileSync(`${target}.stamp`, 'utf8').split('\n');
    return existsSync(target) ? { state, at: Number(at), how: how === 'still' ? 'still' : 'look' } : null;
  } catch {
    return null;
  }
}
