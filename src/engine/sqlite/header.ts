// The first hundred bytes of a database file, read without SQLite (https://www.sqlite.org/fileformat2.html#the_database_header).
import { openSync, readSync, writeSync } from 'node:fs';
import { closeDescriptor } from './connection';
import { said } from '../said';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const LENGTH = 100;
/** 1: rollback journal. 2: write-ahead log. SQLite only reads what has a greater write version, and refuses a greater read version. */
const NEWEST_VERSION = 2;
const WAL = 2;
const WRITE_VERSION = 18;
const READ_VERSION = 19;
/** The payload fractions never differ. */
const FRACTIONS = Buffer.from([64, 32, 32]);

/** The header, or what there is of one. */
function readHeader(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(LENGTH);
    return header.subarray(0, readSync(handle, header, 0, LENGTH, 0));
  } finally {
    closeDescriptor(handle);
  }
}

function isMagic(header: Buffer): boolean {
  return header.subarray(0, MAGIC.length).equals(MAGIC);
}

/** Whether a database file says that it is in WAL mode; SQLite goes by the read version. */
export function isWal(file: string): boolean {
  return readHeader(file)[READ_VERSION] === WAL;
}

/**
 * Takes a database file that nobody has open, and that has no log beside it, out of WAL mode: SQLite changes the same two
 * bytes, but would bring the whole file to the disk first, while everything waits.
 */
export function leaveWalAtRest(file: string): void {
  if (isWal(file)) {
    const handle = openSync(file, 'r+');
    try {
      writeSync(handle, Buffer.from([1, 1]), 0, 2, WRITE_VERSION);
    } finally {
      closeDescriptor(handle);
    }
  }
}

/** Whether SQLite would take the file for a database and find out about damage only further inside. */
export function hasPlausibleHeader(file: string): boolean {
  const header = readHeader(file);
  if (header.length < LENGTH) {
    return false;
  }
  const pageSize = header.readUInt16BE(16);
  return (
    isMagic(header) &&
    (pageSize === 1 || (pageSize >= 512 && (pageSize & (pageSize - 1)) === 0)) &&
    (header[READ_VERSION] ?? 0) <= NEWEST_VERSION &&
    header.subarray(21, 24).equals(FRACTIONS)
  );
}

/** What is wrong with the header though SQLite reads the file, in a sentence without its end; null: nothing. */
export function headerProblem(file: string): string | null {
  const header = readHeader(file);
  const version = isMagic(header) ? (header[WRITE_VERSION] ?? 0) : 0;
  return version > NEWEST_VERSION ? said`its header has the unknown write version ${version}, so that nobody can write to it` : null;
}
