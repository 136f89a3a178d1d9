// The files of a database that others may be using: how to read them without changing any, and a copy of them as they are.
import { closeSync, constants, copyFileSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { BackupError } from '../errors';
import { closeDescriptor, isOpenHere, requireFile } from './connection';
import { hasPlausibleHeader, headerProblem, isWal } from './header';
import { fileBehind, sideFileProblem } from './side-files';
import { said } from '../said';

/** What SQLite keeps beside a database and needs to read it. */
export const SIDE_FILES = ['-wal', '-journal'] as const;

/**
 * How a connection can read the live database and leave every file as it was.
 *
 * readonly: it takes a lock and needs nothing else. read-write: in WAL mode and without a log a read-only connection would
 * leave side files, and only one that may write removes them again. copy: SQLite would roll a journal back, checkpoint or
 * remove a log, or set up the shared memory of an application that has crashed.
 */
export type WayToRead = 'readonly' | 'read-write' | 'copy';

/**
 * Chooses the way. Fails with DATABASE_DAMAGED on what SQLite would read and no application could use, and with NOT_A_DATABASE or
 * READ_FAILED where something else than a file lies in its place or beside it.
 */
export function wayToRead(path: string): WayToRead {
  const file = fileBehind(path);
  requireFile(file);
  for (const suffix of SIDE_FILES) {
    requirePlain(file + suffix);
  }
  requireSound(file);
  const hasLog = sizeOf(`${file}-wal`) !== undefined;
  const hasJournal = sizeOf(`${file}-journal`) !== undefined;
  if (hasLog || hasJournal) {
    // SQLite removes the side files of a database without a page.
    const isEmpty = sizeOf(file) === 0;
    return isEmpty || (hasLog && !isHeld(`${file}-shm`)) ? 'copy' : 'readonly';
  }
  return isWal(file) ? (hasPlausibleHeader(file) ? 'read-write' : 'copy') : 'readonly';
}

/**
 * To SQLite an empty file is a sound database without tables; one whose log is not empty was cut off. And a database that
 * nobody can write to is no use to its application.
 */
function requireSound(file: string): void {
  const header = headerProblem(file);
  const problem = header !== null ? said`${basename(file)} is damaged: ${header}.` : sizeOf(file) === 0 ? sideFileProblem(file) : null;
  if (problem !== null) {
    throw new BackupError('DATABASE_DAMAGED', problem, 'Restore a good backup of it.');
  }
}

/** Whether a program that lives holds its lock on the shared memory; where the system does not tell, any such file counts. */
function isHeld(sharedMemory: string): boolean {
  const stats = statSync(sharedMemory, { throwIfNoEntry: false });
  if (stats === undefined) {
    return false;
  }
  try {
    // "1: POSIX  ADVISORY  READ 1234 08:01:5678 128 128" (https://man7.org/linux/man-pages/man5/proc_locks.5.html)
    return readFileSync('/proc/locks', 'utf8').includes(`:${stats.ino} `);
  } catch {
    return true;
  }
}

const ATTEMPTS = 3;

/**
 * Copies the database and its side files to `target`, of one moment: when a program writes meanwhile it is done again, and
 * fails with DATABASE_LOCKED in the end. What lies at the target is replaced.
 */
export function copyAsItIs(path: string, target: string): void {
  const file = fileBehind(path);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    removeCopy(target);
    const before = fingerprint(file);
    for (const suffix of ['', ...SIDE_FILES]) {
      copyIfThere(file + suffix, target + suffix);
    }
    if (fingerprint(file) === before) {
      return;
    }
  }
  removeCopy(target);
  throw new BackupError(
    'DATABASE_LOCKED',
    said`A program keeps writing to ${basename(file)}.`,
    'Stop the program, or wait until it has finished, and try again.',
  );
}

/**
 * The same, while the caller keeps everybody from committing. A checkpoint may run meanwhile: what it moves into the main
 * file stays in the log, too, which only a writer begins anew (https://www.sqlite.org/walformat.html#wal_reset). A journal
 * that counts was rolled back before the caller got its lock; one that an application keeps says nothing.
 */
export function copyWhileLocked(path: string, target: string): void {
  const file = fileBehind(path);
  removeCopy(target);
  for (const suffix of ['', '-wal']) {
    copyIfThere(file + suffix, target + suffix);
  }
}

export function removeCopy(target: string): void {
  for (const suffix of ['', ...SIDE_FILES, '-shm']) {
    rmSync(target + suffix, { force: true });
  }
}

function copyIfThere(from: string, to: string): void {
  requirePlain(from);
  try {
    if (isOpenHere(from)) {
      copyWithoutClosing(from, to);
    } else {
      copyFileSync(from, to, constants.COPYFILE_FICLONE);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
}

/** Reading a FIFO would wait for its writer for ever; SQLite does so, too. Fails with READ_FAILED. */
function requirePlain(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    throw new BackupError('READ_FAILED', said`${file} is not a file.`, 'Move it away, and try again.');
  }
}

const CHUNK = 1024 * 1024;

/** The system's own copy would close a descriptor, and with it drop the locks of this process on the database. */
function copyWithoutClosing(from: string, to: string): void {
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'w', 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (let length = readSync(source, chunk, 0, CHUNK, null); length > 0; length = readSync(source, chunk, 0, CHUNK, null)) {
        for (let written = 0; written < length;) {
          // On a disk that is nearly full less may be written than was asked for, and no error told.
          written += writeSync(target, chunk, written, length - written);
        }
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeDescriptor(source);
  }
}

function fingerprint(file: string): string {
  return ['', ...SIDE_FILES]
    .map((suffix) => {
      const stats = statSync(file + suffix, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? '-' : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    })
    .join();
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
