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
  const byId = migrationsById(history);
  const idThatBegins = lookUpByBeginning(history);
  const unknown: string[] = [];
  const abbreviated: { row: string; revision: string }[] = [];
  const revisions = new Set<string>();
  for (const row of rows) {
    const revision = byId.has(row) ? row : history.rowsImplyAncestors ? idThatBegins(row) : undefined;
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

/** The first of the revisions that includes another one. What stands below a revision is walked through once, not for each that stands on it. */
function overlaps(revisions: readonly string[], byId: ReadonlyMap<string, Migration>): { row: string; by: string }[] {
  const rows = new Set(revisions);
  const found = new Map<string, string>();
  const seen = new Set<string>();
  for (const by of revisions) {
    const todo = [...(byId.get(by)?.parents ?? [])];
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      // A cycle may lead back to where it began: that one is for another to find.
      if (id === by || seen.has(id)) {
        continue;
      }
      seen.add(id);
      if (rows.has(id)) {
        found.set(id, by);
      }
      todo.push(...(byId.get(id)?.parents ?? []));
    }
  }
  return [...found].map(([row, by]) => ({ row, by }));
}

const ids = new WeakMap<MigrationHistory, ReadonlyMap<string, Migration>>();

/** The migrations of a history by revision. */
export function migrationsById(history: MigrationHistory): ReadonlyMap<string, Migration> {
  const known = ids.get(history) ?? new Map(history.migrations.map((migration) => [migration.revision, migration]));
  ids.set(history, known);
  return known;
}

/** Finds the only revision that begins with a text, however many texts there are; undefined: there is none, or more than one. */
function lookUpByBeginning(history: MigrationHistory): (row: string) => string | undefined {
  let sorted: string[] | undefined;
  return (row) => {
    sorted ??= [...migrationsById(history).keys()].sort();
    let low = 0;
    for (let high = sorted.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? '') < row) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const [first, second] = [sorted[low], sorted[low + 1]];
    return first?.startsWith(row) === true && second?.startsWith(row) !== true ? first : undefined;
  };
}
