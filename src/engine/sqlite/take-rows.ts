// The rows of one table that are put back: chosen in both databases, then the old ones out and those of the backup in.
import { BackupError } from '../errors';
import type { Connection } from './connection';
import { rowDiffers } from './differing';
import { quoteName } from './dump/literal';
import { readColumns } from './dump/tables';
import { condition } from './expression';
import { codeOf } from './explain';
import { isSameName } from './same-name';
import { pairingOf, type TablePairing } from './table-diff';
import { said } from '../said';

export interface RowsTaken {
  /** Rows that were gone, that are as in the backup again, and that the backup does not have. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Columns that only the live table has: they keep their values, or get their defaults. */
  readonly onlyLive: readonly string[];
  /** Columns that only the backup has: they are left out. */
  readonly onlyBackup: readonly string[];
  /** The condition could be asked of the backup alone. */
  readonly isOneSided: boolean;
}

/** How the rows are told apart, and which were chosen. */
export interface RowChoice {
  readonly pairing: TablePairing;
  /** Names of the columns by which rows are paired; empty: the table is replaced as a whole. */
  readonly keys: readonly string[];
  /** By which each of them is unique in the live table: the key may have another one than its column. */
  readonly collations: readonly string[];
  /** Columns that can be written and that both have. */
  readonly columns: readonly string[];
  /** Columns that can be written and that only the live table has. */
  readonly kept: readonly string[];
  /** Keeps the rowid where no column shows it. */
  readonly rowid: string | undefined;
  /** The table, in the private copy of the backup's database, of the keys that were chosen there; null: all rows are. */
  readonly chosen: string | null;
  readonly isOneSided: boolean;
}

/** Decides how rows are paired, and notes the keys of those for which the condition is true: in each database by its own tables. */
export function chooseRows(db: Connection, source: Connection, table: string, where: string | undefined, isVirtual: boolean): RowChoice {
  const pairing = pairingOf(db, source, table, isVirtual, true);
  const [live, backup] = [readColumns(db, table), readColumns(source, table)];
  const isCommon = (name: string): boolean => pairing.columns.some((each) => isSameName(each, name));
  const rowid = live.rowid !== undefined && live.rowid === backup.rowid ? live.rowid : undefined;
  const keys =
    rowid !== undefined && !pairing.isByRowid && [db, source].some((each) => hasNull(each, table, pairing.key)) ? [rowid] : pairing.key;
  const choice = {
    pairing,
    keys,
    collations: keyCollations(db, table, keys),
    columns: live.names.filter(isCommon),
    kept: live.names.filter((name) => !isCommon(name)),
    rowid,
  };
  db.exec('DROP TABLE IF EXISTS temp.chosen');
  if (where === undefined) {
    return { ...choice, chosen: null, isOneSided: false };
  }
  const rows = `SELECT ${keys.map((name, index) => `${quoteName(name)} AS k${index}`).join(', ')} FROM main.${quoteName(table)}`;
  const selected = `${rows} WHERE ${condition(where)}`;
  if (keys.length === 0) {
    throw indistinct(table);
  }
  const chosen = freeName(source);
  asked(table, () => source.exec(`CREATE TABLE ${chosen} AS ${selected}`));
  try {
    db.exec(`CREATE TEMP TABLE chosen AS ${selected}`);
    return { ...choice, chosen, isOneSided: false };
  } catch (error) {
    if (!isAboutColumn(error)) {
      return asked(table, () => {
        throw error;
      });
    }
    // The live table lacks a column that the condition names.
    db.exec(`CREATE TEMP TABLE chosen AS ${rows} LIMIT 0`);
    return { ...choice, chosen, isOneSided: true };
  }
}

/** Quoted; no table of the backup's is called so. */
function freeName(db: Connection): string {
  const taken = new Set(db.prepare<[], string>('SELECT lower(name) FROM main.sqlite_schema').pluck().all());
  let name = 'pats-backup chosen';
  while (taken.has(name)) {
    name += '+';
  }
  return quoteName(name);
}

/** SQLite's own reason where the condition fails for one of the rows, e.g. because its text is no JSON. */
function asked<T>(table: string, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    if (codeOf(cause) !== 'SQLITE_ERROR') {
      throw cause;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackupError(
      'USAGE',
      said`The condition cannot be worked out for all rows of ${table}: ${reason}.`,
      'Nothing was changed. Write it so that it holds for every row, for example with json_valid.',
      { cause },
    );
  }
}

