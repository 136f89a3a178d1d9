// SQLite's own checks of a database, told apart from what the checks could not look at.
import { basename } from 'node:path';
import { BackupError } from '../errors';
import { readAtRest, type AtRestOptions } from './at-rest';
import type { Connection } from './connection';
import { quoteName } from './dump/literal';
import { codeOf, explainSqlite } from './explain';
import { freelistProblem } from './freelist';
import { headerProblem } from './header';
import { slowTables } from './slow-expressions';
import { said } from '../said';

export interface CheckResult {
  /** What SQLite found wrong, in its words; empty: the database is sound. */
  readonly problems: readonly string[];
  /** What could not be checked, e.g. because only the application has the function that a table needs. */
  readonly warnings: readonly string[];
  /** Indexes that do not fit the rows of their tables, a sentence; no row is lost by that, so that it is no damage. */
  readonly indexes: readonly string[];
  readonly foreignKeyViolations: number;
}

/** Enough to see what is wrong; a wrecked database has millions. */
const MOST_PROBLEMS = 20;

/** Tables that are checked one by one where SQLite cannot check them together: each time it looks at the whole schema. */
const MOST_ALONE = 250;

export type CheckDepth = 'quick' | 'deep';

/** Bytes up to which a quick check looks at the indexes as well: that takes some hundredths of a second. */
const SMALL = 4 * 1024 * 1024;
/** Each page is read once: what is kept of them only takes the place of the processor's own memory. Who looks closely comes back to pages. */
const SMALL_CACHE = 'cache_size = -1000';

/** A check that ends with one of these did not look; SQLITE_CORRUPT and its like are a result. */
const NO_RESULT = /^SQLITE_(ERROR|NOMEM|TOOBIG|MISMATCH|CONSTRAINT|MISUSE|RANGE|INTERNAL|ABORT|FORMAT|AUTH|NOTFOUND|EMPTY)/;

/** What an index of a virtual table says when it could not look, whose own row it then is (https://www.sqlite.org/vtab.html#xintegrity). */
const DID_NOT_LOOK = /^unable to validate the inverted index .*: (?!.*malformed)/;
/** The words of an index on a table that is kept by the application itself: it is behind, and can be rebuilt. */
const INVERTED_INDEX = /^malformed inverted index for FTS\d table main\.(.*)$/;

/**
 * Runs quick_check (deep: integrity_check too) and foreign_key_check on a file that nobody writes to. A damaged file, and one
 * that this SQLite cannot read at all, is a result, not an exception; DATABASE_LOCKED and the like are thrown.
 */
export function checkDatabase(file: string, depth: CheckDepth = 'quick', options: AtRestOptions = {}): CheckResult {
  try {
    const result = readAtRest(file, (db) => checkConnection(db, depth), options);
    const others = [headerProblem(file), result.warnings.length > 0 ? freelistProblem(file) : null];
    return { ...result, problems: [...others.filter((problem) => problem !== null), ...result.problems] };
  } catch (error) {
    return unreadable(error, file);
  }
}

/** The result of a check that could not even begin because of what is wrong with the file; other failures are thrown. */
export function unreadable(error: unknown, file: string): CheckResult {
  const explained = explainSqlite(error, file);
  const isOfFile =
    explained instanceof BackupError &&
    (['DATABASE_DAMAGED', 'NOT_A_DATABASE'].includes(explained.code) || NO_RESULT.test(codeOf(explained)));
  if (!isOfFile) {
    throw explained;
  }
  const problem = explained.message.replace(`${basename(file)} is damaged: `, '').replace(/\.$/, '');
  return { problems: [problem], warnings: [], indexes: [], foreignKeyViolations: 0 };
}

/**
 * The same checks on a connection, e.g. to the live database. What SQLite cannot check as a whole is checked table by
 * table, and read where not even that can be done. Fails as SQLite does when the schema cannot be read. What quick_check
 * finds is damage at any depth, and nothing else is: a backup is as good for who looks closely as for who looks quickly.
 */
