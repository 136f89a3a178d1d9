// What differs between two states, as text in the manner of `git diff --stat`.
import type { Comparison } from '../../engine/engine';
import { printable } from './words';

/** Parts of the comparison that are wanted; without any of them all are. */
export interface Wanted {
  readonly schema?: boolean;
  readonly changedUploads?: boolean;
}

const LONGEST_BAR = 40;

/** A line for each table and file that differs, and a line that adds them up. */
export function comparisonText(
  { from, to, schema, tables, uploads, revisions }: Comparison,
  { schema: onlySchema, changedUploads }: Wanted,
): string {
  const isAll = onlySchema !== true && changedUploads !== true;
  const lines = [
    ...(isAll || onlySchema === true ? schemaLines(schema) : []),
    ...(isAll ? tableLines(tables) : []),
    ...(isAll || changedUploads === true ? uploadLines(uploads) : []),
  ];
  const heading = [`From ${nameOf(from)} to ${nameOf(to)}:`];
  const moved = revisions.from.join() === revisions.to.join() ? [] : [` revision ${shown(revisions.from)} -> ${shown(revisions.to)}`];
  return lines.length + moved.length === 0
    ? `${nameOf(from, true)} and ${nameOf(to)} do not differ.`
    : [...heading, ...moved, ...lines].join('\n');
}

function nameOf(name: string, isFirst = false): string {
  return name === 'live' ? `${isFirst ? 'The' : 'the'} current data` : printable(name);
}

function shown(revisions: readonly string[]): string {
  return revisions.length === 0 ? 'none' : revisions.map(printable).join(', ');
}

function schemaLines({ added, removed, changed }: Comparison['schema']): string[] {
  const line = (sign: string) => (object: { readonly type: string; readonly name: string }) =>
    ` ${sign} ${object.type} ${printable(object.name)}`;
  return [...added.map(line('+')), ...removed.map(line('-')), ...changed.map(line('~'))];
}

function tableLines(tables: Comparison['tables']): string[] {
  const width = Math.max(0, ...tables.map(({ name }) => printable(name).length));
  const most = Math.max(1, ...tables.map(({ added, removed, changed }) => added + removed + changed));
  return tables.map(({ name, added, removed, changed, onlyBefore = [], onlyAfter = [] }) => {
    const scale = (count: number, sign: string): string =>
      sign.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * Math.min(most, LONGEST_BAR))));
    const bar = scale(added, '+') + scale(changed, '~') + scale(removed, '-');
    const columns = [...onlyBefore.map((column) => `-${column}`), ...onlyAfter.map((column) => `+${column}`)].map(printable);
    const note = columns.length === 0 ? '' : ` (columns ${columns.join(' ')})`;
    return ` ${printable(name).padEnd(width)} | ${String(added + removed + changed).padStart(5)} ${bar}${note}`.trimEnd();
  });
}

function uploadLines({ added, removed, changed }: Comparison['uploads']): string[] {
  const line = (sign: string) => (path: string) => ` ${sign} ${printable(path)}`;
  return [...added.map(line('+')), ...removed.map(line('-')), ...changed.map(line('~'))];
}
