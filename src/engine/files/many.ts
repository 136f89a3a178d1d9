// Many small files at once: of thousands, waiting for each call takes longer than the calls themselves.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { dirname } from 'node:path';
import { here } from '../platform/platform';

/** A file that was looked at, and the new place of its copy. */
export interface FileToCopy {
  /** Absolute. */
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly inode: bigint;
}

/** A file that another name is made for, if size and time (to a millisecond) are still these. */
export interface FileToLink {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly mtime: bigint;
}

/** A file that is read before it gets a further name. */
export interface FileToCompare extends FileToLink {
  /** Files that must hold the same, as they were looked at; they must not have changed since. */
  readonly read: readonly Omit<FileToCopy, 'to'>[];
  /** What all of them must hold. */
  readonly sha256: string;
}

/**
 * What a disk does to many files in one go. Whatever does not go smoothly is left undone, without a trace, and is to be done
 * by itself: there a failure gets its reason.
 */
export interface Many {
  /**
   * Copies files of at most LARGEST bytes, each read once, to new private files with the same modification time (to a
   * microsecond). Gives the sha256 of each; null: it was not copied, e.g. because it is no longer as it was looked at.
   */
  copy(files: readonly FileToCopy[]): (string | null)[];
  /** true for each that has its further name now. */
  link(files: readonly FileToLink[]): boolean[];
  /** The same, for each of at most LARGEST bytes whose content is right. */
  linkEqual(files: readonly FileToCompare[]): boolean[];
  /** The sha256 of files of at most LARGEST bytes; null: it could not be read, or is larger by now. */
  hash(paths: readonly string[]): (string | null)[];
  /** true for each that has the mode now. */
  setMode(paths: readonly string[], mode: number): boolean[];
}

/** Bytes up to which a file counts as small. */
const LARGEST = 1024 * 1024;
/** Fewer files are done one by one. */
export const FEW = 32;
/** How many files, and bytes, are done before everything else gets its turn. */
const BATCH = 64;
const BATCH_BYTES = 4 * LARGEST;

const PRIVATE_FILE = 0o600;
/** Never through a link, and never waiting for the writer of a FIFO. Windows has neither flag, nor FIFOs: there they count as 0. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
let buffer: Buffer | undefined;

export const realMany: Many = {
  copy: (files) => {
    const [first] = files;
    const shares = !here.isLinux || (first !== undefined && canShare(first.from, first.to));
    return files.map((file) => smoothly(null, () => (shares ? copyShared(file) : copyRead(file))));
  },
  link: (files) => files.map((file) => smoothly(false, () => linkIfSame(file))),
  linkEqual: (files) => files.map((file) => smoothly(false, () => isEqual(file) && linkIfSame(file))),
  hash: (paths) => paths.map((path) => smoothly(null, () => hashOf(path))),
  setMode: (paths, mode) =>
    paths.map((path) =>
      smoothly(false, () => {
        chmodSync(path, mode);
        return true;
      }),
    ),
};

/** Cuts a list into batches. */
export function inBatches<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = batches.at(-1);
    if (last === undefined || last.length === BATCH || bytes + sizeOf(item) > BATCH_BYTES) {
      batches.push([item]);
      bytes = sizeOf(item);
    } else {
      last.push(item);
      bytes += sizeOf(item);
    }
  }
  return batches;
}

/** What is known of a file that may be copied together with others. */
interface Seen extends Omit<FileToCopy, 'from' | 'to'> {
  /** What it is called in the answer. */
  readonly path: string;
}

/**
 * Copies the small ones among files, as far as that goes smoothly. Gives the sha256 of each that was copied, by `path`; all
 * others are still to be copied. `onCopied` hears of each, and may throw to stop.
 */
