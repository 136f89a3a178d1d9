// The rows of a database put beside the migrations of the files: what is pending, what is unknown, what is written oddly.
import type { Migration, MigrationHistory } from '../tool';

export interface Position {
  /** In the order in which they are applied; empty where an unknown row may stand for any of them. */
  readonly pending: readonly Migration[];
  /** Rows that are in no file. */
  readonly unknown: readonly string[];
  readonly abbreviated: readonly { readonly row: string; readonly revision: string }[];
  /** Rows that another row includes. */
  readonly overlapping: readonly { readonly row: string; readonly by: string }[];
  /** What the rows should say instead; empty when they are fine or cannot be known. */
  readonly stampAs: readonly string[];
}

export function positionOf(history: MigrationHistory, rows: readonly string[]): Position {
  const byId = new Map(history.migrations.map((migration) => [migration.revision, migration]));
  const unknown: string[] = [];
  const abbreviated: { row: string; revision: string }[] = [];
  const revisions = new Set<string>();
  for (const row of rows) {
    const revision = byId.has(row) ? row : history.rowsImplyAncestors ? onlyOneThatBegins(row, byId.keys()) : undefined;
    if (revision === undefined) {
      unknown.push(row);
    } else {
      revisions.add(revision);
      abbreviated.push(...(revision === row ? [] : [{ row, revision }]));
    }
  }
  const overlapping = history.rowsImplyAncestors ? overlaps([...revisions], byId) : [];
  const applied = history.rowsImplyAncestors ? withAncestors(revisions, byId) : revisions;
  const covered = new Set(overlapping.map(({ row }) => row));
  const isOdd = (abbreviated.length > 0 || overlapping.length > 0) && unknown.length === 0;
  // What an unknown row includes is unknown, too.
  const isOpen = history.rowsImplyAncestors && unknown.length > 0;
  return {
    pending: isOpen ? [] : history.migrations.filter(({ revision }) => !applied.has(revision)),
    unknown,
    abbreviated,
    overlapping,
    stampAs: isOdd ? [...revisions].filter((revision) => !covered.has(revision)) : [],
  };
}

/** The given revisions and everything that they stand on. */
export function withAncestors(revisions: Iterable<string>, byId: ReadonlyMap<string, Pick<Migration, 'parents'>>): Set<string> {
  const seen = new Set<string>();
  const todo = [...revisions];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (!seen.has(id)) {
      seen.add(id);
      todo.push(...(byId.get(id)?.parents ?? []));
    }
  }
  return seen;
}

function overlaps(revisions: readonly string[], byId: ReadonlyMap<string, Migration>): { row: string; by: string }[] {
  const found = new Map<string, string>();
  for (const by of revisions) {
    for (const row of withAncestors(byId.get(by)?.parents ?? [], byId)) {
      if (row !== by && revisions.includes(row) && !found.has(row)) {
        found.set(row, by);
      }
    }
  }
  return [...found].map(([row, by]) => ({ row, by }));
}

function onlyOneThatBegins(row: string, ids: Iterable<string>): string | undefined {
  const [first, second] = [...ids].filter((id) => id.startsWith(row));
  return second === undefined ? first : undefined;
}
