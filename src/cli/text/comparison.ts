// What differs between two states, as text in the manner of `git diff --stat`, with rows and statements where they were asked for.
import type { Comparison, DifferingRow, TableDifference } from '../../engine/engine';
import { countOf, printable } from './words';

/** What was asked for. */
export interface Wanted {
  readonly stat?: boolean;
  readonly schema?: boolean;
}

const LONGEST_BAR = 40;
const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** A line for each object, table and file that differs, rows below their table, and a line that adds them up. */
export function comparisonText(comparison: Comparison, wanted: Wanted): string {
  const { from, to, schema, tables, uploads, revisions } = comparison;
  const moved = revisions.from.join() === revisions.to.join() ? [] : [` revision ${shown(revisions.from)} -> ${shown(revisions.to)}`];
  const lines = [...moved, ...schemaLines(schema, wanted.schema === true), ...tableLines(tables), ...uploadLines(uploads)];
  return lines.length === 0
    ? `${nameOf(from, true)} and ${nameOf(to)} do not differ.`
    : [`From ${nameOf(from)} to ${nameOf(to)}:`, ...lines, ` ${sumOf(comparison)}`].join('\n');
}

function nameOf(name: string, isFirst = false): string {
  return name === 'live' ? `${isFirst ? 'The' : 'the'} current data` : printable(name);
}

function shown(revisions: readonly string[]): string {
  return revisions.length === 0 ? 'none' : revisions.map(printable).join(', ');
}

function schemaLines({ added, removed, changed }: Comparison['schema'], withStatements: boolean): string[] {
  const line = (sign: string, object: { readonly type: string; readonly name: string }): string =>
    ` ${sign} ${object.type} ${printable(object.name)}`;
  const statement = (sign: string, sql: string): string[] =>
    withStatements ? sql.split(/\r\n|\r|\n/).map((each) => `     ${sign} ${printable(each)}`) : [];
  return [
    ...added.flatMap((object) => [line('+', object), ...statement('+', object.sql)]),
    ...removed.flatMap((object) => [line('-', object), ...statement('-', object.sql)]),
    ...changed.flatMap((object) => [line('~', object), ...statement('-', object.before), ...statement('+', object.sql)]),
  ];
}

function tableLines(tables: readonly TableDifference[]): string[] {
  const width = Math.max(0, ...tables.map(({ name }) => printable(name).length));
  const most = Math.max(1, ...tables.map(({ added, removed, changed }) => added + removed + changed));
  return tables.flatMap((table) => {
    const { name, added, removed, changed, onlyBefore = [], onlyAfter = [] } = table;
    const scale = (count: number, sign: string): string =>
      sign.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * Math.min(most, LONGEST_BAR))));
    const bar = scale(added, '+') + scale(changed, '~') + scale(removed, '-');
    const columns = [...onlyBefore.map((column) => `-${column}`), ...onlyAfter.map((column) => `+${column}`)].map(printable);
    const note = columns.length === 0 ? '' : ` (columns ${columns.join(' ')})`;
    return [
      ` ${printable(name).padEnd(width)} | ${String(added + removed + changed).padStart(5)} ${bar}${note}`.trimEnd(),
      ...rowLines(table),
    ];
  });
}

function rowLines({ columns = [], key = [], rows = [], added, removed, changed }: TableDifference): string[] {
  const left = added + removed + changed - rows.length;
  return [
    ...rows.map((row) => `     ${SIGNS[row.kind]} ${rowText(columns, key, row)}`),
    ...(rows.length > 0 && left > 0 ? [`     ... and ${countOf(left, 'more row')}: see --limit`] : []),
  ];
}

/** Of a changed row its key, or else its first column, which mostly names it, and the values that changed. */
function rowText(columns: readonly string[], key: readonly string[], { kind, before, after }: DifferingRow): string {
  const named = (index: number, value: string): string => printable(`${columns[index] ?? ''}=${value}`);
  if (kind !== 'changed' || before === null || after === null) {
    return (before ?? after ?? []).map((value, index) => named(index, value)).join(' ');
  }
  const naming = columns.flatMap((column, index) => (key.includes(column) ? [index] : []));
  const names = (naming.length === 0 ? [0] : naming).filter((index) => before[index] === after[index]);
  const changes = after.flatMap((value, index) =>
    value === before[index] ? [] : [printable(`${columns[index] ?? ''}: ${before[index] ?? ''} -> ${value}`)],
  );
  const cells = [names.map((index) => named(index, after[index] ?? '')).join(' '), ...changes].filter((cell) => cell !== '');
  return changes.length === 0 ? `${cells.join('')} (values too long to show differ)` : cells.join('  ');
}

function uploadLines({ added, removed, changed }: Comparison['uploads']): string[] {
  const line = (sign: string) => (path: string) => ` ${sign} ${printable(path)}`;
  return [...added.map(line('+')), ...removed.map(line('-')), ...changed.map(line('~'))];
}

/** "2 tables differ: 3 rows added(+), 1 changed(~), 1 removed(-); uploads: 1 file added(+)". */
function sumOf({ schema, tables, uploads }: Comparison): string {
  const total = (kind: 'added' | 'removed' | 'changed'): number => tables.reduce((sum, table) => sum + table[kind], 0);
  const counts = (of: (kind: 'added' | 'removed' | 'changed') => number, noun: string): string[] =>
    (['added', 'changed', 'removed'] as const).flatMap((kind) =>
      of(kind) === 0 ? [] : [`${countOf(of(kind), noun)} ${kind}(${SIGNS[kind]})`],
    );
  const sums = [
    counts((kind) => schema[kind].length, 'schema object').join(', '),
    counts(total, 'row').join(', '),
    counts((kind) => uploads[kind].length, 'file').join(', '),
  ].filter((sum) => sum !== '');
  return sums.length === 0 ? 'no rows or files differ' : sums.join('; ');
}
