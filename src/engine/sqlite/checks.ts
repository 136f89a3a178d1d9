// SQLite's own checks of a database file at rest, told apart from what the checks could not look at.
import { BackupError } from '../errors';
import { readAtRest, type AtRestOptions } from './at-rest';
import { explainSqlite, type Connection } from './connection';

export interface CheckResult {
  /** What SQLite found wrong, in its words; empty: the database is sound. */
  readonly problems: readonly string[];
  /** What could not be checked, e.g. because of a module that this SQLite does not have. */
  readonly warnings: readonly string[];
  readonly foreignKeyViolations: number;
}

/** Enough to see what is wrong; a wrecked database has millions. */
const MOST_PROBLEMS = 20;

export type CheckDepth = 'quick' | 'deep';

/**
 * Runs quick_check (deep: integrity_check) and foreign_key_check on a file that nobody writes to.
 * A damaged file is a result, not an exception; DATABASE_LOCKED and the like are thrown.
 */
export function checkDatabase(file: string, depth: CheckDepth = 'quick', options: AtRestOptions = {}): CheckResult {
  try {
    return readAtRest(file, (db) => checkConnection(db, depth), options);
  } catch (error) {
    const explained = explainSqlite(error, file);
    if (explained instanceof BackupError && ['DATABASE_DAMAGED', 'NOT_A_DATABASE'].includes(explained.code)) {
      return { problems: [explained.message], warnings: [], foreignKeyViolations: 0 };
    }
    throw explained;
  }
}

/** The same checks on a connection, e.g. to the live database after a restore. */
export function checkConnection(db: Connection, depth: CheckDepth): CheckResult {
  const warnings: string[] = [];
  const check = depth === 'deep' ? 'integrity_check' : 'quick_check';
  const problems = attempt(warnings, () => db.prepare(`PRAGMA ${check}(${MOST_PROBLEMS})`).pluck().all().map(String)) ?? [];
  const violations = attempt(warnings, () => countRows(db, 'PRAGMA foreign_key_check')) ?? 0;
  return { problems: problems.filter((line) => line !== 'ok'), warnings, foreignKeyViolations: violations };
}

function countRows(db: Connection, sql: string): number {
  let rows = 0;
  for (const row of db.prepare(sql).iterate()) {
    rows += row === undefined ? 0 : 1;
  }
  return rows;
}

/** A virtual table's module or a collation that is not here makes a check fail, though nothing is wrong with the file. */
function attempt<T>(warnings: string[], check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR') {
      warnings.push(`SQLite could not check everything: ${error.message}.`);
      return undefined;
    }
    throw error;
  }
}
