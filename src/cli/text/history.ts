// What `pats-backup log` and `pats-backup find` print.
import type { FoundRows, TableInBackup } from '../../engine/engine';
import { tableText } from './table';
import { ageText, countOf, printable } from './words';

/** A line for each backup, newest first, with the difference from the one before it. */
export function tableLogText(log: readonly TableInBackup[], now: Date, width: number): string {
  const entries = log.map((entry, index) => ({ ...entry, older: log.slice(index + 1).find(({ rows }) => rows !== null)?.rows ?? null }));
  return tableText<(typeof entries)[number]>(
    [
      { title: 'BACKUP', text: ({ name }) => printable(name) },
      { title: 'WHEN', text: ({ createdAt }) => ageText(createdAt, now) },
      { title: 'ROWS', text: ({ rows }) => (rows === null ? '-' : rows.toLocaleString('en')), align: 'right' },
      { title: 'CHANGE', text: ({ rows, older }) => changeText(rows, older), align: 'right' },
    ],
    entries,
    width,
  ).join('\n');
}

function changeText(rows: number | null, older: number | null): string {
  if (rows === null || older === null || rows === older) {
    return '';
  }
  return `${rows > older ? '+' : ''}${(rows - older).toLocaleString('en')}`;
}

/** Which backup has the rows, some of them, and how they come back. */
export function foundText({ table, backup, createdAt, rows, columns, first }: FoundRows, now: Date): string {
  if (backup === null || createdAt === null) {
    return `No backup has such rows in ${printable(table)}.`;
  }
  const lines = first.map((row) => `  ${row.map((value, index) => printable(`${columns[index] ?? ''}=${value}`)).join(' ')}`);
  const more = rows > first.length ? [`  ... and ${countOf(rows - first.length, 'more row')}`] : [];
  return [
    `${printable(backup)}, ${ageText(createdAt, now)}, has ${countOf(rows, 'such row')} in ${printable(table)}:`,
    ...lines,
    ...more,
  ].join('\n');
}
