// Compares two databases: schema for schema and row for row, with types and bytes.
import { readDatabase, type Connection } from './connection';
import { literal, quoteName, type SqlValue } from './dump/literal';
import { exactly, isVirtual, readColumns, readSchema, scan } from './dump/tables';

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
      const differences = [...compareHeaders(first, second), ...compareSchemas(first, second)];
      const others = new Set(readSchema(second).tables.map((entry) => entry.name));
      for (const entry of readSchema(first).tables) {
        if (!isVirtual(entry) && others.has(entry.name)) {
          differences.push(...compareRows(first, second, entry.name));
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

function compareRows(first: Connection, second: Connection, table: string): DatabaseDifference[] {
  const query = rowQuery(first, table);
  if (query !== rowQuery(second, table)) {
    return [{ name: table, difference: 'its columns differ' }];
  }
  return firstDifference(first, second, table, query);
}

/** Every column with its type, generated ones too, and the rowid, in the order of the table's own b-tree. */
function rowQuery(db: Connection, table: string): string {
  const { names, generated, rowid } = readColumns(db, table);
  return scan(table, [...(rowid === undefined ? [] : [rowid]), ...[...names, ...generated].flatMap(exactly)]);
}

function compareSequences(first: Connection, second: Connection): DatabaseDifference[] {
  const name = 'sqlite_sequence';
  const [before, after] = [first, second].map((db) => readSchema(db).hasSequence);
  return before === true && after === true
    ? firstDifference(first, second, name, `SELECT name, seq FROM ${quoteName(name)} ORDER BY name, seq`)
    : [];
}

function firstDifference(first: Connection, second: Connection, name: string, query: string): DatabaseDifference[] {
  const [left, right] = [first, second].map((db) => db.prepare<[], SqlValue[]>(query).raw().safeIntegers().iterate()) as [
    IterableIterator<SqlValue[]>,
    IterableIterator<SqlValue[]>,
  ];
  try {
    for (let row = 1; ; row++) {
      const [before, after] = [left.next(), right.next()];
      if (before.done === true && after.done === true) {
        return [];
      }
      if (before.done === true || after.done === true) {
        return [{ name, difference: `only the ${before.done === true ? 'second' : 'first'} has row ${row}` }];
      }
      if (!sameRow(before.value, after.value)) {
        return [{ name, difference: `row ${row}: ${shown(before.value)} and ${shown(after.value)}` }];
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