export async function copyTogether<File extends Seen>(
  many: Many | null,
  files: readonly File[],
  placesOf: (file: File) => Pick<FileToCopy, 'from' | 'to'>,
  onCopied: (file: File, sha256: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  const small = files.filter(({ size }) => size <= LARGEST);
  if (many === null || small.length < FEW) {
    return hashes;
  }
  for (const batch of inBatches(small, ({ size }) => size)) {
    const copied = many.copy(batch.map((file) => ({ ...file, ...placesOf(file) })));
    for (const [index, file] of batch.entries()) {
      const sha256 = copied[index];
      if (typeof sha256 === 'string') {
        hashes.set(file.path, sha256);
        onCopied(file, sha256);
      }
    }
    await setImmediate();
  }
  return hashes;
}

/** The sha256 of small files that can be read without trouble, by path; `onBatch` hears the bytes of each batch, and may throw to stop. */
export async function hashTogether(
  many: Many | null,
  files: readonly { readonly path: string; readonly size: number }[],
  onBatch: (bytes: number) => void,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  const small = files.filter(({ size }) => size <= LARGEST);
  if (many === null || small.length < FEW) {
    return hashes;
  }
  for (const batch of inBatches(small, ({ size }) => size)) {
    for (const [index, sha256] of many.hash(batch.map(({ path }) => path)).entries()) {
      const { path = '' } = batch[index] ?? {};
      if (sha256 !== null) {
        hashes.set(path, sha256);
      }
    }
    onBatch(batch.reduce((sum, { size }) => sum + size, 0));
    await setImmediate();
  }
  return hashes;
}

function smoothly<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** By the devices of both: what was found out last, for the batches of one folder. */
let lastShared: { readonly devices: string; readonly shares: boolean } | undefined;

/** Whether the file system gives a copy the blocks of its source, so that it takes no room. Tried once for each pair of devices. */
function canShare(from: string, to: string): boolean {
  const devices = [from, dirname(to)].map((path) => lstatSync(path, { throwIfNoEntry: false })?.dev ?? path).join(' ');
  if (lastShared?.devices !== devices) {
    lastShared = { devices, shares: tryToShare(from, to) };
  }
  return lastShared.shares;
}

function tryToShare(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    unlinkSync(to);
    return true;
  } catch {
    return false;
  }
}

/** Reads and writes: the system's own copy would have to be read again for its hash. */
function copyRead(file: FileToCopy): string | null {
  const bytes = readWhole(file.from, (stats) => isSame(file, stats));
  if (bytes === null || file.mtime < 0n) {
    return null;
  }
  const target = openSync(file.to, NEW, PRIVATE_FILE);
  try {
    writeAll(target, bytes);
    const time = Number(file.mtime) / 1e9;
    futimesSync(target, time, time);
  } catch (error) {
    closeSync(target);
    unlinkSync(file.to);
    throw error;
  }
  closeSync(target);
  return sha256Of(bytes);
}

/** The system's own copy, which shares blocks, and carries what Node cannot where systems have that. */
function copyShared(file: FileToCopy): string | null {
  // It would go through a link, and wait for the writer of a FIFO.
  if (!isSame(file, lstatSync(file.from, { bigint: true }))) {
    return null;
  }
  copyFileSync(file.from, file.to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  try {
    chmodSync(file.to, PRIVATE_FILE);
    const sha256 = isSame(file, lstatSync(file.from, { bigint: true })) && file.mtime >= 0n ? hashOf(file.to) : null;
    if (sha256 === null) {
      unlinkSync(file.to);
      return null;
    }
    const target = openSync(file.to, 'r+');
    try {
      futimesSync(target, Number(file.mtime) / 1e9, Number(file.mtime) / 1e9);
    } finally {
      closeSync(target);
    }
    return sha256;
  } catch (error) {
    unlinkSync(file.to);
    throw error;
  }
}

function isSame(file: Omit<FileToCopy, 'to'>, stats: BigIntStats): boolean {
  return (
    stats.isFile() &&
    stats.size === BigInt(file.size) &&
    stats.mtimeNs === file.mtime &&
    stats.ctimeNs === file.ctime &&
    stats.ino === file.inode
  );
}

function linkIfSame({ from, to, size, mtime }: FileToLink): boolean {
  // Of a time to a millisecond a double holds enough, and costs less.
  const stats = lstatSync(from);
  if (!stats.isFile() || stats.size !== size || Math.abs(stats.mtimeMs - Number(mtime) / 1e6) > 1) {
    return false;
  }
  linkSync(from, to);
  return true;
}

function isEqual({ from, read, sha256 }: FileToCompare): boolean {
  return hashOf(from) === sha256 && read.every((file) => hashIfSame(file) === sha256);
}

function hashIfSame(file: Omit<FileToCopy, 'to'>): string | null {
  const bytes = readWhole(file.from, (stats) => isSame(file, stats));
  return bytes === null ? null : sha256Of(bytes);
}

function hashOf(path: string): string | null {
  const bytes = readWhole(path, (stats) => stats.isFile());
  return bytes === null ? null : sha256Of(bytes);
}

/** All bytes, valid until the next call; null: there are more than LARGEST, or `isRight` says no to what it is after the reading. */
function readWhole(path: string, isRight: (stats: BigIntStats) => boolean): Buffer | null {
  buffer ??= Buffer.allocUnsafeSlow(LARGEST + 1);
  const file = openSync(path, READ);
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    return length <= LARGEST && isRight(fstatSync(file, { bigint: true })) ? buffer.subarray(0, length) : null;
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done);
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
