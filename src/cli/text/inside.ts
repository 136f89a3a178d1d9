// The tables of a backup, with their numbers of rows.
import type { Inside } from '../../engine/engine';
import { tableText } from './table';
import { printable } from './words';

export function insideText({ tables }: Inside): string {
  return tables.length === 0
    ? 'The backup holds no tables.'
    : tableText(
        [
          { title: 'TABLE', text: ({ name }) => printable(name) },
          { title: 'ROWS', text: ({ rows }) => (rows === null ? '?' : String(rows)), align: 'right' },
        ],
        tables,
        Infinity,
      ).join('\n');
}
