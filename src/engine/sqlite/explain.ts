// The sentence for people behind each of SQLite's result codes, and behind failures of the file system on a database.
import { basename } from 'node:path';
import { BackupError, type ErrorCode } from '../errors';
import { diskSentence } from '../platform/disk-sentences';
import { errnoOf } from '../platform/errno';
import { isFullBeside } from './quota';
import { said } from '../said';

interface Sentence {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** SQLite's or the system's own code, also where a BackupError hides it in its cause; empty: there is none. */
export function codeOf(error: unknown): string {
  const bearer = error instanceof BackupError && error.cause instanceof Error ? error.cause : error;
  return bearer instanceof BackupError ? '' : errnoOf(bearer);
}

/** SQLite's words for what only the application has: a function, a collation, a tokenizer, a module. */
const APPLICATIONS_OWN = /no such (collation sequence|function|module|tokenizer)|unknown (function|tokenizer)|error in tokenizer/i;

/** Failures to read: what a file cut short gives, and a disk that cannot give its content (https://www.sqlite.org/rescode.html). */
const OF_CONTENT = ['SQLITE_IOERR_READ', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_CORRUPTFS', 'SQLITE_IOERR_DATA'];

/** Whether the disk failed at something else than reading: that says nothing about what the file holds. */
export function isDiskFailure(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_IOERR') && !OF_CONTENT.includes(code);
}

/** The error for people behind a failure of SQLite or of the file system on `file`; what is neither is returned as it is. */
export function explainSqlite(error: unknown, file: string): unknown {
  if (error instanceof BackupError) {
    return error;
  }
  const code = codeOf(error);
  const sentence = SENTENCES.find(([start]) => code.startsWith(start))?.[1];
  if (!(error instanceof Error)) {
    return error;
  }
  const found = sentence?.({ file, name: basename(file), words: error.message }) ?? diskSentence(error, file);
  if (found === null) {
    return error;
  }
  const { code: name, message, remedy } = found;
  return new BackupError(name, message, remedy, { cause: error });
}

interface Situation {
  readonly file: string;
  readonly name: string;
  /** In SQLite's words. */
  readonly words: string;
}

type Say = (situation: Situation) => Sentence;

const locked: Say = ({ name }) => ({
  code: 'DATABASE_LOCKED',
  message: said`${name} is locked by another program.`,
  remedy: 'Stop the program that is writing to it, or wait until it has finished, and try again.',
});
const inUse: Say = ({ file }) => ({
  code: 'FILE_IN_USE',
  message: said`Another program has ${file} open.`,
  remedy: 'Close it there, then try again.',
});
const damaged: Say = ({ name, words }) => ({
  code: 'DATABASE_DAMAGED',
  message: said`${name} is damaged: ${/disk image is malformed/.test(words) ? 'SQLite cannot read it' : words}.`,
  remedy: 'Restore a good backup of it.',
});
const forbidden: Say = ({ file, name }) => ({
  code: 'NO_PERMISSION',
  message: said`${name} may not be read or written by this user.`,
  remedy: said`Check the owner and the permissions of ${file} and of its folder.`,
});
const noSpace: Say = ({ name }) => ({
  code: 'NO_SPACE',
  message: said`There is no space left while working on ${name}: the disk is full, or the quota of this user is used up.`,
  remedy: 'Free some disk space and try again.',
});
const noMemory: Say = ({ name }) => ({
  code: 'READ_FAILED',
  message: said`SQLite would need more memory for ${name} than there is.`,
  remedy: 'Close other programs and try again. If that does not help, the file may be damaged.',
});
const crashed: Say = ({ name }) => ({
  code: 'READ_FAILED',
  message: said`The application that used ${name} did not close it, and SQLite must first put it in order.`,
  remedy: 'Start the application once, then try again.',
});
const unwritable: Say = (situation) =>
  isFullBeside(situation.file)
    ? noSpace(situation)
    : {
        code: 'WRITE_FAILED',
        message: said`The disk failed while SQLite was writing ${situation.name}.`,
        remedy: 'Check the disk, and try again.',
      };
const unreadable: Say = ({ name }) => ({
  code: 'READ_FAILED',
  message: said`The disk failed while SQLite was reading ${name}.`,
  remedy: 'Check the disk, and try again.',
});
/** What the backup API says of either side. */
const unusable: Say = (situation) => (isFullBeside(situation.file) ? noSpace(situation) : unreadable(situation));

function notUnderstood({ name, words }: Situation): Sentence {
  if (/unsupported file format/.test(words)) {
    return {
      code: 'DATABASE_DAMAGED',
      message: said`${name} has a format that this SQLite does not know: its header is damaged, or a newer SQLite wrote it.`,
      remedy: 'Restore a good backup of it.',
    };
  }
  if (APPLICATIONS_OWN.test(words)) {
    return {
      code: 'READ_FAILED',
      message: said`${name} needs something that only its application has: ${words}.`,
      remedy: 'Nothing is wrong with the file: a backup works without it.',
    };
  }
  return {
    code: 'READ_FAILED',
    message: said`SQLite could not work on ${name}: ${words}.`,
    remedy: 'Check the database with its application.',
  };
}

/** By the beginning of the code, the more special ones first (https://www.sqlite.org/rescode.html). */
const SENTENCES: readonly (readonly [string, Say])[] = [
  ['SQLITE_BUSY', locked],
  ['SQLITE_LOCKED', locked],
  ['SQLITE_PROTOCOL', locked],
  ['SQLITE_SCHEMA', locked],
  [
    'SQLITE_NOTADB',
    ({ name }) => ({
      code: 'NOT_A_DATABASE',
      message: said`${name} is not a SQLite database, or it is encrypted.`,
      remedy: 'Check the database path in the settings. Encrypted databases (SQLCipher) are not supported.',
    }),
  ],
  ['SQLITE_CORRUPT', damaged],
  ['SQLITE_FULL', noSpace],
  ['ENOSPC', noSpace],
  ['EDQUOT', noSpace],
  [
    'ENOENT',
    ({ file }) => ({
      code: 'DATABASE_NOT_FOUND',
      message: said`There is no database at ${file}.`,
      remedy: 'Check the path, or set patsBackup.database.',
    }),
  ],
  ['EISDIR', ({ file }) => ({ code: 'NOT_A_DATABASE', message: said`${file} is not a file.`, remedy: 'Choose the database file itself.' })],
  ['ELOOP', ({ file }) => ({ code: 'NOT_A_DATABASE', message: said`${file} is a link that leads nowhere.`, remedy: 'Correct the link.' })],
  ['EACCES', forbidden],
  ['EPERM', forbidden],
  ['SQLITE_PERM', forbidden],
  ['SQLITE_AUTH', forbidden],
  ['SQLITE_READONLY_ROLLBACK', crashed],
  ['SQLITE_READONLY_RECOVERY', crashed],
  ['SQLITE_READONLY_CANTLOCK', crashed],
  ['SQLITE_READONLY_CANTINIT', crashed],
  [
    'SQLITE_READONLY_DBMOVED',
    ({ name }) => ({
      code: 'DATABASE_LOCKED',
      message: said`${name} was moved or replaced in this very moment.`,
      remedy: 'Try again.',
    }),
  ],
  ['SQLITE_READONLY', forbidden],
  [
    'SQLITE_CANTOPEN',
    ({ file, name }) => ({
      code: 'NO_PERMISSION',
      message: said`SQLite cannot open ${name}.`,
      remedy: said`Check that ${file} is a file and that this user may read it and write to its folder.`,
    }),
  ],
  [
    'SQLITE_IOERR_SHORT_READ',
    ({ name }) => ({
      code: 'DATABASE_DAMAGED',
      message: said`${name} is damaged: it is shorter than its header says.`,
      remedy: 'Restore a good backup of it.',
    }),
  ],
  ['SQLITE_IOERR_NOMEM', noMemory],
  ['SQLITE_IOERR_WRITE', unwritable],
  ['SQLITE_IOERR_FSYNC', unwritable],
  ['SQLITE_IOERR_DIR_FSYNC', unwritable],
  ['SQLITE_IOERR_TRUNCATE', unwritable],
  ['SQLITE_IOERR_DELETE', unwritable],
  [
    'SQLITE_IOERR_LOCK',
    ({ name }) => ({
      code: 'DATABASE_LOCKED',
      message: said`The file system on which ${name} lies could not lock it.`,
      remedy: 'Stop the application, or work on the machine that has the disk, and try again.',
    }),
  ],
  [
    'SQLITE_IOERR_SHM',
    ({ name }) => ({
      code: 'READ_FAILED',
      message: said`SQLite could not share memory with the other programs that use ${name}.`,
      remedy: 'Stop the application, and try again.',
    }),
  ],
  ['SQLITE_IOERR_READ', unreadable],
  ['SQLITE_IOERR', unusable],
  ['EIO', unreadable],
  ['EBUSY', inUse],
  ['ETXTBSY', inUse],
  ['SQLITE_NOMEM', noMemory],
  [
    'SQLITE_TOOBIG',
    ({ name }) => ({
      code: 'READ_FAILED',
      message: said`${name} holds a value that is too large for SQLite.`,
      remedy: 'If its application does not know of such a value, the file may be damaged.',
    }),
  ],
  [
    'SQLITE_NOLFS',
    ({ name }) => ({
      code: 'READ_FAILED',
      message: said`${name} is too large for the file system it lies on.`,
      remedy: 'Move it to another file system.',
    }),
  ],
  ['SQLITE_', notUnderstood],
];
