// Puts tables, or rows of them, from a backup's database into a private copy of the live one: the rest stays as it is.
import { BackupError } from '../errors';
import { openDatabase, readDatabase, type Connection } from './connection';
import { acceptDoubleQuotes } from './dump/double-quotes';
import { StatementSplitter } from './dump/statements';
import { isVirtual, readSchema, type SchemaEntry } from './dump/tables';
import { codeOf, explainSqlite } from './explain';
import { requireExpression } from './expression';
import { indexedTable, renewIndexes } from './full-text';
import { newlyBroken, readReferences, type BrokenReference } from './references';
import { folded, isSameName } from './same-name';
import { shadowTables } from './shadow-tables';
import { chooseRows, takeRows, type RowsTaken } from './take-rows';
import { putTriggersIn, takeTriggersOut, type SchemaRow } from './triggers-aside';
import { said } from '../said';

export interface TakeBackParams {
  readonly tables: readonly string[];
  /** Only rows for which this is true, in the backup or in the live data; checked by `requireExpression`. */
  readonly where?: string;
  /** Only rows that are gone come back. */
  readonly missing?: boolean;
}

export interface TakenTable extends RowsTaken {
  readonly name: string;
  /** The live database had no such table: it comes back with its indexes and triggers. */
  readonly isNew: boolean;
  /** Triggers that did not run. */
  readonly triggers: readonly string[];
  /** Indexes and triggers whose names are taken. */
  readonly leftOut: readonly string[];
}

export interface TakenBack {
  readonly tables: readonly TakenTable[];
  /** Rows that would refer to missing ones: then nothing of this may be used. */
  readonly broken: readonly BrokenReference[];
  /** Full-text tables that find text of these tables, and that could not be brought up to date. */
  readonly staleIndexes: readonly string[];
}

/**
 * Changes the file `live`, a copy that nobody else has open; `backup` is a private copy too. Triggers do not run. Fails with
 * NOTHING_TO_RESTORE when the backup has no such table, USAGE for a condition that is none, ROWS_CONFLICT when a row cannot
 * come back beside those that stay; then the file is not to be used.
 */
export function takeBack(live: string, backup: string, params: TakeBackParams): TakenBack {
  try {
    const names = readDatabase(backup, (db) => params.tables.map((table) => requireTable(db, table, params.where)));
    const before = takeTriggersOut(live);
    const added: SchemaRow[] = [];
    const result = withBoth(live, backup, (db, source) => {
      const references = readReferences(db);
      const tables = names.map((entry) => takeTable(db, source, entry, params, before, added));
      const staleIndexes = renewIndexes(
        db,
        names.map(({ name }) => name),
      );
      return { tables, broken: newlyBroken(db, references), staleIndexes };
    });
    putTriggersIn(live, [...before, ...added]);
    return result;
  } catch (error) {
    throw explainSqlite(error, live);
  }
}

/** The table of a backup that a person names. Fails with NOTHING_TO_RESTORE and, for the condition, with USAGE. */
export function requireTable(backup: Connection, table: string, where: string | undefined): SchemaEntry {
  const shadows = shadowTables(backup);
  const entry = readSchema(backup).tables.find(({ name }) => isSameName(name, table) && !shadows.has(folded(name)));
  if (entry === undefined) {
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      said`The backup has no table ${table}.`,
      'Nothing was changed. "pats-backup diff <name> --stat --all" lists the tables.',
    );
  }
  const indexed = indexedTable(entry);
  if (indexed !== null) {
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      said`${entry.name} has no rows of its own: it is a full-text index${indexed === '' ? '' : said` on ${indexed}`}.`,
      said`Nothing was changed. Restore ${indexed === '' ? 'the whole backup' : said`${indexed}: the index follows it`}.`,
    );
  }
  if (where !== undefined) {
    requireExpression(backup, entry.name, where);
  }
  return entry;
}

