// Puts what an archive from a container holds below a folder of our own, and nowhere else, whatever the archive says.
import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { chmod, lchown, lutimes } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { BackupError } from '../errors';
import { here } from '../platform/platform';
import { safePath, type TarEntry } from './tar';
import { said } from '../said';

/** Bytes that a copy leaves free: the disk is everybody's. */
const LEFT_FREE = 256 * 1024 * 1024;
const HOLE = 4096;
const ZEROS = Buffer.alloc(64 * 1024);

/** Where an entry comes to lie; `way` is its path below `folder`. Fails with READ_FAILED where this system would read it otherwise. */
export function placeBelow(folder: string, way: string, isWindows = here.isWindows): string {
  if (isWindows && /[\\:]/.test(way)) {
    throw new BackupError(
      'READ_FAILED',
      said`This system has no name for the file "${way}" in the container.`,
      'Rename it there, then try again.',
    );
  }
  return join(folder, way);
}

/** Makes the folders above `place`, in `folder`: real ones, so that no link of the archive leads anything out. */
function makeParents(place: string, folder: string): void {
  let path = folder;
  for (const part of dirname(place)
    .slice(folder.length)
    .split(sep)
    .filter((each) => each !== '')) {
    path = join(path, part);
    mustBe(path, 'isDirectory');
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/** What is in the way is removed: the copy is ours. */
function mustBe(path: string, kind: 'isDirectory' | 'isFile'): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats[kind]()) {
    rmSync(path, { recursive: true, force: true });
  }
}

export function putFolder(place: string, folder: string): void {
  makeParents(place, folder);
  mustBe(place, 'isDirectory');
  mkdirSync(place, { recursive: true, mode: 0o700 });
}

/**
 * No backup holds what has a name that is not UTF-8: an empty file with its name has whoever reads the copy say so, as of a
 * folder of this machine. `way` is its path in latin1. Gives the path of the file in latin1. Fails with READ_FAILED where
 * this system has no such names.
 */
export function putOdd(way: string, folder: string): string {
  const parts = way.split('/').map((part) => Buffer.from(part, 'latin1'));
  const first = parts.findIndex((part) => !isUtf8(part));
  const above = placeBelow(folder, parts.slice(0, first).join('/'));
  if (here.isWindows || here.isMacos) {
    throw new BackupError(
      'READ_FAILED',
      said`This system has no name for the file "${parts.join('/')}" in the container.`,
      'Rename it there, then try again.',
    );
  }
  makeParents(join(above, 'odd'), folder);
  const place = Buffer.concat([Buffer.from(`${above}/`), parts[first] ?? Buffer.alloc(0)]);
  writeFileSync(place, '');
  return place.toString('latin1');
}

/** A symbolic one is recorded, never followed. `from`: what a hard link is another name of. */
export function putLink(entry: TarEntry, place: string, folder: string, from: string | null): void {
  makeParents(place, folder);
  rmSync(place, { recursive: true, force: true });
  if (entry.kind === 'link') {
    symlinkSync(entry.target, place);
  } else if (from !== null) {
    const existing = placeBelow(folder, safePath(from));
    makeParents(existing, folder);
    if (lstatSync(existing, { throwIfNoEntry: false })?.isFile() === true) {
      linkSync(existing, place);
    }
  }
}

/** Written at once, chunk by chunk, with holes where there are only zeros: an application may stand still for this. */
export async function putFile(entry: TarEntry, place: string, folder: string): Promise<void> {
  makeParents(place, folder);
  mustBe(place, 'isFile');
  // Another name of a hard link keeps what it has.
  rmSync(place, { force: true });
  const file = openSync(place, 'wx', 0o600);
  try {
    let at = 0;
    let unchecked = Infinity;
    for await (const chunk of entry.content) {
      if (!isHole(chunk)) {
        unchecked += chunk.length;
        if (unchecked > LEFT_FREE / 8) {
          requireRoomFor(0, folder);
          unchecked = 0;
        }
        for (let done = 0; done < chunk.length;) {
          done += writeSync(file, chunk, done, chunk.length - done, at + done);
        }
      }
      at += chunk.length;
    }
    ftruncateSync(file, at);
  } catch (error) {
    // A half of it would only take room.
    rmSync(place, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  await carry(place, entry);
}

function isHole(chunk: Buffer): boolean {
  return chunk.length >= HOLE && chunk.length <= ZEROS.length && chunk.equals(ZEROS.subarray(0, chunk.length));
}

/** Fails with NO_SPACE where so many bytes would leave too little. */
export function requireRoomFor(bytes: number, folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize - bytes < LEFT_FREE) {
    throw new BackupError(
      'NO_SPACE',
      said`There is no room in ${folder} for a copy of what is in the container.`,
      'Free some space on this disk, then try again.',
    );
  }
}

/** Owner and mode are a wish, where only root may give them. */
export async function carry(
  path: string,
  { kind, mode, uid, gid, mtime }: Pick<TarEntry, 'kind' | 'mode' | 'uid' | 'gid' | 'mtime'>,
): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isSymbolicLink()) {
    return;
  }
  await lchown(path, uid, gid).catch(() => undefined);
  await chmod(path, (mode & 0o777) | (kind === 'folder' ? 0o700 : 0o600)).catch(() => undefined);
  await lutimes(path, mtime, mtime).catch(() => undefined);
}
