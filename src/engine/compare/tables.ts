// What differs between the rows of two databases, table by table, in bounded memory and with turns for others.
import { setImmediate } from 'node:timers/promises';
import { BackupError, reportOf } from '../errors';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Connection } from '../sqlite/connection';
import { rowCondition } from '../sqlite/row-condition';
import { isVirtual, type SchemaEntry } from '../sqlite/dump/tables';
import { explainSqlite } from '../sqlite/explain';
import { folded } from '../sqlite/same-name';
import { shownValue } from '../sqlite/shown-value';
import { attachOther, countByRanges } from '../sqlite/table-counts';
import { shadowTables } from '../sqlite/shadow-tables';
import { countRows, diffTable, pairingOf, type RowChange, type RowRange, type TablePairing } from '../sqlite/table-diff';
import { warning, type Warning } from '../warnings';
import { said } from '../said';

/** A row that differs; its values stand in the order of the table's `columns`, as SQL literals, long ones cut. */
export interface DifferingRow {
  readonly kind: RowChange['kind'];
  readonly before: readonly string[] | null;
  readonly after: readonly string[] | null;
  /** An SQL expression that is true for this row and for no other one; not there where nothing tells it from others. */
  readonly where?: string;
}

export interface TableDifference {
  readonly name: string;
  /** Rows. */
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Columns that only one of both has; rows are compared by the others. */
  readonly onlyBefore?: readonly string[];
  readonly onlyAfter?: readonly string[];
  /** The columns of `rows`; there only where rows were asked for. */
  readonly columns?: readonly string[];
  /** Those of them by which rows are paired. */
  readonly key?: readonly string[];
  readonly rows?: readonly DifferingRow[];
}

export interface TableSides {
  /** null: that state has no database. */
  readonly first: Connection | null;
  readonly second: Connection | null;
  readonly before: readonly SchemaEntry[];
  readonly after: readonly SchemaEntry[];
  /** The number of rows of tables that are known to be the same in both, by name in small letters. */
  readonly equal?: ReadonlyMap<string, number>;
}

export interface TableWishes {
  readonly tables?: readonly string[];
  readonly all?: boolean;
  readonly limit?: number;
}

