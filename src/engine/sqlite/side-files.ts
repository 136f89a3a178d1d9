// Logs and journals that are not what SQLite wrote: it would pass over them, and remove them with what they may still hold.
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from './explain';
import { said } from '../said';

/** https://www.sqlite.org/fileformat2.html#walformat */
const LOG_HEADER = 32;
const LOG_MAGIC = 0x377f0682;
const LOG_VERSION = 3007000;
/** https://www.sqlite.org/fileformat2.html#the_rollback_journal */
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/** SQLite keeps logs and journals beside the file itself, not beside a link to it. A path that leads nowhere stays as it is. */
export function fileBehind(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What cannot be made use of beside a database, in a sentence; null: nothing. Reads no file that SQLite locks. */
export function sideFileProblem(path: string): string | null {
  const file = fileBehind(path);
  const log = start(`${file}-wal`, LOG_HEADER);
  const journal = start(`${file}-journal`, JOURNAL_MAGIC.length);
  if (statSync(file, { throwIfNoEntry: false })?.size === 0 && (log !== null || journal?.[0])) {
    return said`${basename(file)} is empty, though ${basename(file)}-${log === null ? 'journal' : 'wal'} is not.`;
  }
  if (log !== null && !isLogHeader(log)) {
    return said`${basename(file)}-wal is not a log that SQLite can read: what only it holds is lost to SQLite.`;
  }
  // A journal that begins with a zero was put out of use by SQLite itself.
  if (journal?.[0] && !journal.equals(JOURNAL_MAGIC)) {
    return said`${basename(file)}-journal is not a journal that SQLite can read: an unfinished change may not be taken back.`;
  }
  return null;
}

/** The first bytes of a file; null: there is no such file, or it is empty. */
function start(file: string, length: number): Buffer | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size === 0) {
    return null;
  }
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    // A commit ends with the removal of the journal, the last connection with that of the log: also at this moment.
    if (codeOf(error) === 'ENOENT') {
      return null;
    }
    throw error;
  }
  try {
    const bytes = Buffer.alloc(length);
    const read = readSync(handle, bytes, 0, length, 0);
    return read === 0 ? null : bytes.subarray(0, read);
  } finally {
    closeSync(handle);
  }
}

function isLogHeader(header: Buffer): boolean {
  if (header.length < LOG_HEADER) {
    return false;
  }
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== LOG_MAGIC || header.readUInt32BE(4) !== LOG_VERSION) {
    return false;
  }
  const word = (at: number): number => ((magic & 1) === 1 ? header.readUInt32BE(at) : header.readUInt32LE(at));
  let [first, second] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return first === header.readUInt32BE(24) && second === header.readUInt32BE(28);
}
