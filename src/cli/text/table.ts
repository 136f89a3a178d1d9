// Columns of text, aligned with spaces and fitted to the width of a terminal.

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'right';
}

const GAP = 2;

/** A line for the titles and one for each row. Columns that do not fit the width are left out, the last ones first. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const cells = columns.map((column) => [column.title, ...rows.map(column.text)]);
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  let used = 0;
  let shown = 0;
  for (const [index, columnWidth] of widths.entries()) {
    used += columnWidth + (index > 0 ? GAP : 0);
    if (index > 0 && used > width) {
      break;
    }
    shown++;
  }
  const line = (row: number): string =>
    columns
      .slice(0, shown)
      .map((column, index) => {
        const cell = cells[index]?.[row] ?? '';
        return column.align === 'right' ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [...Array(rows.length + 1).keys()].map(line);
}

/** "name  value" lines with aligned values; lines of a value that has several stay in its column. */
export function fieldsText(fields: readonly (readonly [name: string, value: string])[]): string {
  const shown = fields.filter(([, value]) => value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length)) + GAP;
  return shown.map(([name, value]) => `${name.padEnd(width)}${value.split('\n').join(`\n${' '.repeat(width)}`)}`).join('\n');
}
