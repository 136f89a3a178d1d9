// Rows as aligned text.

type Cells = readonly string[];

export function columnWidths(columns: Cells, rows: readonly Cells[]): number[] {
  return columns.map((column, index) => rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), column.length));
}

/** A line for the column names and one for each row. */
export function alignedRows(columns: Cells, rows: readonly Cells[], widths = columnWidths(columns, rows)): string[] {
  return [columns, ...rows].map((cells) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
}