function withBoth<T>(live: string, backup: string, use: (db: Connection, source: Connection) => T): T {
  const source = openDatabase(backup);
  const db = openDatabase(live);
  try {
    // What fails is thrown away as a whole file, and what succeeds is synced as one.
    for (const pragma of ['foreign_keys = OFF', 'trusted_schema = OFF', 'synchronous = OFF']) {
      db.pragma(pragma);
      source.pragma(pragma);
    }
    db.unsafeMode(true);
    return use(db, source);
  } finally {
    db.close();
    source.close();
  }
}

function takeTable(
  db: Connection,
  source: Connection,
  entry: SchemaEntry,
  params: TakeBackParams,
  triggers: readonly SchemaRow[],
  added: SchemaRow[],
): TakenTable {
  const { name } = entry;
  const live = readSchema(db).tables.find((each) => isSameName(each.name, name));
  const isAnyVirtual = isVirtual(entry) || (live !== undefined && isVirtual(live));
  if (live === undefined) {
    requireFree(db, name);
    create(db, entry.sql);
  }
  const choice = chooseRows(db, source, name, params.where, isAnyVirtual);
  db.prepare('ATTACH ? AS backup').run(source.name);
  db.exec('BEGIN');
  try {
    const rows = takeRows(db, name, choice, params.missing === true);
    const later = live === undefined ? createLater(db, source, name, triggers, added) : [];
    const own = live === undefined ? [] : triggers.filter(({ tbl_name: table }) => isSameName(table, name));
    db.exec('COMMIT');
    db.exec('DETACH backup');
    return { name, ...rows, isNew: live === undefined, triggers: own.map((each) => each.name), leftOut: later };
  } catch (error) {
    throw codeOf(error).startsWith('SQLITE_CONSTRAINT') ? conflict(name, error) : error;
  }
}

/** Tables, views and indexes share their names. */
function requireFree(db: Connection, name: string): void {
  const other = db
    .prepare<[string], string>("SELECT type FROM main.sqlite_schema WHERE lower(name) = lower(?) AND type <> 'trigger'")
    .pluck()
    .get(name);
  if (other !== undefined) {
    throw new BackupError(
      'ROWS_CONFLICT',
      said`The table ${name} cannot come back: the current database has a ${other} of that name.`,
      said`Nothing was changed. Give the ${other} another name, or restore the whole backup.`,
    );
  }
}

function create(db: Connection, sql: string): void {
  try {
    db.prepare(sql).run();
  } catch (error) {
    const [statement] = [...new StatementSplitter(sql.length + 2).push(`${sql}\n;`, true)];
    if (statement === undefined || !acceptDoubleQuotes(db, statement, error)) {
      throw error;
    }
  }
}

/** Indexes and triggers of a table that came back. Returns those whose name something else has by now. */
function createLater(db: Connection, source: Connection, table: string, triggers: readonly SchemaRow[], added: SchemaRow[]): string[] {
  const rows = source
    .prepare<[string], SchemaRow>(
      "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND lower(tbl_name) = lower(?) ORDER BY rowid",
    )
    .all(table);
  const taken = new Set(db.prepare<[], string>('SELECT lower(name) FROM main.sqlite_schema').pluck().all());
  triggers.forEach(({ name }) => taken.add(folded(name)));
  const leftOut: string[] = [];
  for (const row of rows) {
    if (taken.has(folded(row.name))) {
      leftOut.push(`${row.type} ${row.name}`);
    } else if (row.type === 'index') {
      create(db, row.sql);
    } else {
      added.push(row);
    }
  }
  const hasSequence = readSchema(source).hasSequence && readSchema(db).hasSequence;
  if (hasSequence) {
    db.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run(table);
    db.prepare('INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM backup.sqlite_sequence WHERE name = ?').run(table);
  }
  return leftOut;
}

function conflict(table: string, cause: unknown): BackupError {
  return new BackupError(
    'ROWS_CONFLICT',
    said`Rows of ${table} cannot come back beside the rows that are there now: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Nothing was changed. Choose other rows, or restore the whole table.',
    { cause },
  );
}
