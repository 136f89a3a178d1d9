// Compares two databases: schema for schema and row for row, with types and bytes.
import { readDatabase, type Connection } from './connection';
import { literal, type SqlValue } from './dump/literal';
import { scanRows } from './dump/scan';
import { exactly, isVirtual, readColumns, readSchema, type TableColumns } from './dump/tables';
import { attachOther, isSameForSure } from './same-rows';
import { said } from '../said';

export interface DatabaseDifference {
  /** The table, index, view, trigger or pragma that differs. */
  readonly name: string;
  readonly difference: string;
}

const HEADER_PRAGMAS = ['user_version', 'application_id', 'encoding'];
const LONGEST_SHOWN = 200;

/**
 * What differs between two databases at rest; empty: they hold the same. The order of the schema, the statistics of
 * ANALYZE and the layout of pages do not count. At most one difference of rows is told per table.
 */
export function compareDatabases(firstFile: string, secondFile: string): DatabaseDifference[] {
  return readDatabase(firstFile, (first) =>
    readDatabase(secondFile, (second) => {
      // A wide table is read by several queries at once; nothing is written here.
      first.unsafeMode(true);
      second.unsafeMode(true);
      const differences = [...compareHeaders(first, second), ...compareSchemas(first, second)];
      const others = new Set(readSchema(second).tables.map((entry) => entry.name));
      const { tables } = readSchema(first);
      const isAlike = differences.length === 0;
      if (isAlike) {
        attachOther(first, secondFile);
      }
      for (const entry of tables) {
        if (!isVirtual(entry) && others.has(entry.name)) {
          differences.push(...compareRows(first, second, entry.name, isAlike));
        }
      }
      return [...differences, ...compareSequences(first, second)];
    }),
  );
}

function compareHeaders(first: Connection, second: Connection): DatabaseDifference[] {
  return HEADER_PRAGMAS.flatMap((name) => {
    const [before, after] = [first, second].map((db) => String(db.pragma(name, { simple: true })));
    return before === after ? [] : [{ name, difference: `${before ?? ''} and ${after ?? ''}` }];
  });
}

function compareSchemas(first: Connection, second: Connection): DatabaseDifference[] {
  const [before, after] = [objects(first), objects(second)] as const;
  const differences: DatabaseDifference[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [left, right] = [before.get(name), after.get(name)];
    if (left !== right) {
      differences.push({
        name,
        difference: left === undefined ? 'only in the second' : right === undefined ? 'only in the first' : `${left} and ${right}`,
      });
    }
  }
  return differences;
}

function objects(db: Connection): Map<string, string> {
  const { tables, later } = readSchema(db);
  return new Map([...tables, ...later].map((entry) => [`${entry.type} ${entry.name}`, entry.sql.trimEnd()]));
}

/** `isAlike`: the second is attached to the first. */
function compareRows(first: Connection, second: Connection, table: string, isAlike: boolean): DatabaseDifference[] {
  const columns = readColumns(first, table);
  const [before, after] = [rowExpressions(columns), rowExpressions(readColumns(second, table))];
  if (before.join() !== after.join()) {
    return [{ name: table, difference: 'its columns differ' }];
  }
  if (isAlike && isSameForSure(first, table, columns)) {
    return [];
  }
  return firstDifference(
    table,
    [first, second].map((db) => scanRows(db, table, before)),
  );
}

/**
 * Every column that the file holds, with its type, and the rowid, in the order of the table's own b-tree. What is worked out
 * from them whenever it is read is no content, and may be made to take any time.
 */
function rowExpressions({ names, kept, rowid }: TableColumns): string[] {
  return [...(rowid === undefined ? [] : [rowid]), ...[...names, ...kept].flatMap(exactly)];
}

function compareSequences(first: Connection, second: Connection): DatabaseDifference[] {
  const name = 'sqlite_sequence';
  const [before, after] = [first, second].map((db) => readSchema(db).hasSequence);
  return before === true && after === true
    ? firstDifference(
        name,
        [first, second].map((db) =>
          db.prepare<[], SqlValue[]>('SELECT name, seq FROM sqlite_sequence ORDER BY name, seq').raw().safeIntegers().iterate(),
        ),
      )
    : [];
}

function firstDifference(name: string, [left, right]: readonly IterableIterator<SqlValue[]>[]): DatabaseDifference[] {
  if (left === undefined || right === undefined) {
    return [];
  }
  try {
    for (let row = 1; ; row++) {
      const [before, after] = [left.next(), right.next()];
      if (before.done === true && after.done === true) {
        return [];
      }
      if (before.done === true || after.done === true) {
        return [{ name, difference: said`only the ${before.done === true ? 'second' : 'first'} has row ${row}` }];
      }
      if (!sameRow(before.value, after.value)) {
        return [{ name, difference: said`row ${row}: ${shown(before.value)} and ${shown(after.value)}` }];
      }
    }
  } finally {
    left.return?.();
    right.return?.();
  }
}

function sameRow(left: readonly SqlValue[], right: readonly SqlValue[]): boolean {
  return left.length === right.length && left.every((value, index) => sameValue(value, right[index] ?? null));
}

function sameValue(left: SqlValue, right: SqlValue): boolean {
  return left instanceof Buffer && right instanceof Buffer ? left.equals(right) : Object.is(left, right);
}

function shown(row: readonly SqlValue[]): string {
  return row
    .map((value) => literal(value instanceof Buffer ? value.subarray(0, LONGEST_SHOWN) : value))
    .join(', ')
    .slice(0, LONGEST_SHOWN);
}
