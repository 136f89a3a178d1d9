// What differs between two states as pairs of texts for a multi-file diff, and as the one line of the restore dialog.
import { t } from '@vscode/l10n';
import { alignedRows, columnWidths } from './rows';
import type { Comparison, DifferingRow, TableDifference } from '../../engine/engine';

/** One document of the diff: its label, and the text of each side. */
export interface ComparedText {
  readonly label: string;
  readonly left: string;
  readonly right: string;
}

/** Rows of each table that are read for the diff. */
export const ROWS_COMPARED = 500;

/** One document for the schema, one for each table, one for the uploads; only those that differ. */
export function comparedTexts({ schema, tables, uploads }: Comparison): ComparedText[] {
  const object = ({ sql }: { readonly sql: string }): string => `${sql};\n`;
  const was = [...schema.removed.map(object), ...schema.changed.map(({ before }) => `${before};\n`)].join('\n');
  const is = [...schema.added.map(object), ...schema.changed.map(object)].join('\n');
  const files = (paths: readonly string[], note = ''): string[] => paths.map((path) => `${path}${note}`);
  const left = [...files(uploads.removed), ...files(uploads.changed)].sort();
  const right = [...files(uploads.added), ...files(uploads.changed, `  (${t('other content')})`)].sort();
  return [
    ...(was + is === '' ? [] : [{ label: 'schema.sql', left: was, right: is }]),
    ...tables.map(tableText),
    ...(left.length + right.length === 0 ? [] : [{ label: 'uploads.txt', left: lines(left), right: lines(right) }]),
  ];
}

function tableText(table: TableDifference): ComparedText {
  const { name, columns = [], rows = [], added, removed, changed, before, after } = table;
  const widths = columnWidths(
    columns,
    rows.flatMap((row) => [row.before ?? [], row.after ?? []]),
  );
  const side = (values: (row: DifferingRow) => readonly string[] | null, count: number): string => {
    const left = added + removed + changed - rows.length;
    return lines([
      t('{0} rows; only those that differ are shown', count),
      ...alignedRows(
        columns,
        rows.map(values).filter((cells) => cells !== null),
        widths,
      ),
      ...(left > 0 ? [t('... and {0} more rows that differ', left)] : []),
    ]);
  };
  return { label: `${name}.txt`, left: side((row) => row.before, before), right: side((row) => row.after, after) };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

/** "Will be lost: 12 rows in applications, 2 uploads. Will come back: 3 rows in companies." */
export function lossText({ tables, uploads, schema, migrationTables = [] }: Comparison): string {
  // The migration tool's own records follow the schema: nobody loses them.
  const own = tables.filter(({ name }) => !migrationTables.includes(name));
  const rows = (count: (table: TableDifference) => number): string[] =>
    own
      .filter((table) => count(table) > 0)
      .map((table) => (count(table) === 1 ? t('1 row in {0}', table.name) : t('{0} rows in {1}', count(table), table.name)));
  const files = (count: number): string[] => (count === 0 ? [] : [count === 1 ? t('1 upload') : t('{0} uploads', count)]);
  const lost = [...rows((table) => table.removed), ...files(uploads.removed.length)];
  const changed = [...rows((table) => table.changed), ...files(uploads.changed.length)];
  const gained = [...rows((table) => table.added), ...files(uploads.added.length)];
  const sentences = [
    ...(lost.length > 0 ? [t('Will be lost: {0}.', shortened(lost))] : []),
    ...(changed.length > 0 ? [t('Will change back: {0}.', shortened(changed))] : []),
    ...(gained.length > 0 ? [t('Will come back: {0}.', shortened(gained))] : []),
    ...(schema.added.length + schema.removed.length + schema.changed.length > 0 ? [t('The schema differs.')] : []),
  ];
  const isSame = sentences.length === 0 && own.length === tables.length;
  return isSame
    ? t('The current data is the same as in the backup.')
    : sentences.length === 0
      ? t('Only the record of applied migrations differs.')
      : [sentences.join(' '), ...rowCounts(own)].join('\n');
}

/** "• applications: 12 rows now, 9 in the backup", of the tables whose number of rows differs. */
function rowCounts(tables: readonly TableDifference[]): string[] {
  const counted = tables.filter(({ before, after }) => before !== after);
  const rest = counted.length - NAMED;
  return [
    ...counted.slice(0, NAMED).map(({ name, before, after }) => t('• {0}: {1} rows now, {2} in the backup', name, before, after)),
    ...(rest > 0 ? [t('• and {0} more tables', rest)] : []),
  ];
}

const NAMED = 4;

function shortened(parts: readonly string[]): string {
  return parts.length <= NAMED ? parts.join(', ') : t('{0} and {1} more', parts.slice(0, NAMED).join(', '), parts.length - NAMED);
}