/** Modules of SQLite's own whose rows keep their rowid (https://www.sqlite.org/fts5.html, https://www.sqlite.org/rtree.html). */
const WITH_ROWID = /\bUSING\s+["'`[]?(fts[345]|rtree|rtree_i32|geopoly)\b/i;

/** Tables of which one side has none count all their rows as added or removed; one that cannot be read is a warning. */
export async function compareTables(
  sides: TableSides,
  wishes: TableWishes,
  warnings: Warning[],
  options: OperationOptions,
): Promise<TableDifference[]> {
  const before = tablesIn(sides.first, sides.before);
  const after = tablesIn(sides.second, sides.after);
  const names = [...new Map([...after, ...before].map(([key, { name }]) => [key, name]))].filter(([key]) => isWanted(wishes, key));
  const progress = progressOf(sides, names.length, options);
  const attached = sides.first !== null && sides.second !== null && attachOther(sides.first, sides.second.name);
  const found: TableDifference[] = [];
  for (const [key, name] of names.sort(([, one], [, other]) => (one < other ? -1 : 1))) {
    await progress.turn();
    try {
      const rows = sides.equal?.get(key);
      if (rows !== undefined) {
        found.push({ name, before: rows, after: rows, added: 0, removed: 0, changed: 0 });
        continue;
      }
      found.push(await compareTable(sides, name, before.get(key), after.get(key), attached, wishes.limit ?? 0, progress.turn));
    } catch (error) {
      const { code, message } = reportOf(explainSqlite(error, name));
      if (code === 'CANCELLED') {
        throw error;
      }
      warnings.push(warning('NOT_CHECKED', said`The table ${name} could not be compared: ${message}`));
    } finally {
      progress.tableDone();
    }
  }
  return wishes.all === true ? found : found.filter(isDifferent);
}

async function compareTable(
  { first, second }: TableSides,
  name: string,
  old: SchemaEntry | undefined,
  now: SchemaEntry | undefined,
  isAttached: boolean,
  limit: number,
  turn: () => Promise<void>,
): Promise<TableDifference> {
  if (first === null || old === undefined) {
    const rows = second === null ? 0 : countRows(second, name);
    return { name, before: 0, after: rows, added: rows, removed: 0, changed: 0 };
  }
  if (second === null || now === undefined) {
    const rows = countRows(first, name);
    return { name, before: rows, after: 0, added: 0, removed: rows, changed: 0 };
  }
  const isAnyVirtual = isVirtual(old) || isVirtual(now);
  const pairing = pairingOf(first, second, name, isAnyVirtual, WITH_ROWID.test(old.sql) && WITH_ROWID.test(now.sql));
  const rows: DifferingRow[] = [];
  const encoding = commonEncoding(first, second);
  const keep = (change: RowChange): void => {
    if (rows.length < limit) {
      const where = pairing.key.length === 0 ? {} : { where: rowCondition(pairing, change) };
      rows.push({ kind: change.kind, before: shownRow(change.before, encoding), after: shownRow(change.after, encoding), ...where });
    }
  };
  const walk = (range?: RowRange): ReturnType<typeof diffTable> => diffTable(first, second, name, pairing, turn, keep, range);
  const counts =
    isAttached && pairing.isByRowid && !isAnyVirtual
      ? await countByRanges(first, name, pairing, turn, async (range) => {
          if (rows.length < limit) {
            await walk(range);
          }
        })
      : await walk();
  return { name, ...counts, ...columnsOf(pairing), ...(rows.length > 0 && { columns: pairing.columns, key: pairing.key, rows }) };
}

/** Texts are compared by their bytes. */
function commonEncoding(first: Connection, second: Connection): string {
  const [one, other] = [first, second].map((db) => String(db.pragma('encoding', { simple: true }))) as [string, string];
  if (one !== other) {
    throw new BackupError('READ_FAILED', said`its texts are stored as ${one} and as ${other}.`, 'Compare with another backup.');
  }
  return one;
}

function columnsOf({ onlyBefore, onlyAfter }: TablePairing): Pick<TableDifference, 'onlyBefore' | 'onlyAfter'> {
  return { ...(onlyBefore.length > 0 && { onlyBefore }), ...(onlyAfter.length > 0 && { onlyAfter }) };
}

function shownRow(values: RowChange['before'], encoding: string): string[] | null {
  const types = String(values?.at(-1) ?? '');
  return values?.slice(0, -1).map((value, index) => shownValue(value, types.charAt(index) === 't', encoding)) ?? null;
}

/** By name in small letters; shadow tables of virtual ones are compared through these. */
function tablesIn(db: Connection | null, entries: readonly SchemaEntry[]): Map<string, SchemaEntry> {
  const shadows = db === null ? new Set<string>() : shadowTables(db);
  const tables = entries.filter(({ type, name }) => type === 'table' && !shadows.has(folded(name)));
  return new Map(tables.map((entry) => [folded(entry.name), entry]));
}

function isWanted({ tables }: TableWishes, key: string): boolean {
  return tables?.some((each) => folded(each) === key) ?? true;
}

function isDifferent({ added, removed, changed, onlyBefore, onlyAfter }: TableDifference): boolean {
  return added + removed + changed > 0 || onlyBefore !== undefined || onlyAfter !== undefined;
}

/** Tells of the share of tables that is done, as bytes of both databases: nothing else is known before it is read. */
function progressOf({ first, second }: TableSides, tables: number, { onProgress, signal }: OperationOptions) {
  const size = (db: Connection | null): number =>
    db === null ? 0 : Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const totalBytes = size(first) + size(second);
  let done = 0;
  return {
    turn: async (): Promise<void> => {
      onProgress?.({ phase: 'compare', doneBytes: tables === 0 ? 0 : Math.round((totalBytes * done) / tables), totalBytes });
      await setImmediate();
      throwIfCancelled(signal);
    },
    tableDone: (): void => {
      done++;
    },
  };
}
