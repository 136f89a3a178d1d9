// The copy on this machine of a database in a container: of a moment in which the application stands still, or without that.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { lutimes, rename } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { BackupError } from '../errors';
import type { Docker, PathStat } from './docker';
import { putFile } from './entries';
import { whilePaused, type PauseKeeper } from './pause';
import { readTar } from './tar';
import type { Door } from './volume';
import { said } from '../said';

/** What SQLite needs beside a database to bring it in order, and the database last: without it, there is none. */
const FILES = ['-wal', '-journal', ''] as const;
/** The first two: what is left to copy where the database itself has been copied before. */
const SIDES = ['-wal', '-journal'] as const;
const ATTEMPTS = 3;
/** Milliseconds without a write after which another one is sure to give the file another time. */
const QUIET = 1000;
/** Bytes of a log's header: another one, and its frames are another log's (https://www.sqlite.org/fileformat2.html#walformat). */
const LOG_HEADER = 32;

/** Where it is copied from and to. */
export interface CopyOf {
  readonly docker: Docker;
  readonly door: Door;
  /** In the container. */
  readonly path: string;
  /** Absolute, on this machine. */
  readonly target: string;
  /** Milliseconds since 1970, at which copying fails with TakesTooLong; absent: it takes the time it needs. */
  readonly until?: number;
}

/** What is noted of a copy: the state of the files, the moment in milliseconds since 1970, and how it was made. */
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
 * if all are as they were copied before. Gives the milliseconds for which the application stood still. Fails with
 * DATABASE_LOCKED where containers keep being started meanwhile.
 */
export async function copyDatabase(of: CopyOf, keeper: PauseKeeper): Promise<number> {
  if (stampIn(of.target)?.how === 'still' && (await isUpToDate(of))) {
    return 0;
  }
  let longest = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const writers = await of.door.writers();
    const early = writers.length === 0 ? null : await copyEarly(of);
    const at = Date.now();
    const { result, pausedMs } = await whilePaused(of.docker, writers, keeper, async () => {
      const before = await statsOf(of);
      // In WAL mode the database itself changes only from time to time: most of what is copied at rest is its log.
      await copyFiles(of, early !== null && early === textOf(before.at(-1)) ? SIDES : FILES);
      const after = await statsOf(of);
      // One that was started or woken meanwhile, by whomever, has not stood still.
      const isStill = (await of.door.writers()).length === 0 && stampOf(before) === stampOf(after);
      return isStill ? after : null;
    });
    longest = Math.max(longest, pausedMs);
    if (result !== null) {
      await publish(of, result, { at, how: 'still' });
      return longest;
    }
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

/** Copies the database alone, while it is in use. Gives its state if it did not change meanwhile, nor just before; otherwise null. */
async function copyEarly(of: CopyOf): Promise<string | null> {
  const { docker, door, path } = of;
  const before = await docker.stat(door.container, door.pathOf(path));
  if (before === null || Date.now() - Date.parse(before.mtime) < QUIET) {
    return null;
  }
  await copyFiles(of, ['']);
  const after = await docker.stat(door.container, door.pathOf(path));
  return textOf(before) === textOf(after) ? textOf(after) : null;
}

async function copyFiles(of: CopyOf, files: readonly string[] = FILES): Promise<void> {
  const { path, target } = of;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  try {
    // The database first: of a log that grows meanwhile, what is more is only newer.
    for (const suffix of [...files].reverse()) {
      await copyFile(of, path + suffix, `${target}${suffix}.new`);
    }
  } catch (error) {
    removeNew(target);
    throw error;
  }
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

function removeNew(target: string): void {
  FILES.forEach((suffix) => {
    rmSync(`${target}${suffix}.new`, { force: true });
  });
}

/** In the order of FILES. */
async function statsOf({ docker, door, path }: CopyOf): Promise<(PathStat | null)[]> {
  return Promise.all(FILES.map((suffix) => docker.stat(door.container, door.pathOf(path + suffix))));
}

/** One line that changes with the files; null: there is no database. */
function stampOf(stats: readonly (PathStat | null)[]): string | null {
  return stats.at(-1) === null ? null : stats.map(textOf).join(' ');
}

function textOf(stat: PathStat | null | undefined): string {
  return stat === null || stat === undefined ? '-' : `${stat.size}:${stat.mtime}`;
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

async function copyFile({ docker, door, until }: CopyOf, path: string, target: string): Promise<void> {
  rmSync(target, { force: true });
  const archive = await docker.archive(door.container, door.pathOf(path), until);
  if (archive === null) {
    return;
  }
  try {
    for await (const entry of readTar(archive)) {
      if (entry.kind !== 'file') {
        throw new BackupError('READ_FAILED', said`${path} in the container is not a file.`, 'Look at it with "docker compose exec".');
      }
      await putFile(entry, target, dirname(target));
    }
  } finally {
    archive.destroy();
  }
}

/** In hex; empty: there is no log, or nothing in it. */
async function logHeader({ docker, door, path }: CopyOf): Promise<string> {
  const archive = await docker.archive(door.container, door.pathOf(`${path}-wal`));
  if (archive === null) {
    return '';
  }
  try {
    for await (const entry of readTar(archive)) {
      const parts: Buffer[] = [];
      for await (const chunk of entry.content) {
        parts.push(chunk);
        if (Buffer.concat(parts).length >= LOG_HEADER) {
          break;
        }
      }
      return Buffer.concat(parts).toString('hex', 0, LOG_HEADER);
    }
    return '';
  } finally {
    archive.destroy();
  }
}

function headerIn(file: string): string {
  if (!existsSync(file)) {
    return '';
  }
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(LOG_HEADER);
    return bytes.toString('hex', 0, readSync(handle, bytes));
  } finally {
    closeSync(handle);
  }
}