export function checkConnection(db: Connection, depth: CheckDepth): CheckResult {
  const tables = readTables(db);
  const found: Found = { problems: [], warnings: [] };
  // They are rules of the application for rows to come: a row that breaks one is no damage, and each can take hours.
  db.pragma('ignore_check_constraints = ON');
  const cache = String(db.pragma('cache_size', { simple: true }));
  const slow = slowTables(db);
  const isClose = slow.size === 0 && (depth === 'deep' || sizeOf(db) <= SMALL);
  if (!isClose && depth === 'quick') {
    db.pragma(SMALL_CACHE);
  }
  const close = isClose ? attempt(() => linesOf(db, 'integrity_check')) : null;
  const isSound = close?.result !== undefined && problemsIn(close.result, tables).length === 0;
  const whole = slow.size > 0 ? null : isSound ? close : attempt(() => linesOf(db, 'quick_check'));
  if (whole?.result !== undefined) {
    note(found, whole.result, tables);
  } else {
    checkOneByOne(db, tables, slow, found);
  }
  if (whole?.failure !== undefined) {
    if (isDamage(whole.failure) && found.problems.length === 0) {
      found.problems.push(whole.failure.message);
    } else if (found.warnings.length === 0 && found.problems.length === 0) {
      found.warnings.push(notChecked('the database as a whole', whole.failure));
    }
  }
  if (close?.failure !== undefined && found.problems.length + found.warnings.length === 0) {
    found.warnings.push(notChecked('the indexes', close.failure));
  }
  const checkable = tables.filter(({ name }) => !slow.has(name));
  // References lead everywhere.
  db.pragma(`cache_size = ${cache}`);
  const foreignKeyViolations = countViolations(db, checkable, slow.size === 0, found);
  return {
    problems: found.problems.slice(0, MOST_PROBLEMS),
    warnings: [...new Set(found.warnings)].slice(0, MOST_PROBLEMS),
    indexes: isClose && !isSound && found.problems.length === 0 ? unfitIndexes(db, close?.result, tables) : [],
    foreignKeyViolations,
  };
}

function checkOneByOne(db: Connection, tables: readonly Table[], slow: ReadonlySet<string>, found: Found): void {
  if (tables.length > MOST_ALONE) {
    found.warnings.push(
      said`Only ${MOST_ALONE} of the ${tables.length} tables were checked one by one. The others were read, virtual tables not even that.`,
    );
  }
  for (const [index, table] of tables.entries()) {
    if (slow.has(table.name)) {
      found.warnings.push(
        said`The table ${table.name} was read, but not checked: its generated columns or indexes have expressions that may take very long.`,
      );
      readTable(db, table, found);
    } else if (index < MOST_ALONE) {
      checkTable(db, table, found, tables);
    } else if (table.isStored === 1) {
      readTable(db, table, found);
    }
  }
}

function linesOf(db: Connection, check: 'quick_check' | 'integrity_check'): string[] {
  return db.prepare(`PRAGMA ${check}(${MOST_PROBLEMS})`).pluck().all().map(String);
}

function sizeOf(db: Connection): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
}

/** Of a database in which quick_check finds nothing: what else there is to find is how rows and indexes go together. */
function unfitIndexes(db: Connection, whole: readonly string[] | undefined, tables: readonly Table[]): string[] {
  const lines =
    whole ?? tables.slice(0, MOST_ALONE).flatMap((table) => attempt(() => linesOfTable(db, table, 'integrity_check')).result ?? []);
  const [first] = problemsIn(lines, tables);
  return first === undefined
    ? []
    : [
        said`The indexes of this database do not fit its tables: ${first.replace(/\s+/g, ' ').slice(0, 200)}. Every row is there, but queries may miss some until REINDEX is run.`,
      ];
}

interface Table {
  readonly rowid: bigint | number;
  readonly name: string;
  readonly sql: string;
  /** 1: it has pages of its own, 0: it is virtual. */
  readonly isStored: number;
}

interface Found {
  readonly problems: string[];
  readonly warnings: string[];
}

function readTables(db: Connection): Table[] {
  return db
    .prepare<[], Table>(
      "SELECT rowid, CAST(name AS TEXT) AS name, coalesce(CAST(sql AS TEXT), '') AS sql, rootpage > 0 AS isStored FROM sqlite_schema WHERE type = 'table' AND name IS NOT NULL",
    )
    .all();
}

