// The copy on this machine of an uploads folder in a container, of which only changes are written.
import { isUtf8 } from 'node:buffer';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { RESTORE_STAGE_PREFIX } from '../files/tree';
import type { Docker } from './docker';
import { carry, placeBelow, putFile, putFolder, putLink, putOdd } from './entries';
import { readTar, safePath, type TarEntry } from './tar';
import type { Door } from './volume';
import { said } from '../said';

const ATTEMPTS = 3;
/** Milliseconds within which a file may have been written again without another time: archives tell whole seconds. */
const RESOLUTION = 2000;

/**
 * Makes the folder `target` what lies at `path`: read again until nothing changed meanwhile, a bounded number of times; with
 * `until` (milliseconds since 1970) once, and at most so long. Links are links. Files without a change are not written.
 * Fails with READ_FAILED where it is no folder.
 */
export async function copyUploads(docker: Docker, door: Door, path: string, target: string, until?: number): Promise<void> {
  for (let attempt = 1; attempt <= (until === undefined ? ATTEMPTS : 1); attempt++) {
    if ((await copyFolder(docker, door, path, target, until)) === 0) {
      return;
    }
  }
}

/** A part of a restore in the container's folder, or of one in the copy: no upload. */
export function isStage(way: string): boolean {
  return way.startsWith(RESTORE_STAGE_PREFIX);
}

/** The number of files that were written. */
async function copyFolder(docker: Docker, door: Door, path: string, target: string, until?: number): Promise<number> {
  const start = Date.now();
  const settledBefore = settled(target);
  const archive = await docker.archive(door.container, door.pathOf(path), until);
  if (archive === null) {
    rmSync(target, { recursive: true, force: true });
    return 0;
  }
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const seen = new Set<string>();
  const odd = new Set<string>();
  const folders: { readonly place: string; readonly entry: TarEntry }[] = [];
  let written = 0;
  try {
    for await (const entry of readTar(archive)) {
      const way = withoutTop(entry.path);
      if (way === null) {
        requireFolder(entry, path);
        continue;
      }
      if (entry.kind === 'other' || isStage(way)) {
        continue;
      }
      if (entry.odd !== null) {
        odd.add(putOdd(withoutTop(entry.odd) ?? '', target));
        continue;
      }
      const place = placeBelow(target, way);
      seen.add(place);
      if (entry.kind === 'folder') {
        putFolder(place, target);
        folders.push({ place, entry });
      } else if (entry.kind !== 'file') {
        putLink(entry, place, target, entry.kind === 'hard link' ? withoutTop(safePath(entry.target)) : null);
      } else if (!isSame(place, entry, settledBefore, target)) {
        await putFile(entry, place, target);
        written++;
      }
    }
  } finally {
    archive.destroy();
  }
  removeUnseen(target, seen, odd);
  for (const { place, entry } of folders.reverse()) {
    await carry(place, entry);
  }
  writeFileSync(`${target}.stamp`, String(start - RESOLUTION), { mode: 0o600 });
  return written;
}

/** Docker sends a link as a link: of what it leads to there would be nothing in the backup, without a word. */
function requireFolder({ kind, target }: TarEntry, path: string): void {
  const remedy = 'Name the folder itself in patsBackup.uploads.';
  if (kind === 'link') {
    throw new BackupError('READ_FAILED', said`${path} in the container is a link to ${target}.`, remedy);
  }
  if (kind !== 'folder') {
    throw new BackupError('READ_FAILED', said`${path} in the container is not a folder.`, remedy);
  }
}

/** Docker puts the folder's own name before everything; null: it is the folder itself. */
function withoutTop(path: string): string | null {
  const at = path.indexOf('/');
  return at < 0 ? null : path.slice(at + 1);
}

function isSame(path: string, { size, mtime }: TarEntry, settledBefore: number, target: string): boolean {
  for (let parent = join(path, '..'); parent.length > target.length; parent = join(parent, '..')) {
    if (lstatSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return false;
    }
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === size && Math.floor(stats.mtimeMs / 1000) === mtime && mtime * 1000 < settledBefore;
}

function settled(target: string): number {
  try {
    return Number(readFileSync(`${target}.stamp`, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

function removeUnseen(folder: string, seen: ReadonlySet<string>, odd: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isStage(entry.name)) {
      continue;
    }
    if (!seen.has(path)) {
      if (entry.name.includes('\u{fffd}')) {
        removeUnseenOdd(folder, odd);
      }
      rmSync(path, { recursive: true, force: true });
    } else if (entry.isDirectory()) {
      removeUnseen(path, seen, odd);
    }
  }
}

function removeUnseenOdd(folder: string, odd: ReadonlySet<string>): void {
  for (const name of readdirSync(folder, { encoding: 'buffer' }).filter((each) => !isUtf8(each))) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    if (!odd.has(path.toString('latin1'))) {
      rmSync(path, { force: true });
    }
  }
}
