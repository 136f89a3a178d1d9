// Which rows a key in the list means: the row that has the focus, and those selected with it.

/** What knows the selected rows, in the order in which they were selected. */
interface Selecting<Row> {
  readonly selection: readonly Row[];
}

/**
 * The row with the focus first, then the other selected rows where it is one of them. Arrow keys move the focus alone, and
 * VS Code tells an extension only what is selected: `toggle` selects the row with the focus, or no longer, so that the
 * difference says which one it is; a second time it leaves everything as it was. Nothing where no row has the focus.
 */
export async function rowsOfKey<Row>(
  view: Selecting<Row>,
  keyOf: (row: Row) => string,
  toggle: () => PromiseLike<unknown>,
): Promise<readonly Row[]> {
  const before = view.selection;
  await toggle();
  const after = view.selection;
  await toggle();
  const keys = (rows: readonly Row[]): ReadonlySet<string> => new Set(rows.map(keyOf));
  const [had, has] = [keys(before), keys(after)];
  const added = after.filter((row) => !had.has(keyOf(row)));
  const removed = before.filter((row) => !has.has(keyOf(row)));
  if (added.length + removed.length !== 1) {
    return [];
  }
  return added.length === 1 ? added : [...removed, ...before.filter((row) => !removed.includes(row))];
}