function linesOfTable(db: Connection, table: Table, check: 'quick_check' | 'integrity_check'): string[] {
  return db
    .prepare(ofTable(`pragma_${check}`))
    .pluck()
    .all(table.rowid)
    .map(String);
}

/** Names go from SQLite to SQLite: one that is not UTF-8 would not survive the way through JavaScript. */
function ofTable(pragma: string): string {
  return `SELECT * FROM ${pragma}((SELECT name FROM sqlite_schema WHERE rowid = ?))`;
}

function checkTable(db: Connection, table: Table, found: Found, tables: readonly Table[]): void {
  const { result, failure } = attempt(() => linesOfTable(db, table, 'quick_check'));
  if (failure === undefined) {
    note(found, result, tables);
    return;
  }
  if (isDamage(failure)) {
    found.problems.push(said`${table.name}: ${failure.message}`);
    return;
  }
  found.warnings.push(notChecked(said`the table ${table.name}`, failure));
  readTable(db, table, found);
}

/** Finds damage that reading every row finds. */
function readTable(db: Connection, table: Table, found: Found): void {
  const reading = attempt(() => {
    countRows(
      db
        .prepare(`SELECT ${storedColumns(db, table)} FROM main.${quoteName(table.name)} NOT INDEXED`)
        .raw()
        .iterate(),
    );
  });
  if (reading.failure !== undefined && isDamage(reading.failure)) {
    found.problems.push(said`${table.name}: ${reading.failure.message}`);
  }
}

/** Generated columns may need what is not here. */
function storedColumns(db: Connection, table: Table): string {
  const names = db.prepare<[string], string>('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').pluck().all(table.name);
  return names.length === 0 ? 'count(*)' : names.map(quoteName).join(', ');
}

function note(found: Found, lines: readonly string[], tables: readonly Table[]): void {
  for (const line of lines.filter((each) => each !== 'ok')) {
    (isOnlyUnchecked(line, tables) ? found.warnings : found.problems).push(isOnlyUnchecked(line, tables) ? said`${line}.` : line);
  }
}

function problemsIn(lines: readonly string[], tables: readonly Table[]): readonly string[] {
  const found: Found = { problems: [], warnings: [] };
  note(found, lines, tables);
  return found.problems;
}

function isOnlyUnchecked(line: string, tables: readonly Table[]): boolean {
  const index = INVERTED_INDEX.exec(line)?.[1];
  return DID_NOT_LOOK.test(line) || tables.some((table) => table.name === index && /\bcontent\s*=/i.test(table.sql));
}

function countViolations(db: Connection, tables: readonly Table[], areAll: boolean, found: Found): number {
  const whole = areAll ? attempt(() => countRows(db.prepare('PRAGMA foreign_key_check').iterate())) : null;
  if (whole?.result !== undefined) {
    return whole.result;
  }
  let violations = 0;
  for (const table of tables) {
    const { result, failure } = attempt(() => countRows(db.prepare(ofTable('pragma_foreign_key_check')).iterate(table.rowid)));
    if (failure === undefined) {
      violations += result;
    } else if (isDamage(failure)) {
      found.problems.push(said`${table.name}: ${failure.message}`);
    } else {
      found.warnings.push(notChecked(said`the foreign keys of ${table.name}`, failure));
    }
  }
  return violations;
}

function countRows(rows: Iterable<unknown>): number {
  let count = 0;
  for (const row of rows) {
    count += row === undefined ? 0 : 1;
  }
  return count;
}

function notChecked(what: string, failure: Error): string {
  return said`SQLite could not check ${what}: ${failure.message}.`;
}

function isDamage(failure: Error): boolean {
  return !NO_RESULT.test(codeOf(failure));
}

type Attempt<T> = { readonly result: T; readonly failure: undefined } | { readonly result: undefined; readonly failure: Error };

/** Runs a check; what ended it without a result, or found damage, is its failure. Locks and a failing disk are thrown. */
function attempt<T>(check: () => T): Attempt<T> {
  try {
    return { result: check(), failure: undefined };
  } catch (error) {
    if (error instanceof Error && (NO_RESULT.test(codeOf(error)) || codeOf(error).startsWith('SQLITE_CORRUPT'))) {
      return { result: undefined, failure: error };
    }
    throw error;
  }
}
