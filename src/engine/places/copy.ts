// The copy on this machine of data in a container: the database of one moment, and the uploads, of which only changes are written.
import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { chmod, lchown, lutimes, rename } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { BackupError } from '../errors';
import type { Docker, PathStat } from './docker';
import { whilePaused } from './pause';
import { readTar, safePath, type TarEntry } from './tar';
import type { Door } from './volume';

/** What SQLite needs beside a database to bring it in order, and the database last: without it, there is none. */
const FILES = ['-wal', '-journal', ''] as const;
const ATTEMPTS = 3;
/** Milliseconds within which a file may have been written again without another time: archives tell whole seconds. */
const RESOLUTION = 2000;

/**
 * Copies the database and its side files to `target`, while no container that could write to them moves. Nothing is done
 * if all are as they were copied before. Gives the milliseconds for which the application stood still. Fails with
 * DATABASE_LOCKED where containers keep being started meanwhile.
 */
export async function copyDatabase(docker: Docker, door: Door, path: string, target: string, state: string): Promise<number> {
  const before = stampOf(await statsOf(docker, door, path));
  if (before === null) {
    FILES.forEach((suffix) => {
      rmSync(target + suffix, { force: true });
    });
    return 0;
  }
  if (existsSync(target) && stampIn(target) === before) {
    return 0;
  }
  let longest = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const writers = await door.writers();
    const { result: stats, pausedMs } = await whilePaused(docker, writers, state, async () => {
      for (const suffix of FILES) {
        await copyFile(docker, door, path + suffix, `${target}${suffix}.new`);
      }
      return statsOf(docker, door, path);
    });
    longest = Math.max(longest, pausedMs);
    if ((await door.writers()).every((id) => writers.includes(id))) {
      for (const [index, suffix] of FILES.entries()) {
        await giveTime(`${target}${suffix}.new`, stats[index]?.mtime);
        await rename(`${target}${suffix}.new`, target + suffix).catch(() => {
          rmSync(target + suffix, { force: true });
        });
      }
      writeFileSync(`${target}.stamp`, stampOf(stats) ?? '', { mode: 0o600 });
      return longest;
    }
  }
  throw new BackupError(
    'DATABASE_LOCKED',
    `Containers that use ${posix.basename(path)} keep being started while it is copied.`,
    'Wait until the application has started, then try again.',
  );
}

/** In the order of FILES. */
async function statsOf(docker: Docker, door: Door, path: string): Promise<(PathStat | null)[]> {
  return Promise.all(FILES.map((suffix) => docker.stat(door.container, door.pathOf(path + suffix))));
}

/** One line that changes with the files; null: there is no database. */
function stampOf(stats: readonly (PathStat | null)[]): string | null {
  return stats.at(-1) === null ? null : stats.map((each) => (each === null ? '-' : `${each.size}:${each.mtime}`)).join(' ');
}

/** Of the live file, which tells later whether anybody has written: an archive has whole seconds only. */
async function giveTime(file: string, time: string | undefined): Promise<void> {
  if (time !== undefined && existsSync(file)) {
    await lutimes(file, new Date(time), new Date(time));
  }
}

function stampIn(target: string): string {
  try {
    return readFileSync(`${target}.stamp`, 'utf8');
  } catch {
    return '';
  }
}

async function copyFile(docker: Docker, door: Door, path: string, target: string): Promise<void> {
  rmSync(target, { force: true });
  const archive = await docker.archive(door.container, door.pathOf(path));
  if (archive === null) {
    return;
  }
  try {
    for await (const entry of readTar(archive)) {
      if (entry.kind !== 'file') {
        throw new BackupError('READ_FAILED', `${path} in the container is not a file.`, 'Look at it with "docker compose exec".');
      }
      await writeEntry(entry, target);
    }
  } finally {
    archive.destroy();
  }
}

/**
 * Makes the folder `target` what lies at `path`: read again until nothing changed meanwhile, a bounded number of times.
 * Links are links. Files without a change are not written.
 */
export async function copyUploads(docker: Docker, door: Door, path: string, target: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if ((await copyFolder(docker, door, path, target)) === 0) {
      return;
    }
  }
}

/** The number of files that were written. */
async function copyFolder(docker: Docker, door: Door, path: string, target: string): Promise<number> {
  const start = Date.now();
  const settledBefore = Number(stampIn(target)) || 0;
  const archive = await docker.archive(door.container, door.pathOf(path));
  if (archive === null) {
    rmSync(target, { recursive: true, force: true });
    return 0;
  }
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const seen = new Set<string>();
  const folders: { readonly path: string; readonly entry: TarEntry }[] = [];
  let written = 0;
  try {
    for await (const entry of readTar(archive)) {
      const way = withoutTop(entry.path);
      const place = join(target, way ?? '');
      if (way === null || entry.kind === 'other') {
        continue;
      }
      seen.add(place);
      if (entry.kind === 'folder') {
        mustBe(place, 'isDirectory');
        mkdirSync(place, { recursive: true, mode: 0o700 });
        folders.push({ path: place, entry });
      } else if (entry.kind !== 'file') {
        putLink(entry, place, target);
      } else if (!isSame(place, entry, settledBefore)) {
        await writeEntry(entry, place);
        written++;
      }
    }
  } finally {
    archive.destroy();
  }
  removeUnseen(target, seen);
  for (const { path: folder, entry } of folders.reverse()) {
    await carry(folder, entry);
  }
  writeFileSync(`${target}.stamp`, String(start - RESOLUTION), { mode: 0o600 });
  return written;
}

/** A symbolic one is recorded, never followed. */
function putLink(entry: TarEntry, place: string, target: string): void {
  rmSync(place, { recursive: true, force: true });
  const from = withoutTop(safePath(entry.kind === 'hard link' ? entry.target : ''));
  if (entry.kind === 'link') {
    symlinkSync(entry.target, place);
  } else if (from !== null) {
    linkSync(join(target, from), place);
  }
}

/** Docker puts the folder's own name before everything; null: it is the folder itself. */
function withoutTop(path: string): string | null {
  const at = path.indexOf('/');
  return at < 0 ? null : path.slice(at + 1);
}

/** What is in the way is removed: the copy is ours. */
function mustBe(path: string, kind: 'isDirectory' | 'isFile'): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats[kind]()) {
    rmSync(path, { recursive: true, force: true });
  }
}

function isSame(path: string, { size, mtime }: TarEntry, settledBefore: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === size && Math.floor(stats.mtimeMs / 1000) === mtime && mtime * 1000 < settledBefore;
}

async function writeEntry(entry: TarEntry, target: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  mustBe(target, 'isFile');
  // Another name of a hard link keeps what it has.
  rmSync(target, { force: true });
  // Written at once, chunk by chunk: an application may stand still for this.
  const file = openSync(target, 'wx', 0o600);
  try {
    for await (const chunk of entry.content) {
      for (let done = 0; done < chunk.length;) {
        done += writeSync(file, chunk, done);
      }
    }
  } finally {
    closeSync(file);
  }
  await carry(target, entry);
}

/** Owner and mode are a wish, where only root may give them. */
async function carry(path: string, { kind, mode, uid, gid, mtime }: TarEntry): Promise<void> {
  await lchown(path, uid, gid).catch(() => undefined);
  await chmod(path, (mode & 0o777) | (kind === 'folder' ? 0o700 : 0o600)).catch(() => undefined);
  await lutimes(path, mtime, mtime);
}

function removeUnseen(folder: string, seen: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!seen.has(path)) {
      rmSync(path, { recursive: true, force: true });
    } else if (entry.isDirectory()) {
      removeUnseen(path, seen);
    }
  }
}
