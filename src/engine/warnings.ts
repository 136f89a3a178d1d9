// Warnings as data: what a result has to be read with, a code for programs and a message for people.
import { said } from './said';

export type WarningCode =
  /** Something is missing from the result. */
  | 'FILES_MISSING'
  | 'LINKS_LEFT_OUT'
  /** The backup holds no uploads, although some folders look like them. */
  | 'UPLOADS_NOT_INCLUDED'
  /** A backup that failed its verification was used all the same, because the caller asked for it. */
  | 'BACKUP_DAMAGED'
  /** The last verification of the backup found it damaged. */
  | 'VERIFICATION_FAILED'
  /** The backup holds a copy of a database that was damaged when it was made. */
  | 'DATABASE_WAS_DAMAGED'
  /** The live file is no database that SQLite can read. */
  | 'DATABASE_UNREADABLE'
  /** The live database will be removed, because there was none. */
  | 'DATABASE_REMOVED'
  /** Some check could not run: nothing speaks against the data, and nothing for them. */
  | 'NOT_CHECKED'
  /** Another program has a file open, so that it could not be read. */
  | 'FILE_IN_USE'
  /** Indexes of a database do not fit its rows, all of which are there. */
  | 'INDEXES_DIFFER'
  /** A manifest says of the database what is not in it; what a restore brings back does not depend on that. */
  | 'RECORDED_WRONG'
  | 'FOREIGN_KEYS'
  /** Columns that only one of two tables has, triggers that did not run, indexes whose name is taken. */
  | 'PART_DIFFERS'
  | 'REVISION_UNKNOWN'
  /** What would keep a restore from being done now. */
  | 'OBSTACLE'
  /** A folder that a restore makes writable for a moment. */
  | 'READ_ONLY_FOLDER'
  /** What belongs to others: its old copy stays in a hidden folder after a restore. */
  | 'NOT_REMOVABLE'
  /** Sockets, FIFOs and devices among the uploads: a restore leaves them alone. */
  | 'KEPT_IN_PLACE'
  /** SQLite finds damage in what a restore has put in place. */
  | 'RESTORED_DAMAGED'
  | 'REMOTE_FILE_SYSTEM'
  | 'DUMP_WITHOUT_END'
  /** Modes, owners, times or other attributes that the file system refused. */
  | 'ATTRIBUTES_LOST'
  /** An interrupted restore waits for the next command that changes something. */
  | 'RESTORE_UNFINISHED'
  /** Of several things the last ones were not done. */
  | 'NOT_DONE'
  /** The result of a verification could not be kept with the backup. */
  | 'RECORD_NOT_KEPT'
  /** What was done is there, but the disk did not confirm that it lasts. */
  | 'NOT_CERTAIN'
  /** What was to be done after the result stood did not work. */
  | 'CLEAN_UP_FAILED'
  | 'RETENTION_FAILED'
  | 'SETTINGS_INVALID'
  | 'STATE_UNKNOWN'
  /** What is in a container was read a while ago, and has changed since. */
  | 'NOT_CURRENT'
  /** Containers that a restore stops and starts again, and what of that did not work. */
  | 'CONTAINERS_STOPPED'
  | 'NOT_STARTED'
  /** Files of another user that a restore replaces through the compose service which mounts them. */
  | 'THROUGH_SERVICE'
  /** A damaged file of a backup that nothing could be mended from. */
  | 'NOT_MENDED';

export interface Warning {
  readonly code: WarningCode;
  /** A whole sentence. */
  readonly message: string;
}

/** Every result that is printed by `--json` has these; none: it is as was asked for. */
export interface Warned {
  readonly warnings: readonly Warning[];
}

const INCOMPLETE: readonly WarningCode[] = ['FILES_MISSING', 'LINKS_LEFT_OUT', 'BACKUP_DAMAGED', 'NOT_DONE', 'FILE_IN_USE'];

export function warning(code: WarningCode, message: string): Warning {
  return { code, message };
}

/** The same code for each of several messages. */
export function warningsOf(code: WarningCode, messages: readonly string[]): Warning[] {
  return messages.map((message) => ({ code, message }));
}

/** Whether something is missing from the result; every other warning leaves it whole. */
export function isIncomplete({ warnings }: Warned): boolean {
  return warnings.some(({ code }) => INCOMPLETE.includes(code));
}

/** For those of several names that were not done because one of them failed. */
export function leftUndone(asked: readonly string[], done: readonly string[], what: string): Warning[] {
  return asked
    .filter((name) => !done.includes(name))
    .map((name) => warning('NOT_DONE', said`${name} was not ${what}. Run it again to see why.`));
}