function isAboutColumn(error: unknown): boolean {
  return error instanceof Error && /^no such column/.test(error.message);
}

/** A key that is the rowid has no index: any collation will do for numbers. */
function keyCollations(db: Connection, table: string, keys: readonly string[]): string[] {
  const found = db
    .prepare<[string], { name: string | null; coll: string }>(
      "SELECT x.name, x.coll FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS x WHERE l.origin = 'pk' AND x.key = 1",
    )
    .all(table);
  return keys.map((key) => found.find(({ name }) => name !== null && isSameName(name, key))?.coll ?? 'BINARY');
}

function hasNull(db: Connection, table: string, keys: readonly string[]): boolean {
  const isNull = keys.map((name) => `${quoteName(name)} IS NULL`).join(' OR ');
  return isNull !== '' && db.prepare(`SELECT 1 FROM main.${quoteName(table)} WHERE ${isNull} LIMIT 1`).get() !== undefined;
}

/** Makes the chosen rows of `main` those of the attached database `backup`. Fails as SQLite does when a constraint forbids it. */
export function takeRows(db: Connection, table: string, choice: RowChoice, isMissingOnly: boolean): RowsTaken {
  const { onlyBefore: onlyLive, onlyAfter: onlyBackup } = choice.pairing;
  const said = { onlyLive, onlyBackup, isOneSided: choice.isOneSided };
  if (choice.keys.length === 0) {
    if (isMissingOnly) {
      throw indistinct(table);
    }
    return { ...replaceAll(db, table, choice), ...said };
  }
  const name = quoteName(table);
  note(db, name, choice, isMissingOnly);
  const count = (from: string): number => Number(db.prepare(`SELECT count(*) FROM temp.${from}`).pluck().get());
  const counts = { added: count('back WHERE NOT changed'), changed: count('back WHERE changed'), removed: count('gone WHERE NOT changed') };
  const match = notedMatch(choice, 'x', 'm');
  const named = (alias: string, names: readonly string[]): string[] => names.map((each) => `${alias}.${quoteName(each)}`);
  const rowid = choice.rowid === undefined ? [] : [choice.rowid];
  const keep = [...rowid, ...choice.kept];
  db.exec('DROP TABLE IF EXISTS temp.kept');
  // Under the keys of the backup's rows, which may be spelt differently: "A" and "a" can be one key.
  db.exec(
    `CREATE TEMP TABLE kept AS SELECT ${[...keyed('b', choice.keys), ...named('m', keep).map((column, index) => `${column} AS v${index}`)].join(', ')} FROM temp.gone AS x JOIN main.${name} AS m ON ${match} JOIN backup.${name} AS b ON ${keyMatch(choice, 'm', 'b')} WHERE x.changed`,
  );
  db.exec(`CREATE INDEX temp.of_kept ON kept (${choice.keys.map((_key, index) => `k${index}`).join(', ')})`);
  db.exec(`DELETE FROM main.${name} AS m WHERE EXISTS (SELECT 1 FROM temp.gone AS x WHERE ${match})`);
  const into = (names: readonly string[]): string => `INSERT OR ABORT INTO main.${name} (${names.map(quoteName).join(', ')})`;
  const from = `FROM temp.back AS x JOIN backup.${name} AS b ON ${notedMatch(choice, 'x', 'b')}`;
  db.exec(
    `${into([...choice.columns, ...keep])} SELECT ${[...named('b', choice.columns), ...keep.map((_each, index) => `v.v${index}`)].join(', ')} ${from} JOIN temp.kept AS v ON ${choice.keys.map((_key, index) => `v.k${index} = x.k${index}`).join(' AND ')} WHERE x.changed`,
  );
  const added = named('b', choice.columns).join(', ');
  if (choice.rowid === undefined) {
    db.exec(`${into(choice.columns)} SELECT ${added} ${from} WHERE NOT x.changed`);
    return { ...counts, ...said };
  }
  // A row that was gone gets the rowid that it had, if nobody else has it by now.
  const isTaken = `EXISTS (SELECT 1 FROM main.${name} AS o WHERE o.${choice.rowid} = b.${choice.rowid})`;
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS later (id INTEGER PRIMARY KEY); DELETE FROM temp.later`);
  db.exec(`INSERT INTO temp.later SELECT b.${choice.rowid} ${from} WHERE NOT x.changed AND ${isTaken}`);
  db.exec(
    `${into([...choice.columns, choice.rowid])} SELECT ${added}, b.${choice.rowid} ${from} WHERE NOT x.changed AND b.${choice.rowid} NOT IN (SELECT id FROM temp.later)`,
  );
  db.exec(`${into(choice.columns)} SELECT ${added} ${from} WHERE NOT x.changed AND b.${choice.rowid} IN (SELECT id FROM temp.later)`);
  return { ...counts, ...said };
}

/** Notes the keys of the rows that go (`gone`) and come (`back`); in both stand those that change. */
function note(db: Connection, name: string, choice: RowChoice, isMissingOnly: boolean): void {
  const { keys, columns, chosen } = choice;
  const order = keys.map((_key, index) => `k${index}`).join(', ');
  if (chosen !== null) {
    db.exec(`INSERT INTO temp.chosen SELECT * FROM backup.${chosen}; CREATE INDEX temp.of_chosen ON chosen (${order})`);
  }
  const wanted = (alias: string): string =>
    chosen !== null ? ` AND EXISTS (SELECT 1 FROM temp.chosen AS c WHERE ${notedMatch(choice, 'c', alias)})` : '';
  const differs = rowDiffers(columns, 'm', 'b');
  const match = keyMatch(choice, 'm', 'b');
  const find = (table: string, own: string, mine: string, other: string, theirs: string): void => {
    db.exec(`DROP TABLE IF EXISTS temp.${table}`);
    const isThere = `EXISTS (SELECT 1 FROM ${other}.${name} AS ${theirs} WHERE ${match})`;
    const isOther = isMissingOnly ? '0' : `EXISTS (SELECT 1 FROM ${other}.${name} AS ${theirs} WHERE ${match} AND ${differs})`;
    const isUnwanted = isMissingOnly && own === 'main' ? ' AND 0' : '';
    db.exec(
      `CREATE TEMP TABLE ${table} AS SELECT ${keyed(mine, keys).join(', ')}, ${isThere} AS changed FROM ${own}.${name} AS ${mine} WHERE (NOT ${isThere} OR ${isOther})${wanted(mine)}${isUnwanted}`,
    );
    db.exec(`CREATE INDEX temp.of_${table} ON ${table} (${order})`);
  };
  find('gone', 'main', 'm', 'backup', 'b');
  find('back', 'backup', 'b', 'main', 'm');
}

function replaceAll(db: Connection, table: string, { columns }: RowChoice): Pick<RowsTaken, 'added' | 'changed' | 'removed'> {
  const name = quoteName(table);
  const list = columns.map(quoteName).join(', ');
  const removed = db.prepare(`DELETE FROM main.${name}`).run().changes;
  const added = db.prepare(`INSERT OR ABORT INTO main.${name} (${list}) SELECT ${list} FROM backup.${name}`).run().changes;
  return { added, changed: 0, removed };
}

function keyed(alias: string, keys: readonly string[]): string[] {
  return keys.map((key, index) => `${alias}.${quoteName(key)} AS k${index}`);
}

/** Whether a row of one table has the key of a row of the other. */
function keyMatch({ keys, collations }: RowChoice, one: string, other: string): string {
  return keys
    .map((key, index) => `${one}.${quoteName(key)} = ${other}.${quoteName(key)} COLLATE ${quoteName(collations[index] ?? 'BINARY')}`)
    .join(' AND ');
}

/** The same where the first is a table of noted keys. */
function notedMatch({ keys, collations }: RowChoice, noted: string, other: string): string {
  return keys
    .map((key, index) => `${other}.${quoteName(key)} = ${noted}.k${index} COLLATE ${quoteName(collations[index] ?? 'BINARY')}`)
    .join(' AND ');
}

function indistinct(table: string): BackupError {
  return new BackupError(
    'USAGE',
    said`The rows of ${table} cannot be told apart: the table has no key.`,
    'Nothing was changed. Restore the whole table.',
  );
}
